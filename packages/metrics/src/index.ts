export { CocoFormatError } from './check.ts';
export {
  type CityscapesEvaluation,
  type CityscapesPair,
  type CityscapesScores,
  cityscapesEvaluation,
  cityscapesScores,
  type NamedScores,
} from './cityscapes/evaluation.ts';
export { formatCityscapesScores } from './cityscapes/format.ts';
export { CITYSCAPES_CATEGORIES, CITYSCAPES_LABELS, type CityscapesCategory, type CityscapesLabel } from './cityscapes/labels.ts';
export { type CategoryAp, type CocoApOptions, type CocoResult, cocoAp } from './coco-ap.ts';
export { type ImageDetections, type ParseOptions, parseCocoDataset, parseCocoDetections, toResultsJson } from './coco-json.ts';
export { type AreaName, IOU_THRESHOLDS, RECALL_THRESHOLDS } from './parameters.ts';
export { addToConfusion, type Confusion, createConfusion, type SegmentationPair } from './segmentation/confusion.ts';
export type { LabelImage } from './segmentation/label-image.ts';
export { type SegmentationOptions, type SegmentationScores, scoresOf, segmentationScores } from './segmentation/scores.ts';
export { formatCocoSummary } from './summary.ts';
export { topK } from './top-k.ts';
export type { CocoAnnotation, CocoCategory, CocoDataset, CocoDetection, CocoImage } from './types.ts';
