// Hard masks: which positions are computed at inference. Paper, sections 3.1 and 4; the paper's own rule is 'stochastic'.
import * as tf from '@tensorflow/tfjs-core';
import { blueNoiseThresholds } from './blue-noise.ts';
import { assertFraction, assertMaskShape } from './checks.ts';
import { uniformValues } from './counter.ts';
import { withGridPrior } from './grid-prior.ts';
import { regularGrid } from './regular-grid.ts';

/**
 * - `stochastic`: 1 with probability pi, independently (the Gumbel mask at threshold 1/2, whatever its temperature);
 * - `deterministic`: 1 where pi >= 1/2;
 * - `random`: 1 with probability `density`, whatever pi;
 * - `uniform`: a regular grid of about `density`, whatever pi;
 * - `blue-noise`: 1 with probability pi, with neighbours anti-correlated;
 * - `dense`: 1 everywhere.
 */
export type SamplerKind = 'stochastic' | 'deterministic' | 'random' | 'uniform' | 'blue-noise' | 'dense';

export interface Sampler {
  kind: SamplerKind;
  /** Interval of the grid prior in cells; 0 = off. */
  interval: number;
  /** Names the noise of 'stochastic', 'random' and 'blue-noise'. Same key, same mask. */
  key?: readonly number[];
  /** Share of positions for 'random' and 'uniform', before the grid prior. */
  density?: number;
}

/**
 * Draws a mask.
 * @param probability pi, [N,H,W,1] in [0,1].
 * @returns [N,H,W,1], exactly 0 or 1, grid prior applied. No gradient: train with `gumbelMask`.
 */
export function sampleMask(probability: tf.Tensor4D, sampler: Sampler): tf.Tensor4D {
  assertMaskShape('sampleMask', 'probability', probability);
  return tf.tidy(() => withGridPrior(draw(probability, sampler), sampler.interval));
}

function draw(probability: tf.Tensor4D, sampler: Sampler): tf.Tensor4D {
  const shape = probability.shape;
  const [count, height, width] = shape;
  switch (sampler.kind) {
    case 'stochastic':
      return below(uniformValues(probability.size, keyOf(sampler)), probability, shape);
    case 'blue-noise':
      return below(blueNoiseThresholds(count, height, width, keyOf(sampler)), probability, shape);
    case 'random':
      return below(uniformValues(probability.size, keyOf(sampler)), tf.scalar(densityOf(sampler)), shape);
    case 'deterministic':
      return tf.cast(tf.greaterEqual(probability, 0.5) as tf.Tensor4D, 'float32');
    case 'uniform':
      return tf.tile(tf.tensor4d(regularGrid(height, width, densityOf(sampler)), [1, height, width, 1]), [count, 1, 1, 1]);
    case 'dense':
      return tf.ones(shape);
    default:
      throw new Error(`sampleMask: unknown kind '${sampler.kind}'; give stochastic, deterministic, random, uniform, blue-noise or dense`);
  }
}

function below(thresholds: Float32Array, probability: tf.Tensor, shape: [number, number, number, number]): tf.Tensor4D {
  return tf.cast(tf.less(tf.tensor4d(thresholds, shape), probability) as tf.Tensor4D, 'float32');
}

function keyOf({ kind, key }: Sampler): readonly number[] {
  if (!key) throw new Error(`sampleMask: sampler '${kind}' needs a noise key, such as key: [seed, step, layer]`);
  return key;
}

function densityOf({ kind, density }: Sampler): number {
  if (density === undefined) throw new Error(`sampleMask: sampler '${kind}' needs a density, such as density: 0.35`);
  assertFraction('sampleMask', 'density', density);
  return density;
}
