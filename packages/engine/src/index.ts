// Starts TensorFlow under tfjs, says what is there, and adds the gradients that tfjs lacks.
export { type Diagnosis, diagnose, formatDiagnosis } from './diagnose.ts';
export { type BatchNormTrain, fusedBatchNormTrain } from './fused-batch-norm.ts';
export { registerGradients } from './gradients/index.ts';
export { isStartupNoise } from './noise.ts';
export { type EngineInfo, type EngineOptions, startEngine } from './start.ts';
