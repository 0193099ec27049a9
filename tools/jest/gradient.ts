// Test helper: the gradient tfjs computes against central differences of the function itself.
import * as tf from '@tensorflow/tfjs-core';

/**
 * Fails unless d f / d x agrees with (f(x + h) - f(x - h)) / 2h within `atol`, at every element or at every `every`-th.
 * `f` returns a scalar. float32: choose a step that leaves the difference well above the rounding.
 */
export function expectGradient(
  f: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  { step, atol, every = 1 }: { step: number; atol: number; every?: number },
): void {
  const got = tf.tidy(() => tf.grad((value) => f(value))(x)).dataSync();
  const values = x.dataSync().slice();
  const at = (index: number, shift: number) => {
    const moved = values.slice();
    moved[index] += shift;
    return tf.tidy(() => f(tf.tensor(moved, x.shape)).dataSync())[0];
  };
  for (let i = 0; i < values.length; i += every) {
    const want = (at(i, step) - at(i, -step)) / (2 * step);
    if (!(Math.abs(got[i] - want) <= atol)) throw new Error(`gradient at ${i} is ${got[i]}, finite difference ${want}`);
  }
}
