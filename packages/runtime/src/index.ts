// Trained checkpoint -> compiled plan -> fast sampled inference. No tensor library.
export type { Detections } from '@stint/detection-head/plain';
export type { LabelImage } from '@stint/segmentation-head/plain';
export { BUDGET_KEY, type BudgetPoint, type BudgetTable, budgetsOf, shiftFor } from './budget-table.ts';
export { calibrate, saveBudgets } from './calibrate.ts';
export { BODY, type Checkpoint, loadCheckpoint, type NamedTensor, PYRAMID, parametersOf } from './checkpoint.ts';
export { type CompiledModel, type CompileOptions, compile } from './compile.ts';
export {
  checkDescription,
  descriptionOf,
  type HeadDescription,
  isSegmentation,
  MODEL_KEY,
  type ModelDescription,
  ModelFileError,
  type SegmentationHeadDescription,
} from './description.ts';
export { paddedSize, type RuntimeImage } from './image.ts';
export type { Profile, ProfileRow } from './profile.ts';
export type { BlockMasks, FeatureMap, RunOptions, RunResult } from './run.ts';
export type { SamplerOptions } from './sampler.ts';
