// Expected cost as a differentiable function of the sampling probabilities: what a loss on the budget needs. The rule is that of macs.ts, with the
// expected density of each image in place of the drawn one: mean of pi, and 1 on the grid prior,
//   E[d] = p + (1 - p) g,   p = mean(pi) over the image,   g = the grid's share of the map.
// An interpolation costs c d (1 - d), taken at E[d] (a map has enough positions for d to stay close to it). One mask at stride 2: conv1 at the expected
// share of independent samples, readShare in integration.ts, an upper bound when samples clump.

import { interpolationMacs } from '@stint/interpolation/macs';
import * as tf from '@tensorflow/tfjs-core';
import { type MaskName, readsOnly } from './integration.ts';
import { type MacTerm, macTerms } from './macs.ts';
import type { BackboneLayout, BlockSamples, BlockSpec } from './types.ts';

export interface ExpectedMacs {
  /** Convolutions under masks, mean over the images. */
  conditional: tf.Scalar;
  /** All of it, interpolation counted directly. */
  total: tf.Scalar;
  /** The same of the network without masks. */
  denseConditional: number;
  denseTotal: number;
}

/**
 * @param samples of a forward pass over [N,H,W,3]; their probabilities are read, whose gradients it carries.
 * @param size [H, W] of those images.
 */
export function expectedMacs(
  backbone: Pick<BackboneLayout, 'config' | 'blocks' | 'outChannels'>,
  size: readonly [number, number],
  samples: readonly BlockSamples[],
): ExpectedMacs {
  const byName = new Map(samples.map((block) => [block.name, block]));
  const terms = macTerms(backbone, size);
  const sum = (wanted: (term: MacTerm) => boolean) => terms.reduce((total, term) => (wanted(term) ? total + term.macs : total), 0);
  return tf.tidy(() => {
    const densities = new Map<string, tf.Tensor>();
    const densityOf = (block: BlockSpec, mask: MaskName): tf.Tensor => {
      const own = byName.get(block.name);
      if (!own) throw new Error(`expectedMacs: no samples of block '${block.name}'; give those of a forward pass with masks`);
      const key = `${block.name}.${mask}`;
      const density = densities.get(key) ?? expectedDensity(block, own, mask);
      densities.set(key, density);
      return density;
    };
    const costOf = ({ block, mask, macs, fill }: MacTerm): tf.Tensor => {
      const density = densityOf(block!, mask!);
      if (!fill) return tf.mul(density, macs);
      const most = 4 * interpolationMacs(fill.kind, { ...fill, density: 0.5 }).direct;
      return tf.mul(tf.mul(density, tf.sub(1, density)), most);
    };
    const conditional = tf.addN(terms.filter(({ group }) => group === 'conditional').map(costOf));
    const filled = tf.addN(terms.filter(({ group }) => group === 'interpolation').map(costOf));
    const fixed = sum(({ group }) => group === 'dense' || group === 'mask');
    return {
      conditional: tf.mean(conditional) as tf.Scalar,
      total: tf.add(tf.mean(tf.add(conditional, filled)), fixed) as tf.Scalar,
      denseConditional: sum(({ group }) => group === 'conditional'),
      denseTotal: sum(({ group }) => group === 'dense' || group === 'conditional'),
    } as unknown as tf.TensorContainer;
  }) as unknown as ExpectedMacs;
}

/** Of each image, [N]. */
function expectedDensity(block: BlockSpec, samples: BlockSamples, mask: MaskName): tf.Tensor {
  const probability = { mask1: samples.probability1, mask2: samples.probability2, mask3: samples.probability3 ?? samples.probability2 }[
    mask
  ];
  const [, height, width] = probability.shape;
  const { interval } = block.sampling!;
  const grid = interval === 0 ? 0 : (Math.ceil(height / interval) * Math.ceil(width / interval)) / (height * width);
  const density = tf.add(tf.mul(tf.mean(probability, [1, 2, 3]), 1 - grid), grid);
  if (mask !== 'mask1' || !readsOnly(block)) return density;
  const none = tf.sub(1, density);
  const any = (windows: number) => tf.sub(1, tf.pow(none, windows));
  return tf.div(tf.addN([any(1), tf.mul(any(2), 2), any(4)]), 4);
}
