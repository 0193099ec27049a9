// What a stem is made of, without a tensor library.
import type { ResNetConfig } from './types.ts';
import { channelWidths } from './widths.ts';

/** The convolutions of a network's stem: name of conv and norm, filter shape HWIO. */
export function stemConvolutions(config: ResNetConfig): { conv: string; norm: string; shape: [number, number, number, number] }[] {
  const widths = channelWidths(config);
  if (config.stem.kind === 'imagenet') return [{ conv: 'conv1', norm: 'bn1', shape: [7, 7, 3, widths.conv1] }];
  return [
    { conv: 'conv1', norm: 'bn1', shape: [3, 3, 3, widths.conv1] },
    { conv: 'conv2', norm: 'bn2', shape: [3, 3, widths.conv1, widths.conv2] },
  ];
}
