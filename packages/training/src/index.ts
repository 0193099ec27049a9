// @stint/training: optimizers, schedules, the loop, checkpoints and logs.
export type { AdamWConfig } from './adamw.ts';
export {
  type BestMetric,
  CheckpointError,
  type CheckpointInfo,
  type LoadWeightsOptions,
  loadCheckpoint,
  loadWeights,
  saveCheckpoint,
  type TrainingState,
} from './checkpoint.ts';
export { clipGradients, gradientNorm } from './clip.ts';
export type { GroupSettings, ParameterGroup } from './groups.ts';
export { type EvaluationRecord, type StepRecord, type TrainOptions, type TrainResult, trainLoop } from './loop.ts';
export { type MetricsEvent, type MetricsLog, openMetricsLog, readMetricsLog } from './metrics-log.ts';
export { createOptimizer, type Optimizer, type OptimizerConfig } from './optimizer.ts';
export { createProgress, duration, type Progress, type ProgressOptions } from './progress.ts';
export { learningRateAt, type ScheduleConfig, type Warmup } from './schedule.ts';
export type { SgdConfig } from './sgd.ts';
export { type LossTerms, NonFiniteLossError } from './step.ts';
export { openTensorBoard, type TensorBoardWriter } from './tensorboard.ts';
export { toVariables, type Variables } from './variables.ts';
