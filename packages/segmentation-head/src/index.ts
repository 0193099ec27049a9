export type { FcnConfig, FpnDecoderConfig, SegmentationConfig } from './config.ts';
export { type CrossEntropyOptions, pixelCrossEntropy } from './cross-entropy.ts';
export { fcn } from './fcn.ts';
export { fpnDecoder } from './fpn-decoder.ts';
export { groupNorm } from './group-norm.ts';
export { type SegmentationMacs, segmentationMacs } from './macs.ts';
export { resizeBilinear } from './resize.ts';
export type {
  ConvolutionSpec,
  ImageExtent,
  ImageSize,
  LabelImage,
  LossContext,
  ParameterRole,
  ParameterSpec,
  Params,
  SegmentationHead,
  SegmentationTargets,
} from './types.ts';
