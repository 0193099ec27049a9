// What the two interpolations of a block learn, and where they stand in training, without a tensor library (fill-in.ts says why).
import type { BlockSpec, InterpolationKind, ParameterSpec, SamplingConfig } from './types.ts';

/** Whether interpolation before conv3 and after BN3 is one function (up to empty windows), so that training may take the cheaper one. */
export function commutesWithConv3(kind: InterpolationKind): boolean {
  return kind === 'rbf' || kind === 'average';
}

/** Parameters of the two interpolations of a block. */
export function fillInParameters({ name, planes, outChannels }: BlockSpec, { interpolation }: SamplingConfig): ParameterSpec[] {
  const { kind, window } = interpolation;
  const both = (suffix: string, role: 'sigma' | 'filter', shape: (channels: number) => number[]): ParameterSpec[] =>
    [planes, outChannels].map((channels, i) => ({ name: `${name}.conv${i + 1}_${suffix}`, shape: shape(channels), role, trainable: true }));
  if (kind === 'rbf') return both('sigma', 'sigma', () => [1]);
  if (kind === 'convolution') return both('filter', 'filter', (channels) => [window, window, channels, 1]);
  return [];
}
