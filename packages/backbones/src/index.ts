// Backbones: bottleneck blocks with learned sampling, ResNet, FPN, cost model, weights from PyTorch.
export { type BlockMasks, blockForward, denseBlock, type MaskedBlockOptions, maskedBlock } from './block.ts';
export { type ExpectedMacs, expectedMacs } from './expected-macs.ts';
export { type Fpn, fpn } from './fpn.ts';
export type { FpnConfig, FpnLayout } from './fpn-layout.ts';
export { fillings, isSampled, maskHeads, readsOnly } from './integration.ts';
export { blockParameters } from './layout.ts';
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
export { resnet, resnet50, resnet101 } from './resnet.ts';
export type { ImportOptions, ParameterLayout, TorchEntries, TorchTensor } from './torch-layout.ts';
export { exportTorchWeights, importTorchWeights } from './torch-weights.ts';
export type {
  Backbone,
  BackboneLayout,
  BackboneOutput,
  BatchNormMode,
  BlockSamples,
  BlockSpec,
  ForwardContext,
  Integration,
  InterpolationKind,
  MaskIndex,
  NoiseSource,
  ParameterRole,
  ParameterSpec,
  Params,
  ResNetConfig,
  SamplingConfig,
} from './types.ts';
