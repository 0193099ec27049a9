// What a segmentation head is without a tensor library: its layers and parameters, and the way from its logits to labels.
export type { FcnConfig, FpnDecoderConfig, SegmentationConfig } from './config.ts';
export { decodeLabels } from './decode.ts';
export { fcnLayout, fpnDecoderLayout, type HeadLayout, headParameters, type Layer } from './layout.ts';
export type { ImageExtent, LabelImage } from './types.ts';
