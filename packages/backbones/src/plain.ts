// What can be said of a network without a tensor library: its blocks, parameters and cost, and PyTorch's weights in our layout.
export { type FpnConfig, type FpnLayout, fpnLayout } from './fpn-layout.ts';
export { type Filling, fillings, isSampled, type MaskName, maskHeads, readsOnly } from './integration.ts';
export { blockParameters, resnet50Config, resnet101Config, resnetLayout } from './layout.ts';
export {
  type BlockDensities,
  countMacs,
  type Densities,
  fpnMacs,
  type MacGroup,
  type MacOptions,
  type MacReport,
  type MacRow,
} from './macs.ts';
export { stemConvolutions } from './stem-layout.ts';
export {
  convertTorchWeights,
  type ImportOptions,
  type ParameterLayout,
  type PlainTensor,
  type TorchEntries,
  type TorchTensor,
} from './torch-layout.ts';
export type {
  BackboneLayout,
  BlockSpec,
  Integration,
  InterpolationKind,
  MaskIndex,
  ParameterRole,
  ParameterSpec,
  ResNetConfig,
  SamplingConfig,
} from './types.ts';
