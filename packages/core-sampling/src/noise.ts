// Counter-based noise (counter.ts) as tensors.
import * as tf from '@tensorflow/tfjs-core';
import { normalValues, uniformValues } from './counter.ts';

/**
 * Tensor of uniform noise on [0,1), float32: a pure function of (key, index), equal on every machine.
 * @param shape any rank.
 * @param key whole numbers that name the stream, such as [seed, step, layer].
 */
export function uniformNoise<R extends tf.Rank = tf.Rank>(shape: tf.ShapeMap[R], key: readonly number[]): tf.Tensor<R> {
  const dimensions = shape as number[];
  return tf.tensor(
    uniformValues(
      dimensions.reduce((a, b) => a * b, 1),
      key,
    ),
    shape,
    'float32',
  );
}

/**
 * Tensor of normal noise with mean 0, float32: a pure function of (key, index), such as initial weights need.
 * @param key whole numbers that name the stream, such as [seed, layer].
 */
export function normalNoise(shape: number[], deviation: number, key: readonly number[]): tf.Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(
    normalValues(count, key).map((value) => deviation * value),
    shape,
  );
}
