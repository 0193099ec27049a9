export type {
  DetectionHead,
  Detections,
  DetectionTargets,
  ImageExtent,
  ImageSize,
  LossContext,
  ParameterSpec,
  Params,
} from './types.ts';
