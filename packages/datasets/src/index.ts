export { type Augmentation, type AugmentationOptions, augment, augmentationAt } from './batch/augment.ts';
export { loadBatch } from './batch/load.ts';
export { batchAt, epochOrder } from './batch/order.ts';
export { type EmojiCropOptions, emojiCrops } from './classification/emoji-crops.ts';
export { type ImageFolderOptions, imageFolders } from './classification/image-folders.ts';
export { type CocoOptions, cocoDataset } from './coco/coco-dataset.ts';
export { type Picture, type ReadImageOptions, readImage } from './coco/decode.ts';
export { emojiScenes } from './emoji/emoji-scenes.ts';
export { emojiSegmentation } from './emoji/emoji-segmentation.ts';
export type { EmojiOptions } from './emoji/options.ts';
export { EMOJI_CLASSES } from './emoji/sprites.ts';
export { THIN_CLASSES } from './emoji/thin.ts';
export { type RandomStream, randomStream } from './random.ts';
export {
  CITYSCAPES_TRAINED_IDS,
  type CityscapesDataset,
  type CityscapesOptions,
  cityscapes,
  cityscapesLabelIds,
} from './segmentation/cityscapes.ts';
export { withoutPictures } from './segmentation/files.ts';
export { type LabelClasses, type LabelFolderOptions, labelFolders } from './segmentation/label-folders.ts';
export { decodeLabelPng, encodeLabelPng, type LabelImage, readLabelPng } from './segmentation/label-png.ts';
export { type SlidingOptions, segmentImage, slidingWindows, type WholeImageOptions } from './segmentation/whole-image.ts';
export { type RandomPartOptions, randomPart, resizedMiddle, resizedPart } from './transforms/classification.ts';
export { type CollateOptions, collate, IGNORED_LABEL, type ImageBatch } from './transforms/collate.ts';
export { adjustBrightness, type ColourStatistics, denormalise, IMAGENET_STATISTICS, normalise } from './transforms/colour.ts';
export { cropTo } from './transforms/crop.ts';
export { flipHorizontal } from './transforms/flip.ts';
export type { Window } from './transforms/resample.ts';
export { type ResizeOptions, resizeShortSide, resizeTo } from './transforms/resize.ts';
export type { ImageSample } from './transforms/sample.ts';
export type {
  ClassificationDataset,
  CocoAnnotation,
  CocoCategory,
  CocoDataset,
  CocoImage,
  Color,
  DatasetWarning,
  DetectionDataset,
  DetectionSample,
  SegmentationDataset,
  SegmentationSample,
  SkippedImage,
} from './types.ts';
export { evenly, noObjects } from './whole.ts';
