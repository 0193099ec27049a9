// Sizes of images, the same for all tasks.
import { type ImageSample, resizeTo } from '@stint/datasets';

/** Batches are padded to it: a size that is none of its multiples would pay for pixels that nobody sees. */
const MULTIPLE = 32;

/** Decoded images kept in memory, a set: small sets are decoded once. */
export const CACHE_BYTES = 512 * 2 ** 20;

/** The next multiple of 32. */
export const paddedSide = (side: number): number => Math.ceil(side / MULTIPLE) * MULTIPLE;

/** Part `scale` of a length, as a multiple of 32. */
export const scaledSide = (side: number, scale: number): number => Math.max(1, Math.round((side * scale) / MULTIPLE)) * MULTIPLE;

/** The sample at part `scale` of its size, sides as multiples of 32; at 1 the sample itself. */
export function scaled(sample: ImageSample, scale: number): ImageSample {
  if (scale === 1) return sample;
  return resizeTo(sample, scaledSide(sample.height, scale), scaledSide(sample.width, scale), { antialias: true });
}
