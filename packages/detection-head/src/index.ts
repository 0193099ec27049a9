export type { DetectionsConfig, FasterRcnnConfig, RoiConfig, RpnConfig } from './faster-rcnn/config.ts';
export { fasterRcnn } from './faster-rcnn/faster-rcnn.ts';
export { fc6FromTorch, fc6ToTorch } from './faster-rcnn/parameters.ts';
export type { FasterRcnnLosses } from './faster-rcnn/training.ts';
export type { OneStageConfig } from './one-stage/config.ts';
export { oneStage } from './one-stage/one-stage.ts';
export { anchorPyramid, baseAnchors, levelAnchors } from './ops/anchors.ts';
export { type BalancedSample, type BalancedSamplerOptions, sampleBalanced } from './ops/balanced-sampler.ts';
export { type CoderWeights, decodeBoxes, encodeBoxes, MAX_LOG_GROWTH } from './ops/box-coder.ts';
export { boxAreas, boxCount, boxCoverage, boxIou, clipBoxes, largeBoxes, takeBoxes } from './ops/boxes.ts';
export { type LevelMapperOptions, mapLevels } from './ops/level-mapper.ts';
export { binaryCrossEntropy, crossEntropy, type FocalOptions, giouLoss, sigmoidFocalLoss, smoothL1 } from './ops/losses.ts';
export { BACKGROUND, type MatcherOptions, matchBoxes, UNDECIDED } from './ops/matcher.ts';
export { batchedNms, byFallingScore, nms, topScores } from './ops/nms.ts';
export { roiAlign } from './ops/roi-align.ts';
export type { RoiGrid, Rois } from './ops/roi-taps.ts';
export { checkTargets } from './targets.ts';
export type {
  DetectionHead,
  Detections,
  DetectionTargets,
  ImageExtent,
  ImageSize,
  LossContext,
  ParameterRole,
  ParameterSpec,
  Params,
} from './types.ts';
