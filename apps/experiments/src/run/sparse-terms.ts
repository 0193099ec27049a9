// The sparse loss in the configured form.
import { type Backbone, type BlockSamples, expectedMacs } from '@stint/backbones';
import { sparseLoss } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import type { LossConfig } from '../config/schema.ts';

/**
 * - plain: mean probability, .25/.75 (.25/.5/.25) in a block, mean over the blocks (paper, section 3.4);
 * - mac-weighted: expected MACs of the convolutions under masks, over those of the dense network;
 * - budget: (E[MACs] / dense - target)^2, all of the backbone's MACs.
 * @param size [H, W] of the images.
 */
export function sparseTerm(
  { sparse, blockWeights }: LossConfig,
  backbone: Backbone,
  samples: readonly BlockSamples[],
  size: readonly [number, number],
): tf.Scalar {
  if (sparse.kind === 'plain') {
    const probabilities = samples.map(({ probability1, probability2, probability3 }) => ({
      mask1: probability1,
      mask2: probability2,
      mask3: probability3,
    }));
    return sparseLoss(probabilities, undefined, blockWeights);
  }
  return tf.tidy(() => {
    const { conditional, total, denseConditional, denseTotal } = expectedMacs(backbone, size, samples);
    if (sparse.kind === 'mac-weighted') return tf.div(conditional, denseConditional) as tf.Scalar;
    return tf.square(tf.sub(tf.div(total, denseTotal), sparse.target)) as tf.Scalar;
  });
}
