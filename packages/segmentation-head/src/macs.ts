// Cost: multiply-accumulates of a head's convolutions, by the rule of the backbones' cost model: k k Cin Cout a computed position, 1 MAC = 2
// flops. Norms, ReLU, sums and bilinear upsampling are not counted.
import type { ImageSize, SegmentationHead } from './types.ts';

export interface SegmentationMacs {
  total: number;
  layers: { name: string; macs: number }[];
}

/** MACs for one image of `size` [H, W] pixels. */
export function segmentationMacs({ convolutions }: Pick<SegmentationHead, 'convolutions'>, [height, width]: ImageSize): SegmentationMacs {
  const layers = convolutions.map(({ name, shape: [kh, kw, inputs, outputs], stride }) => ({
    name,
    macs: kh * kw * inputs * outputs * Math.ceil(height / stride) * Math.ceil(width / stride),
  }));
  return { total: layers.reduce((sum, { macs }) => sum + macs, 0), layers };
}
