// Compute only there, in compiled code: the kernels of a sampled network on plain arrays, without a tensor library.
export type { Isa } from './binding.ts';
export type { MapShape } from './check.ts';
export { type ConvolveOptions, convolve } from './convolve.ts';
export {
  type EngineOptions,
  type FilterOptions,
  type NativeEngine,
  type NativeInfo,
  nativeEngine,
  nativeInfo,
  type PackedFilter,
  packFilter,
} from './engine.ts';
export { type GroupNormOptions, groupNorm } from './group-norm.ts';
export { type InterpolateOptions, interpolate, type NativeFill } from './interpolate.ts';
export {
  type MaxPoolOptions,
  type MeanPoolOptions,
  maxPool3x3,
  meanPool,
  type NormaliseImageOptions,
  normaliseImage,
  type SubsampleOptions,
  subsample,
  type UpsampleAddOptions,
  upsampleAdd,
} from './maps.ts';
export { type MaskHeadsOptions, maskHeads, packMaskHeads } from './mask-heads.ts';
export {
  type DilateOptions,
  type DrawMaskOptions,
  dilate,
  drawMask,
  type MaskMemory,
  type NativeMask,
  type NativeSampler,
} from './masks.ts';
export { type NativeProgram, nativeProgram, type ProgramOptions } from './program.ts';
export type { ProgramResult, ProgramRun } from './program-run.ts';
export type {
  ConvolveStep,
  DilateStep,
  DrawMaskStep,
  GroupNormStep,
  ImageStep,
  InterpolateStep,
  MaskHeadsStep,
  MaskSlot,
  MaxPoolStep,
  MeanPoolStep,
  ProgramStep,
  RoiAlignStep,
  Span,
  SubsampleStep,
  UpsampleAddStep,
  UpsampleBilinearStep,
} from './program-steps.ts';
export { type RoiAlignOptions, roiAlign } from './roi-align.ts';
export { type UpsampleBilinearOptions, upsampleBilinear } from './upsample-bilinear.ts';
