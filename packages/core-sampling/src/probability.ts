// Sampling probability of every position: pi = sigmoid(logits). Paper, section 3.1.
import * as tf from '@tensorflow/tfjs-core';
import { assertMaskShape } from './checks.ts';

/**
 * Probability that a position is sampled.
 * @param logits [N,H,W,1], output of a mask head.
 * @returns [N,H,W,1] in [0,1]. Differentiable.
 */
export function maskProbability(logits: tf.Tensor4D): tf.Tensor4D {
  assertMaskShape('maskProbability', 'logits', logits);
  return tf.sigmoid(logits);
}
