// What stands where in the network: blocks, their widths and resolutions, from the configuration alone. The rules are those of
// @stint/backbones (torchvision's ResNet: stage 1 keeps the stem's resolution, each later stage halves it in the 3x3 convolution).
import type { BlockSpec, FpnConfig, ResNetConfig, SamplingConfig } from '@stint/backbones';
import type { Dimension } from './graph.ts';

/** A backbone, and the pyramid above it. */
export interface ModelDescription {
  backbone: ResNetConfig;
  fpn?: FpnConfig;
}

/** A bottleneck with the strides, against the image, of its input and output. */
export interface Block extends BlockSpec {
  inStride: number;
  outStride: number;
}

/** Stride of every stem. */
const STEM_STRIDE = 4;

/** Channels of the stem's convolutions, one or two. */
export function stemWidths({ stem, widths = {} }: ResNetConfig): number[] {
  const regular = stem.kind === 'imagenet' ? [stem.width] : stem.widths;
  return regular.map((width, i) => widths[`conv${i + 1}`] ?? width);
}

/** Every bottleneck, in order. A pruned network says in `widths` where it has other channel counts than the rule. */
export function blocksOf(config: ResNetConfig): Block[] {
  const { stem, layers, planes, expansion = 4, sampling, widths = {} } = config;
  if (layers.length === 0 || layers.length !== planes.length || layers.some((count) => !(count > 0))) {
    throw new Error(`exportOnnx: layers [${layers}] and planes [${planes}]; give one positive number a stage in each`);
  }
  const blocks: Block[] = [];
  let inChannels = stemWidths(config).at(-1)!;
  let unprunedIn = stem.kind === 'imagenet' ? stem.width : stem.widths[1];
  let inStride = STEM_STRIDE;
  layers.forEach((count, s) => {
    const outChannels = widths[`layer${s + 1}`] ?? planes[s] * expansion;
    for (let i = 0; i < count; i++) {
      const name = `layer${s + 1}.${i}`;
      const stride = i === 0 && s > 0 ? 2 : 1;
      const downsample = i === 0 && (stride !== 1 || unprunedIn !== planes[s] * expansion);
      if (!downsample && inChannels !== outChannels) {
        throw new Error(`exportOnnx: ${name} adds its ${inChannels} input channels to ${outChannels}; give them the same width`);
      }
      const [planes1, planes2] = [1, 2].map((conv) => widths[`${name}.conv${conv}`] ?? planes[s]);
      const channels = { inChannels, planes: planes1, planes2, outChannels };
      const resolution = { stride, inStride, outStride: inStride * stride };
      blocks.push({ name, stage: s + 1, index: blocks.length, ...channels, ...resolution, downsample, sampling });
      inChannels = outChannels;
      unprunedIn = planes[s] * expansion;
      inStride *= stride;
    }
  });
  return blocks;
}

/** The sampling of a network with two masks a block. @throws when it has none, or blocks of another kind. */
export function samplingOf({ sampling }: ResNetConfig, mode: string): SamplingConfig {
  if (sampling?.integration !== 'two-masks') {
    const found = sampling ? `has integration '${sampling.integration}'` : 'is not given';
    throw new Error(`exportOnnx: mode '${mode}' needs integration 'two-masks', but the backbone's sampling ${found}; use mode 'dense'`);
  }
  const { window } = sampling.interpolation;
  if (!Number.isInteger(window) || window % 2 === 0 || window < 1) {
    throw new Error(`exportOnnx: interpolation window ${window}; give an odd number, such as 7`);
  }
  if (sampling.interpolation.empty === 'mean') {
    throw new Error(`exportOnnx: mode '${mode}' knows empty windows as zeros only; the backbone's interpolation has empty 'mean'`);
  }
  return sampling;
}

/** Height and width of the image: numbers, or free when the model runs. */
export type ImageSize = readonly [number, number] | 'dynamic';

/** Height and width at a stride against the image: each halving rounds up. Free ones are called H, W, H4, W4, ... */
export function sizeAt(image: ImageSize, stride: number): [Dimension, Dimension] {
  if (image !== 'dynamic') return [Math.ceil(image[0] / stride), Math.ceil(image[1] / stride)];
  return stride === 1 ? ['H', 'W'] : [`H${stride}`, `W${stride}`];
}

/** Name of the mask of a block's head: 1 at the resolution of its input, 2 at that of its output. */
export const maskName = (block: string, head: 1 | 2) => `${block}.mask${head}`;

/**
 * The mask inputs of an exported network, in order: name and shape [1,1,H',W'] for an image of `size` [H, W].
 * Masks hold exactly 0 and 1, as `sampleMask` draws them.
 */
export function maskInputs({ backbone }: ModelDescription, size: readonly [number, number]): { name: string; shape: number[] }[] {
  samplingOf(backbone, 'masked');
  return blocksOf(backbone).flatMap(({ name, inStride, outStride }) =>
    ([1, 2] as const).map((head) => ({
      name: maskName(name, head),
      shape: [1, 1, ...(sizeAt(size, head === 1 ? inStride : outStride) as number[])],
    })),
  );
}
