// Cost of interpolation, in multiply-accumulates: an unsampled position (1 - d of them) reads the sampled ones (d of them) of its window.
import type { InterpolationSpec } from './interpolate.ts';

export interface InterpolationSize {
  /** Positions of the map: H * W (times N for a batch). */
  positions: number;
  channels: number;
  /** Sampled share of the positions, in [0,1]. */
  density: number;
  /** Side of the window; ignored by 'zeros' and 'reuse'. */
  window: number;
}

/**
 * Expected MACs: window^2 C d (1-d) a position done directly (49 C d (1-d) at window 7, the paper's count), 2 window C d (1-d) as two
 * one-dimensional passes. A learned convolution is not separable: both numbers are the direct one. 'zeros' and 'reuse' cost nothing.
 */
export function interpolationMacs(
  kind: InterpolationSpec['kind'],
  { positions, channels, density, window }: InterpolationSize,
): { direct: number; separable: number } {
  if (!(density >= 0 && density <= 1)) throw new Error(`interpolationMacs: density is ${density}; give a number from 0 to 1`);
  if (kind === 'zeros' || kind === 'reuse') return { direct: 0, separable: 0 };
  const pairs = positions * channels * density * (1 - density);
  const direct = window * window * pairs;
  return { direct, separable: kind === 'convolution' ? direct : 2 * window * pairs };
}
