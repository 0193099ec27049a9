// Emoji crops: one emoji on clutter an image, to be told which. The scenes of `emojiScenes` with one object, larger in a smaller picture.
import { emojiScenes } from '../emoji/emoji-scenes.ts';
import type { EmojiOptions } from '../emoji/options.ts';
import type { ClassificationDataset } from '../types.ts';

export interface EmojiCropOptions extends Pick<EmojiOptions, 'split' | 'cacheDir' | 'count' | 'seed' | 'onProgress'> {
  /** Side in pixels, default 96. */
  imageSize?: number;
  /** Smallest and largest emoji in pixels (side of the unturned drawing, log-uniform); default a sixth and a half of the image. */
  objectSize?: [number, number];
}

/**
 * Made and cached as emoji scenes are, and equal byte for byte on every machine. The emoji may stand anywhere, at least half of it inside.
 * Rejects as `emojiScenes` does.
 */
export async function emojiCrops({ imageSize = 96, objectSize, ...options }: EmojiCropOptions): Promise<ClassificationDataset> {
  const scenes = await emojiScenes({
    ...options,
    imageSize,
    objects: [1, 1],
    objectSize: objectSize ?? [Math.max(4, Math.round(imageSize / 6)), Math.round(imageSize / 2)],
  });
  const { annotations } = scenes.groundTruth();
  const labels = new Int32Array(scenes.length).fill(-1);
  // Category ids are label + 1, image ids index + 1.
  for (const { image_id, category_id } of annotations) labels[image_id - 1] = category_id - 1;
  const none = labels.indexOf(-1);
  // A single object always finds a place: wherever its centre falls, more than half of it is inside.
  if (none >= 0) throw new Error(`emojiCrops: scene ${none} of ${scenes.name} holds no emoji; give smaller objects than [${objectSize}]`);
  return {
    name: scenes.name,
    classes: scenes.categories.map(({ name }) => name),
    length: scenes.length,
    names: scenes.ids.map((id) => `scene-${id}`),
    labels,
    async get(index) {
      const { id, width, height, image } = await scenes.get(index);
      return { id, width, height, image, ...noObjects() };
    },
  };
}

/** A sample of a picture as a whole. */
export const noObjects = () => ({ boxes: new Float32Array(0), labels: new Int32Array(0), crowd: new Uint8Array(0) });
