// Sparse loss: what sampling costs. Paper, section 3.4:  l = .25 mean(pi1) + .75 mean(pi2),  L = mean of l over the blocks.
// pi is the probability before noise and grid prior. .25 : .75 is about the cost of conv1 to that of conv2 and conv3 in a bottleneck.
import * as tf from '@tensorflow/tfjs-core';

const SHARE1 = 0.25;
const SHARE2 = 0.75;

/** Probabilities of one block: `mask1` of conv1's output, `mask2` of conv2's. Any shape, usually [N,H,W,1] at two resolutions. */
export interface BlockProbabilities {
  mask1: tf.Tensor;
  mask2: tf.Tensor;
}

/**
 * Mean sampled share of the network, in [0,1].
 * @param blocks one entry a block.
 * @param weights one non-negative number a block, such as its MACs: a weighted mean instead of the plain one. Only ratios count.
 */
export function sparseLoss(blocks: readonly BlockProbabilities[], weights?: readonly number[]): tf.Scalar {
  if (blocks.length === 0) throw new Error('sparseLoss: no blocks; give the probabilities of at least one block');
  if (weights && weights.length !== blocks.length) {
    throw new Error(`sparseLoss: ${weights.length} weights for ${blocks.length} blocks; give one a block`);
  }
  const total = weights ? weights.reduce((a, b) => a + b, 0) : blocks.length;
  if (!(total > 0) || weights?.some((weight) => !(weight >= 0))) {
    throw new Error(`sparseLoss: weights [${weights}]; give non-negative numbers with a sum above 0`);
  }
  return tf.tidy(() => {
    const terms = blocks.map(({ mask1, mask2 }, b) => {
      const share = (weights ? weights[b] : 1) / total;
      return tf.add(tf.mul(tf.mean(mask1), SHARE1 * share), tf.mul(tf.mean(mask2), SHARE2 * share));
    });
    return tf.addN(terms) as tf.Scalar;
  });
}
