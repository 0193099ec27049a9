// Hard masks: which positions are computed at inference. Paper, sections 3.1 and 4; the paper's own rule is 'stochastic'.
import * as tf from '@tensorflow/tfjs-core';
import { blueNoiseThresholds } from './blue-noise.ts';
import { assertFraction, assertMaskShape } from './checks.ts';
import { uniformValues } from './counter.ts';
import { withGridPrior } from './grid-prior.ts';
import { regularGrid } from './regular-grid.ts';
import { strongest } from './strongest.ts';

/**
 * - `stochastic`: 1 with probability pi, independently (the Gumbel mask at threshold 1/2, whatever its temperature);
 * - `deterministic`: 1 where pi >= 1/2;
 * - `random`: 1 with probability `density`, whatever pi;
 * - `uniform`: a regular grid of about `density`, whatever pi;
 * - `blue-noise`: 1 with probability pi, with neighbours anti-correlated;
 * - `activation`: 1 at the share `density` of positions with the highest scores, whatever pi;
 * - `dense`: 1 everywhere.
 */
export type SamplerKind = 'stochastic' | 'deterministic' | 'random' | 'uniform' | 'blue-noise' | 'activation' | 'dense';

export interface Sampler {
  kind: SamplerKind;
  /** Interval of the grid prior in cells; 0 = off. */
  interval: number;
  /** Names the noise of 'stochastic', 'random' and 'blue-noise'. Same key, same mask. */
  key?: readonly number[];
  /** Share of positions for 'random', 'uniform' and 'activation', before the grid prior. `matched`: the mean of pi over each map. */
  density?: number | 'matched';
}

/**
 * Draws a mask.
 * @param probability pi, [N,H,W,1] in [0,1].
 * @param scores [N,H,W,1], for 'activation': what its positions are ranked by, such as the norm of the features.
 * @returns [N,H,W,1], exactly 0 or 1, grid prior applied. No gradient: train with `gumbelMask`.
 */
export function sampleMask(probability: tf.Tensor4D, sampler: Sampler, scores?: tf.Tensor4D): tf.Tensor4D {
  assertMaskShape('sampleMask', 'probability', probability);
  return tf.tidy(() => withGridPrior(draw(probability, sampler, scores), sampler.interval));
}

function draw(probability: tf.Tensor4D, sampler: Sampler, scores: tf.Tensor4D | undefined): tf.Tensor4D {
  const shape = probability.shape;
  const [count, height, width] = shape;
  switch (sampler.kind) {
    case 'stochastic':
      return below(uniformValues(probability.size, keyOf(sampler)), probability, shape);
    case 'blue-noise':
      return below(blueNoiseThresholds(count, height, width, keyOf(sampler)), probability, shape);
    case 'random':
      return below(uniformValues(probability.size, keyOf(sampler)), densities(probability, sampler), shape);
    case 'deterministic':
      return tf.cast(tf.greaterEqual(probability, 0.5) as tf.Tensor4D, 'float32');
    case 'uniform':
      return perImage(probability, sampler, (_, density) => regularGrid(height, width, density));
    case 'activation': {
      if (String(scores?.shape) !== String(shape)) {
        throw new Error(`sampleMask: sampler 'activation' has scores [${scores?.shape}] for probabilities [${shape}]; give one a position`);
      }
      const values = scores!.dataSync() as Float32Array;
      const cells = height * width;
      return perImage(probability, sampler, (image, density) =>
        strongest(values.subarray(image * cells, (image + 1) * cells), Math.round(density * cells)),
      );
    }
    case 'dense':
      return tf.ones(shape);
    default:
      throw new Error(
        `sampleMask: unknown kind '${sampler.kind}'; give stochastic, deterministic, random, uniform, blue-noise, activation or dense`,
      );
  }
}

function below(thresholds: Float32Array, probability: tf.Tensor, shape: [number, number, number, number]): tf.Tensor4D {
  return tf.cast(tf.less(tf.tensor4d(thresholds, shape), probability) as tf.Tensor4D, 'float32');
}

function keyOf({ kind, key }: Sampler): readonly number[] {
  if (!key) throw new Error(`sampleMask: sampler '${kind}' needs a noise key, such as key: [seed, step, layer]`);
  return key;
}

/** Of each image, [1] or [N,1,1,1]. */
function densities(probability: tf.Tensor4D, { kind, density }: Sampler): tf.Tensor {
  if (density === undefined) throw new Error(`sampleMask: sampler '${kind}' needs a density, such as density: 0.35 or 'matched'`);
  if (density === 'matched') return tf.mean(probability, [1, 2, 3], true);
  assertFraction('sampleMask', 'density', density);
  return tf.tensor1d([density]);
}

/** Masks made image by image, from its number and density. */
function perImage(probability: tf.Tensor4D, sampler: Sampler, make: (image: number, density: number) => Float32Array): tf.Tensor4D {
  const [count, height, width] = probability.shape;
  const shares = densities(probability, sampler).dataSync();
  const masks = Array.from({ length: count }, (_, n) => tf.tensor4d(make(n, shares[n] ?? shares[0]), [1, height, width, 1]));
  return tf.concat(masks, 0);
}
