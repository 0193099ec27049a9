// Region proposal network (Ren et al. 2015, sec. 3.1): a 3x3 convolution, then for every anchor of every cell a score and four offsets;
// one set of weights for all levels (Lin et al. 2017, sec. 4.1).
import * as tf from '@tensorflow/tfjs-core';
import type { Params } from '../types.ts';
import { LAYERS } from './layout.ts';

// A type, not an interface: tf.tidy returns only what has an implicit index signature.
export type RpnOutput = {
  /** [N, anchors of all levels], logits. */
  objectness: tf.Tensor2D;
  /** [N, anchors of all levels, 4]. */
  deltas: tf.Tensor3D;
};

/** The raw answers for every anchor, in the order of anchorPyramid. */
export function rpnForward(params: Params, pyramid: readonly tf.Tensor4D[]): RpnOutput {
  const batch = pyramid[0].shape[0];
  const scores: tf.Tensor2D[] = [];
  const offsets: tf.Tensor3D[] = [];
  for (const level of pyramid) {
    const hidden = tf.relu(convolve(params, LAYERS.rpnConv, level));
    scores.push(tf.reshape(convolve(params, LAYERS.rpnObjectness, hidden), [batch, -1]) as tf.Tensor2D);
    offsets.push(tf.reshape(convolve(params, LAYERS.rpnDeltas, hidden), [batch, -1, 4]) as tf.Tensor3D);
  }
  return { objectness: tf.concat(scores, 1), deltas: tf.concat(offsets, 1) };
}

function convolve(params: Params, layer: string, x: tf.Tensor4D): tf.Tensor4D {
  return tf.add(tf.conv2d(x, params[`${layer}.weight`] as tf.Tensor4D, 1, 'same'), params[`${layer}.bias`]);
}
