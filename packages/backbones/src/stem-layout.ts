// What a stem is made of, without a tensor library.
import type { ResNetConfig } from './types.ts';

/** The convolutions of a stem: name of conv and norm, filter shape HWIO. */
export function stemConvolutions(stem: ResNetConfig['stem']): { conv: string; norm: string; shape: [number, number, number, number] }[] {
  if (stem.kind === 'imagenet') return [{ conv: 'conv1', norm: 'bn1', shape: [7, 7, 3, stem.width] }];
  const [first, second] = stem.widths;
  return [
    { conv: 'conv1', norm: 'bn1', shape: [3, 3, 3, first] },
    { conv: 'conv2', norm: 'bn2', shape: [3, 3, first, second] },
  ];
}

/** Channels after the stem. */
export function stemChannels(stem: ResNetConfig['stem']): number {
  return stem.kind === 'imagenet' ? stem.width : stem.widths[1];
}
