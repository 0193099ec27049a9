// Export of backbones and pyramids to ONNX: dense, dense times masks, or computing at sampled positions only.
export { type ExportMode, type ExportOptions, exportOnnx, type OutputGroup } from './export.ts';
export type { MaskSource } from './masks.ts';
export { type ImageSize, type ModelDescription, maskInputs } from './network.ts';
export type { Parameter, ParameterMap } from './parameters.ts';
