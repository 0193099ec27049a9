export { type Augmentation, type AugmentationOptions, augment, augmentationAt } from './batch/augment.ts';
export { loadBatch } from './batch/load.ts';
export { batchAt, epochOrder } from './batch/order.ts';
export { type CocoOptions, cocoDataset } from './coco/coco-dataset.ts';
export { emojiScenes } from './emoji/emoji-scenes.ts';
export type { EmojiOptions } from './emoji/options.ts';
export { EMOJI_CLASSES } from './emoji/sprites.ts';
export { type RandomStream, randomStream } from './random.ts';
export { decodeLabelPng, encodeLabelPng, type LabelImage, readLabelPng } from './segmentation/label-png.ts';
export { collate, IGNORED_LABEL, type ImageBatch } from './transforms/collate.ts';
export { adjustBrightness, type ColourStatistics, denormalise, IMAGENET_STATISTICS, normalise } from './transforms/colour.ts';
export { flipHorizontal } from './transforms/flip.ts';
export { type ResizeOptions, resizeShortSide, resizeTo } from './transforms/resize.ts';
export type { ImageSample } from './transforms/sample.ts';
export type {
  CocoAnnotation,
  CocoCategory,
  CocoDataset,
  CocoImage,
  DatasetWarning,
  DetectionDataset,
  DetectionSample,
  SkippedImage,
} from './types.ts';
