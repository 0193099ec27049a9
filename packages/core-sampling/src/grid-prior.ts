// Grid prior: M = max(M_grid, M), M_grid[::n, ::n] = 1 at the mask's own resolution, from cell (0,0). Paper, section 3.3.
import * as tf from '@tensorflow/tfjs-core';
import { assertMaskShape } from './checks.ts';

/**
 * The mask with every n-th cell along both axes set to 1. No gradient passes at those cells.
 * @param mask [N,H,W,1] in [0,1], soft or hard.
 * @param interval n; 0 returns the mask unchanged. The paper takes 11.
 */
export function withGridPrior(mask: tf.Tensor4D, interval: number): tf.Tensor4D {
  assertMaskShape('withGridPrior', 'mask', mask);
  if (!Number.isInteger(interval) || interval < 0) {
    throw new Error(`withGridPrior: interval is ${interval}; give a whole number of cells, or 0 for no grid`);
  }
  if (interval === 0) return mask;
  const [, height, width] = mask.shape;
  const cells = new Float32Array(height * width);
  for (let y = 0; y < height; y += interval) for (let x = 0; x < width; x += interval) cells[y * width + x] = 1;
  return tf.tidy(() => {
    const grid = tf.tensor4d(cells, [1, height, width, 1]);
    // The mask is at most 1, so the maximum is 1 on the grid and the mask elsewhere; written so, the gradient is cut on the grid.
    return tf.add(tf.mul(mask, tf.sub(1, grid)), grid) as tf.Tensor4D;
  });
}
