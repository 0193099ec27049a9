// Compares gradients of tfjs with central differences of the function itself.
import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from '../../../tools/jest/fixtures.ts';

type Differentiable = (...inputs: tf.Tensor[]) => tf.Tensor;

/**
 * Fails unless the gradients of sum(w * f(inputs)), w random, equal central differences. The sum is taken in doubles, so for a function
 * that is linear in its input any `step` is exact to float32's rounding.
 */
export function expectGradients(
  f: Differentiable,
  inputs: tf.Tensor[],
  {
    step = 0.5,
    rtol = 1e-3,
    atol = 1e-3,
    random = generator(7),
  }: { step?: number; rtol?: number; atol?: number; random?: () => number } = {},
): void {
  const shape = tf.tidy(() => f(...inputs).shape);
  const weights = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * 2 - 1);
  const w = tf.tensor(weights, shape);
  const gradients = tf.grads((...xs: tf.Tensor[]) => tf.sum(tf.mul(f(...xs), w)) as tf.Scalar)(inputs);
  const evaluate = (at: number, changed: Float32Array): number =>
    tf.tidy(() => {
      const values = inputs.map((input, i) => (i === at ? tf.tensor(changed, input.shape) : input));
      const y = f(...values).dataSync() as Float32Array;
      return y.reduce((sum, value, i) => sum + value * weights[i], 0);
    });
  inputs.forEach((input, at) => {
    const data = input.dataSync() as Float32Array;
    const want = data.map((value, i) => {
      const around = [1, -1].map((sign) => {
        const changed = data.slice();
        changed[i] = value + sign * step;
        return { x: changed[i], y: evaluate(at, changed) };
      });
      return (around[0].y - around[1].y) / (around[0].x - around[1].x);
    });
    expectClose(gradients[at].dataSync(), want, { rtol, atol }, `gradient of input ${at} [${input.shape}]`);
  });
  tf.dispose([w, ...gradients]);
}

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A tensor of uniform numbers in [-1, 1). */
export function uniform<R extends tf.Rank = tf.Rank>(shape: number[], random: () => number): tf.Tensor<R> {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * 2 - 1);
  return tf.tensor(data, shape) as tf.Tensor as tf.Tensor<R>;
}
