// Emoji scenes as a segmentation dataset: the same scenes and cache as `emojiScenes`, with the background as a class.
import type { Color, SegmentationDataset } from '../types.ts';
import { emojiScenes } from './emoji-scenes.ts';
import type { EmojiOptions } from './options.ts';
import { EMOJI_CLASSES } from './sprites.ts';
import { THIN_CLASSES, THIN_COLORS } from './thin.ts';

const BACKGROUND: Color = [60, 60, 60];

/** Class 0 is the background, 1..10 the emoji, and in variant 'thin' 11..13 wire, pole and outline. Nothing is ignored. */
export async function emojiSegmentation(options: EmojiOptions): Promise<SegmentationDataset> {
  const { name, length, ids, get } = await emojiScenes(options);
  const thin = options.variant === 'thin';
  return {
    name,
    classes: ['background', ...EMOJI_CLASSES.map((emoji) => emoji.name), ...(thin ? THIN_CLASSES : [])],
    colors: [BACKGROUND, ...EMOJI_CLASSES.map((emoji) => emoji.color), ...(thin ? THIN_COLORS : [])],
    length,
    names: ids.map((id) => `scene-${id}`),
    async get(index) {
      const sample = await get(index);
      return { ...sample, segmentation: sample.segmentation! };
    },
  };
}
