// Multiply-adds of a network at measured densities, by the rule of the paper, and the shapes of its blocks.
import { type BackboneLayout, countMacs, fpnLayout, fpnMacs, resnetLayout } from '@stint/backbones/plain';
import type { ModelDescription } from '@stint/runtime';
import { type Kind, sumByKind } from './kinds.ts';

/** MACs of one image, pyramid included. */
export interface Work {
  /** Interpolation counted with all its taps, and as two one-dimensional passes. */
  direct: number;
  separable: number;
  /** Of `direct`. */
  kinds: Record<Kind, number>;
}

/** @param densities of every block; undefined: the network without masks. */
export function workOf(
  { backbone, fpn }: ModelDescription,
  size: readonly [number, number],
  densities?: Record<string, { mask1: number; mask2: number }>,
): Work {
  const sampled = resnetLayout(backbone);
  const layout = densities ? sampled : resnetLayout({ ...backbone, sampling: undefined });
  const { total, layers } = countMacs(layout, size, densities ?? 1);
  const sizes = layout.strides.map((stride) => [Math.ceil(size[0] / stride), Math.ceil(size[1] / stride)] as const);
  const pyramid = fpn ? fpnMacs(fpnLayout({ inChannels: layout.outChannels, ...fpn }), sizes) : 0;
  return {
    direct: total.direct + pyramid,
    separable: total.separable + pyramid,
    kinds: { ...sumByKind(layers, ({ macs }) => macs), FPN: pyramid },
  };
}

export interface BlockShape {
  name: string;
  /** Channels of input, conv1, conv2 and output. */
  channels: [number, number, number, number];
  stride: number;
  /** [H,W] of the input map. */
  map: [number, number];
}

export function blockShapes({ blocks }: Pick<BackboneLayout, 'blocks'>, [height, width]: readonly [number, number]): BlockShape[] {
  let map: [number, number] = [height / 4, width / 4];
  return blocks.map(({ name, inChannels, planes, planes2, outChannels, stride }) => {
    const shape: BlockShape = { name, channels: [inChannels, planes, planes2, outChannels], stride, map };
    map = [Math.ceil(map[0] / stride), Math.ceil(map[1] / stride)];
    return shape;
  });
}
