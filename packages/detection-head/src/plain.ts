// What a detection head is and does without a tensor library: its layers and parameters, and the way from its outputs to boxes.
export type { FasterRcnnConfig, ResolvedConfig as ResolvedFasterRcnn } from './faster-rcnn/config.ts';
export { resolveConfig as resolveFasterRcnn } from './faster-rcnn/config.ts';
export { fasterRcnnParameters, LAYERS as FASTER_RCNN_LAYERS } from './faster-rcnn/layout.ts';
export { findBoxes } from './faster-rcnn/post-process.ts';
export { type ProposalOptions, proposeBoxes } from './faster-rcnn/proposals.ts';
export type { OneStageConfig, ResolvedConfig as ResolvedOneStage } from './one-stage/config.ts';
export { resolveConfig as resolveOneStage } from './one-stage/config.ts';
export { decodeOutputs as decodeOneStage, type OutputMap } from './one-stage/decode.ts';
export { branches as oneStageBranches, layers as oneStageLayers, parameterSpecs as oneStageParameters } from './one-stage/layout.ts';
export { anchorPyramid } from './ops/anchors.ts';
export { concatenate } from './ops/boxes.ts';
export { mapLevels } from './ops/level-mapper.ts';
export type { Detections, ImageExtent, ParameterSpec } from './types.ts';
