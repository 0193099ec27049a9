// Initial weights: normal numbers as a tensor.
import { normalValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';

/** Tensor of `shape` with mean 0 and the given deviation, a pure function of the key. */
export function normal(shape: number[], deviation: number, key: readonly number[]): tf.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(
    normalValues(count, key).map((value) => deviation * value),
    shape,
  );
}
