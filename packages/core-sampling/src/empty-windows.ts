// How much of a map interpolation cannot reach: positions whose window holds no sample. What the grid prior (paper, section 3.3) is there for.
import * as tf from '@tensorflow/tfjs-core';
import { assertMaskShape } from './checks.ts';

/**
 * Share of the positions around which a window holds no sampled position.
 * @param mask [N,H,W,1]; 1/2 and more counts as sampled. No gradient.
 * @param window side of the window, odd.
 */
export function emptyWindows(mask: tf.Tensor4D, window: number): tf.Scalar {
  assertMaskShape('emptyWindows', 'mask', mask);
  if (!Number.isInteger(window) || window % 2 === 0 || window < 1) {
    throw new Error(`emptyWindows: window is ${window}; give an odd number, such as 7`);
  }
  return tf.tidy(() => {
    const [count, height, width] = mask.shape;
    // Sums over windows as two matrix products: pooling of a single channel leaves vector units idle.
    const sampled = tf.cast(tf.reshape(tf.greaterEqual(mask, 0.5), [count, height, width]), 'float32') as tf.Tensor3D;
    const found = tf.matMul(band(height, window), tf.matMul(sampled, band(width, window)));
    return tf.mean(tf.cast(tf.less(found, 0.5), 'float32')) as tf.Scalar;
  });
}

/** [size,size], 1 where two positions are in one window of each other. */
function band(size: number, window: number): tf.Tensor2D {
  const values = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) if (2 * Math.abs(i - j) < window) values[i * size + j] = 1;
  }
  return tf.tensor2d(values, [size, size]);
}
