// Reads images, prepares them and makes a batch.
import { collate, type ImageBatch } from '../transforms/collate.ts';
import type { ImageSample } from '../transforms/sample.ts';
import type { DetectionDataset } from '../types.ts';

/**
 * The batch of the images at `indices`. `prepare` is what happens to each (augment, resize, normalise); it gets the position in the
 * batch, for `augmentationAt`. Rejects with the first image that cannot be read.
 */
export async function loadBatch(
  dataset: DetectionDataset,
  indices: readonly number[],
  prepare: (sample: ImageSample, position: number) => ImageSample,
  options?: { multiple?: number },
): Promise<ImageBatch> {
  const samples = await Promise.all(indices.map(async (index, position) => prepare(await dataset.get(index), position)));
  return collate(samples, options);
}
