export { type CategoryAp, type CocoApOptions, type CocoResult, cocoAp } from './coco-ap.ts';
export { type ImageDetections, type ParseOptions, parseCocoDataset, parseCocoDetections, toResultsJson } from './coco-json.ts';
export { type AreaName, IOU_THRESHOLDS, RECALL_THRESHOLDS } from './parameters.ts';
export { formatCocoSummary } from './summary.ts';
export type { CocoAnnotation, CocoCategory, CocoDataset, CocoDetection, CocoImage } from './types.ts';
