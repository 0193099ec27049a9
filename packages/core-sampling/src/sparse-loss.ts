// Sparse loss: what sampling costs. Paper, section 3.4:  l = .25 mean(pi1) + .75 mean(pi2),  L = mean of l over the blocks.
// pi is the probability before noise and grid prior. .25 : .75 is about the cost of conv1 to that of conv2 and conv3 in a bottleneck (4 : 9 + 4).
// With a mask for each convolution: l = .25 mean(pi1) + .5 mean(pi2) + .25 mean(pi3). With one for all, it stands for both pi1 and pi2.
import * as tf from '@tensorflow/tfjs-core';

const SHARES: Record<number, readonly number[]> = { 2: [0.25, 0.75], 3: [0.25, 0.5, 0.25] };

/** Probabilities of one block: `mask1` of conv1's output, `mask2` of conv2's, `mask3` of conv3's where it has its own. Usually [N,H,W,1] each. */
export interface BlockProbabilities {
  mask1: tf.Tensor;
  mask2: tf.Tensor;
  mask3?: tf.Tensor;
}

/**
 * Mean sampled share of the network, in [0,1].
 * @param blocks one entry a block.
 * @param weights one non-negative number a block, such as its MACs: a weighted mean instead of the plain one. Only ratios count.
 * @param shares of the masks in a block, in place of those above.
 */
export function sparseLoss(blocks: readonly BlockProbabilities[], weights?: readonly number[], shares?: readonly number[]): tf.Scalar {
  if (blocks.length === 0) throw new Error('sparseLoss: no blocks; give the probabilities of at least one block');
  if (weights && weights.length !== blocks.length) {
    throw new Error(`sparseLoss: ${weights.length} weights for ${blocks.length} blocks; give one a block`);
  }
  const total = weights ? weights.reduce((a, b) => a + b, 0) : blocks.length;
  if (!(total > 0) || weights?.some((weight) => !(weight >= 0))) {
    throw new Error(`sparseLoss: weights [${weights}]; give non-negative numbers with a sum above 0`);
  }
  return tf.tidy(() => {
    const terms = blocks.map(({ mask1, mask2, mask3 }, b) => {
      const masks = mask3 ? [mask1, mask2, mask3] : [mask1, mask2];
      const own = shares ?? SHARES[masks.length];
      if (own.length !== masks.length) {
        throw new Error(`sparseLoss: ${own.length} shares for the ${masks.length} masks of block ${b}; give one a mask`);
      }
      const share = (weights ? weights[b] : 1) / total;
      return tf.addN(masks.map((mask, m) => tf.mul(tf.mean(mask), own[m] * share)));
    });
    return tf.addN(terms) as tf.Scalar;
  });
}
