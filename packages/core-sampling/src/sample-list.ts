// What a mask selects: its positions and its density. Both read the mask back from the backend, so call them outside the training step.
import type * as tf from '@tensorflow/tfjs-core';
import { assertMaskShape } from './checks.ts';

/**
 * Flat positions (n*H + y)*W + x of the non-zero cells, ascending.
 * @param mask [N,H,W,1].
 */
export function sampleList(mask: tf.Tensor4D): Int32Array {
  assertMaskShape('sampleList', 'mask', mask);
  const values = mask.dataSync();
  const positions = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) positions[count++] = i;
  return positions.slice(0, count);
}

/**
 * Share of the cells that are not zero, in [0,1].
 * @param mask [N,H,W,1], not empty.
 */
export function density(mask: tf.Tensor4D): number {
  return sampleList(mask).length / mask.size;
}
