export { type CocoOptions, cocoDataset } from './coco/coco-dataset.ts';
export { emojiScenes } from './emoji/emoji-scenes.ts';
export type { EmojiOptions } from './emoji/options.ts';
export { EMOJI_CLASSES } from './emoji/sprites.ts';
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
