// @stint/classification-head: global pooling, linear layer, cross-entropy.
export { classificationHead } from './classification-head.ts';
export { crossEntropy } from './cross-entropy.ts';
export type {
  Classification,
  ClassificationConfig,
  ClassificationHead,
  ClassificationTargets,
  ParameterSpec,
  Params,
} from './types.ts';
