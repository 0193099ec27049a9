// What the interpolations of a block learn, and where they stand in training, without a tensor library (fill-in.ts says why).
import { fillings } from './integration.ts';
import type { BlockSpec, InterpolationKind, ParameterSpec, SamplingConfig } from './types.ts';

/** Whether interpolation before conv3 and after BN3 is one function (up to empty windows), so that training may take the cheaper one. */
export function commutesWithConv3(kind: InterpolationKind): boolean {
  return kind === 'rbf' || kind === 'average';
}

/** Parameters of the interpolations of a block. */
export function fillInParameters(block: BlockSpec, { interpolation }: SamplingConfig): ParameterSpec[] {
  const { kind, window } = interpolation;
  const each = (role: 'sigma' | 'filter', shape: (channels: number) => number[]): ParameterSpec[] =>
    fillings(block).map(({ head, channels }) => ({
      name: `${block.name}.conv${head}_${role}`,
      shape: shape(channels),
      role,
      trainable: true,
    }));
  if (kind === 'rbf') return each('sigma', () => [1]);
  if (kind === 'convolution') return each('filter', (channels) => [window, window, channels, 1]);
  return [];
}
