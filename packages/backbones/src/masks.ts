// Masks of a block from its two heads: soft ones in training, hard ones at inference. Paper, sections 3.1 and 3.4.
import { type GumbelNoise, gumbelMask, maskProbability, sampleMask, uniformValues, withGridPrior } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import { maskLogits } from './mask-heads.ts';
import type { BlockSamples, BlockSpec, ForwardContext, Params } from './types.ts';

/** Temperature at which injected noise draws hard masks; the paper's. The threshold 1/2 makes its value irrelevant. */
const INFERENCE_TEMPERATURE = 0.03;

/** Runs both mask heads of a block on its input x [N,H,W,C] and draws the masks. */
export function drawMasks(params: Params, block: BlockSpec, x: tf.Tensor4D, ctx: ForwardContext): BlockSamples {
  const { logits1, logits2 } = maskLogits(params, block, x);
  const [probability1, probability2] = [maskProbability(logits1), maskProbability(logits2)];
  const mask1 = draw(block, 1, logits1, probability1, ctx);
  const mask2 = draw(block, 2, logits2, probability2, ctx);
  return { name: block.name, logits1, logits2, probability1, probability2, mask1, mask2 };
}

function draw(block: BlockSpec, head: 1 | 2, logits: tf.Tensor4D, probability: tf.Tensor4D, ctx: ForwardContext): tf.Tensor4D {
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
  return sampleMask(probability, { ...sampler, key: sampler.key && [...sampler.key, block.index, head] });
}

function noiseOf(block: BlockSpec, head: 1 | 2, shape: tf.Tensor4D['shape'], { noise, key }: ForwardContext): GumbelNoise {
  if (noise) return noise(block.name, head, shape);
  if (!key) throw new Error("backbone: mode 'train' needs a noise key, such as key: [seed, step]");
  const size = shape[0] * shape[1] * shape[2];
  const values = uniformValues(2 * size, [...key, block.index, head]);
  return { u: tf.tensor4d(values.subarray(0, size), shape), v: tf.tensor4d(values.subarray(size), shape) };
}
