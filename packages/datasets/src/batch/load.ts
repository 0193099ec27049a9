// Reads images, prepares them and makes a batch.
import { type CollateOptions, collate, type ImageBatch } from '../transforms/collate.ts';
import type { ImageSample } from '../transforms/sample.ts';

/**
 * The batch of the images at `indices` of a detection or segmentation dataset. `prepare` is what happens to each (augment, resize, normalise); it gets the position in the
 * batch, for `augmentationAt`. Rejects with the first image that cannot be read.
 */
export async function loadBatch(
  dataset: { get(index: number): Promise<ImageSample> },
  indices: readonly number[],
  prepare: (sample: ImageSample, position: number) => ImageSample,
  options?: CollateOptions,
): Promise<ImageBatch> {
  const samples = await Promise.all(indices.map(async (index, position) => prepare(await dataset.get(index), position)));
  return collate(samples, options);
}
