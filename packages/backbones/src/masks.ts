// Masks of a block from its heads: soft ones in training, hard ones at inference. Paper, sections 3.1 and 3.4.
import { type GumbelNoise, gumbelMask, maskProbability, sampleMask, uniformValues, withGridPrior } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import { subsample } from './convolve.ts';
import { maskHeads, readsOnly } from './integration.ts';
import { maskLogits } from './mask-heads.ts';
import type { BlockSamples, BlockSpec, ForwardContext, MaskIndex, Params } from './types.ts';

/** Temperature at which injected noise draws hard masks; the paper's. The threshold 1/2 makes its value irrelevant. */
const INFERENCE_TEMPERATURE = 0.03;

/** Runs the mask heads of a block on its input x [N,H,W,C] and draws the masks. */
export function drawMasks(params: Params, block: BlockSpec, x: tf.Tensor4D, ctx: ForwardContext): BlockSamples {
  const { name } = block;
  const { shift = 0 } = ctx.mode === 'inference' ? ctx : {};
  const logits = maskLogits(params, block, x).map((map) => (shift === 0 ? map : (tf.add(map, shift) as tf.Tensor4D)));
  const probabilities = logits.map(maskProbability);
  const scores = ctx.sampler?.kind === 'activation' && ctx.mode === 'inference' ? activationNorm(x) : undefined;
  const masks = maskHeads(block).map(({ index, stride }, i) =>
    draw(block, index, logits[i], probabilities[i], ctx, scores && stride > 1 ? subsample(scores, stride) : scores),
  );
  const [logits1, logits2 = logits1, logits3] = logits;
  const [probability1, probability2 = probability1, probability3] = probabilities;
  const both = { name, logits1, logits2, probability1, probability2 };
  if (masks.length === 1) return { ...both, mask1: readsOnly(block) ? readBy(masks[0], block.stride, x.shape) : masks[0], mask2: masks[0] };
  const [mask1, mask2, mask3] = masks;
  return mask3 ? { ...both, logits3, probability3, mask1, mask2, mask3 } : { ...both, mask1, mask2 };
}

/**
 * What 3x3 windows of `stride` around the sampled positions of `mask` [N,H',W',1] read: [N,H,W,1], the largest mask value whose window holds a
 * position. No gradient is asked of it: what conv1 gives there is not approximated.
 */
export function readBy(mask: tf.Tensor4D, stride: number, [, height, width]: readonly number[]): tf.Tensor4D {
  return tf.tidy(() => {
    const [count, h, w] = mask.shape;
    const gap: [number, number] = [0, stride - 1];
    const none: [number, number] = [0, 0];
    const apart = tf.pad(tf.reshape(mask, [count, h, 1, w, 1]), [none, none, gap, none, gap]);
    const map = tf.reshape(apart, [count, h * stride, w * stride, 1]) as tf.Tensor4D;
    return tf.maxPool(tf.slice(map, 0, [count, height, width, 1]), 3, 1, 'same');
  });
}

/** Euclidean norm over the channels, [N,H,W,C] -> [N,H,W,1]. */
function activationNorm(x: tf.Tensor4D): tf.Tensor4D {
  return tf.sqrt(tf.sum(tf.square(x), 3, true)) as tf.Tensor4D;
}

function draw(
  block: BlockSpec,
  head: MaskIndex,
  logits: tf.Tensor4D,
  probability: tf.Tensor4D,
  ctx: ForwardContext,
  scores: tf.Tensor4D | undefined,
): tf.Tensor4D {
  const { interval } = block.sampling!;
  if (ctx.mode === 'train') {
    return tf.tidy(() => withGridPrior(gumbelMask(logits, noiseOf(block, head, logits.shape, ctx), ctx.temperature ?? 1), interval));
  }
  if (ctx.noise) {
    return tf.tidy(() => {
      const soft = gumbelMask(logits, noiseOf(block, head, logits.shape, ctx), INFERENCE_TEMPERATURE);
      return withGridPrior(tf.cast(tf.greaterEqual(soft, 0.5), 'float32') as tf.Tensor4D, ctx.sampler?.interval ?? interval);
    });
  }
  const { sampler } = ctx;
  if (!sampler) throw new Error("backbone: mode 'inference' needs a sampler, such as {kind: 'stochastic', interval: 11, key: [seed]}");
  return sampleMask(probability, { ...sampler, key: sampler.key && [...sampler.key, block.index, head] }, scores);
}

function noiseOf(block: BlockSpec, head: MaskIndex, shape: tf.Tensor4D['shape'], { noise, key }: ForwardContext): GumbelNoise {
  if (noise) return noise(block.name, head, shape);
  if (!key) throw new Error("backbone: mode 'train' needs a noise key, such as key: [seed, step]");
  const size = shape[0] * shape[1] * shape[2];
  const values = uniformValues(2 * size, [...key, block.index, head]);
  return { u: tf.tensor4d(values.subarray(0, size), shape), v: tf.tensor4d(values.subarray(size), shape) };
}
