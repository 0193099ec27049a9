// How a compiled model draws its masks: the samplers of @stint/core-sampling in the kernels' terms.
import { blueNoiseTile, regularGrid, type SamplerKind } from '@stint/core-sampling/plain';
import type { ModelDescription } from './description.ts';
import type { PlanSampler } from './plan/masks.ts';

export interface SamplerOptions {
  /** `given`: every run brings its masks. Default 'stochastic' for a sampled network; a dense one has no masks. */
  kind: Exclude<SamplerKind, 'activation'> | 'given';
  /** Interval of the grid prior in cells, 0 = off; default: the network's. */
  interval?: number;
  /** Beginning of the noise keys of runs that give none; default [0]. */
  key?: readonly number[];
  /** 'random' and 'uniform': share of the positions. */
  density?: number;
}

export const KINDS: readonly SamplerOptions['kind'][] = [
  'stochastic',
  'deterministic',
  'random',
  'uniform',
  'blue-noise',
  'dense',
  'given',
];

/** undefined: everything is computed. @throws on a sampler that the network cannot use. */
export function planSampler({ backbone }: ModelDescription, options: SamplerOptions | undefined): PlanSampler | undefined {
  const sampling = backbone.sampling?.integration === 'dense' ? undefined : backbone.sampling;
  const kind = options?.kind ?? (sampling ? 'stochastic' : 'dense');
  if (!KINDS.includes(kind)) throw new Error(`compile: unknown sampler '${kind}'; give ${KINDS.join(', ')}`);
  if (kind === 'dense') return undefined;
  if (!sampling) throw new Error(`compile: sampler '${kind}' for a network without masks; give 'dense' or no sampler`);
  const interval = options?.interval ?? sampling.interval;
  if (kind === 'random' || kind === 'uniform') {
    const density = options?.density;
    if (!(density !== undefined && density >= 0 && density <= 1)) {
      throw new Error(`compile: sampler '${kind}' needs a density from 0 to 1, it has ${density}`);
    }
    return { kind: kind === 'uniform' ? 'given' : 'random', density, interval };
  }
  return kind === 'blue-noise' ? { kind, interval, tile: blueNoiseTile() } : { kind, interval };
}

/** The mask of 'uniform' [H,W], grid prior included. */
export function uniformMask(height: number, width: number, density: number, interval: number): Uint8Array {
  const mask = Uint8Array.from(regularGrid(height, width, density));
  if (interval > 0) {
    for (let y = 0; y < height; y += interval) {
      for (let x = 0; x < width; x += interval) mask[y * width + x] = 1;
    }
  }
  return mask;
}
