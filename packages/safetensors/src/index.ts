// @stint/safetensors: the safetensors file format; no dependency.
export type { ArrayOf, Dtype, TensorData } from './dtypes.ts';
export { SafetensorsError, type SafetensorsErrorDetails } from './errors.ts';
export { parseSafetensors, readSafetensors, type Safetensors } from './read.ts';
export { type SafeTensor, toFloat32 } from './tensor.ts';
export { type SafetensorsEntries, serializeSafetensors, writeSafetensors } from './write.ts';
