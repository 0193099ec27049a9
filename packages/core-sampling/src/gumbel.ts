// Two-class Gumbel softmax: the soft mask used in training. Paper, section 3.1, equations of the reparameterisation:
//   a = log(pi + e) + g(u),   b = log(1 - pi + e) + g(v),   g(u) = -log(-log(u + e) + e),   e = 1e-8
//   M = softmax([a, b] / temperature)[0] = sigmoid((a - b) / temperature)
// The mask stays soft in training: no rounding, no straight-through estimator.
//
// float32 cannot hold 1 - pi + e for pi near 1, nor u + e for u near 1. So 1 - pi is computed as sigmoid(-logits), and log(u + e) for
// u >= 1/2 as log1p(u - 1 + e), where u - 1 is exact. The result is the float64 one to a few float32 roundings, finite for every u in
// [0,1) and every finite logit, and so is its gradient.
import * as tf from '@tensorflow/tfjs-core';
import { assertMaskShape } from './checks.ts';

const EPSILON = 1e-8;

/** Uniform noise in [0,1), [N,H,W,1] each: `u` for the class "sample", `v` for "do not sample". */
export interface GumbelNoise {
  u: tf.Tensor4D;
  v: tf.Tensor4D;
}

/**
 * Soft mask, differentiable in the logits (the noise is a constant).
 * @param logits [N,H,W,1].
 * @param noise independent uniform numbers, each of the shape of the logits; see `uniformNoise`.
 * @param temperature > 0; 1 at the start of training, .03 at its end.
 * @returns [N,H,W,1] in [0,1]; P(M >= .5) = sigmoid(logits) at any temperature.
 */
export function gumbelMask(logits: tf.Tensor4D, noise: GumbelNoise, temperature: number): tf.Tensor4D {
  assertMaskShape('gumbelMask', 'logits', logits);
  for (const name of ['u', 'v'] as const) {
    if (String(noise[name].shape) !== String(logits.shape)) {
      throw new Error(`gumbelMask: noise ${name} [${noise[name].shape}] does not match logits [${logits.shape}]`);
    }
  }
  if (!(temperature > 0)) throw new Error(`gumbelMask: temperature is ${temperature}; give a number above 0`);
  return tf.tidy(() => {
    // exp of g(u) - g(v), the logistic noise.
    const [u, v] = tf.unstack(exponential(tf.stack([noise.u, noise.v])));
    return noisySigmoid(logits, tf.div(v, u), temperature);
  });
}

/**
 * M = sigmoid(log(odds r) / T), odds = (p + e) / (q + e), p = sigmoid(logits), q = sigmoid(-logits), r a constant; and
 * dM/dlogits = M (1 - M) / T pq / ((p + e)(q + e)), to the 2e by which p + e + q + e is not 1. By hand: a third of the operations.
 */
function noisySigmoid(logits: tf.Tensor4D, ratio: tf.Tensor, temperature: number): tf.Tensor4D {
  const operation = tf.customGrad((input, save) => {
    const x = input as tf.Tensor;
    const [p, q] = [tf.sigmoid(x), tf.sigmoid(tf.neg(x))];
    const [yes, no] = [tf.add(p, EPSILON), tf.add(q, EPSILON)];
    const mask = tf.sigmoid(tf.div(tf.log(tf.mul(tf.div(yes, no), ratio)), temperature));
    (save as tf.GradSaveFunc)([mask, p, q, yes, no]);
    const backward = (dy: tf.Tensor, [mask, p, q, yes, no]: tf.Tensor[]) => {
      const slope = tf.div(tf.mul(p, q), tf.mul(tf.mul(yes, no), temperature));
      return tf.mul(tf.mul(dy, slope), tf.mul(mask, tf.sub(1, mask)));
    };
    return { value: mask, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => backward(dy, saved)) };
  });
  return operation(logits) as tf.Tensor4D;
}

/** -log(u + e) + e, exact to float32 over all of [0,1). */
function exponential(u: tf.Tensor): tf.Tensor {
  const low = tf.log(tf.add(u, EPSILON));
  const high = tf.log1p(tf.add(tf.sub(u, 1), EPSILON));
  return tf.sub(EPSILON, tf.where(tf.less(u, 0.5), low, high));
}
