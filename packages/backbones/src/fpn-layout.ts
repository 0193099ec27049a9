// What a feature pyramid is made of, without a tensor library.
import type { ParameterSpec } from './types.ts';

export interface FpnConfig {
  /** Channels of the feature maps, finest first. */
  inChannels: number[];
  /** Channels of every output. */
  channels: number;
  /** Channels of the lateral convolutions, which the top-down sums tie together. Default: `channels`; fewer in a pruned pyramid. */
  inner?: number;
  /** Keep only the finest k levels; the output convolutions of the others are neither made nor computed. Default: all. */
  outputs?: number;
  /** Adds the coarsest kept level at half its size (max pool of one cell, stride 2). Default: only when `outputs` is not given. */
  extraMaxPool?: boolean;
}

export interface FpnLayout {
  readonly config: FpnConfig;
  /** How many of the input levels are kept. */
  readonly outputs: number;
  readonly extraMaxPool: boolean;
  /** How many maps there are, the extra one among them. */
  readonly levels: number;
  readonly parameters: readonly ParameterSpec[];
}

/** Levels and parameters of a configuration. Throws on one that makes no pyramid. */
export function fpnLayout(config: FpnConfig): FpnLayout {
  const { inChannels, channels, inner = channels, outputs = inChannels.length, extraMaxPool = config.outputs === undefined } = config;
  if (!(outputs >= 1 && outputs <= inChannels.length)) {
    throw new Error(`fpn: outputs ${outputs} of ${inChannels.length} levels; give a number from 1 to ${inChannels.length}`);
  }
  const parameters = [
    ...inChannels.flatMap((count, i) => convolution(`inner_blocks.${i}.0`, [1, 1, count, inner])),
    ...inChannels.slice(0, outputs).flatMap((_, i) => convolution(`layer_blocks.${i}.0`, [3, 3, inner, channels])),
  ];
  return { config, outputs, extraMaxPool, levels: outputs + (extraMaxPool ? 1 : 0), parameters };
}

function convolution(name: string, shape: number[]): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape, role: 'weight', trainable: true },
    { name: `${name}.bias`, shape: [shape[3]], role: 'bias', trainable: true },
  ];
}
