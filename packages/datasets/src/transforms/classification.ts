// How classifiers see an image, as torchvision's reference training does: a random part resized to a square in training, in evaluation the short
// side to one length and the middle of it.
import { powerOf } from '../exact.ts';
import { randomStream } from '../random.ts';
import { cropTo } from './crop.ts';
import type { Window } from './resample.ts';
import { resizeTo } from './resize.ts';
import type { ImageSample } from './sample.ts';

const STREAM = 3; // keeps these draws apart from those of batch/augment.ts
const TRIES = 10;

export interface RandomPartOptions {
  /** Share of the image's area, default [0.08, 1]. */
  area?: readonly [number, number];
  /** Width over height, drawn log-uniformly; default [3/4, 4/3]. */
  aspect?: readonly [number, number];
}

/**
 * The part of an image of this size that `RandomResizedCrop` takes, a pure function of the key. A part that does not fit is drawn again, ten
 * times; then it is the middle of the image, cut to the range of aspects.
 */
export function randomPart(
  { height, width }: { height: number; width: number },
  key: readonly number[],
  { area = [0.08, 1], aspect = [3 / 4, 4 / 3] }: RandomPartOptions = {},
): Window {
  checkRange('area', area, 1);
  checkRange('aspect', aspect, Number.POSITIVE_INFINITY);
  const random = randomStream([STREAM, ...key]);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const pixels = height * width * random.between(area[0], area[1]);
    const ratio = aspect[0] * powerOf(aspect[1] / aspect[0], random.uniform());
    const w = Math.round(Math.sqrt(pixels * ratio));
    const h = Math.round(Math.sqrt(pixels / ratio));
    if (w >= 1 && h >= 1 && w <= width && h <= height)
      return { x: random.integer(0, width - w), y: random.integer(0, height - h), width: w, height: h };
  }
  const ratio = Math.min(Math.max(width / height, aspect[0]), aspect[1]);
  const w = Math.max(1, Math.min(width, Math.round(height * ratio)));
  const h = Math.max(1, Math.min(height, Math.round(width / ratio)));
  return { x: Math.floor((width - w) / 2), y: Math.floor((height - h) / 2), width: w, height: h };
}

/** A part of a sample, resized (antialiased) to `size` x `size`. */
export function resizedPart(sample: ImageSample, part: Window, size: number): ImageSample {
  return resizeTo(cropTo(sample, part), size, size, { antialias: true });
}

/**
 * The short side to `resize` pixels (antialiased; the long side rounded down), then the middle `crop` x `crop`: torchvision's
 * `Resize(256)`, `CenterCrop(224)`. Throws when the middle is larger than the resized image.
 */
export function resizedMiddle(sample: ImageSample, { resize, crop }: { resize: number; crop: number }): ImageSample {
  if (!(Number.isInteger(resize) && Number.isInteger(crop) && crop >= 1 && crop <= resize))
    throw new Error(`resizedMiddle: resize ${resize} and crop ${crop} must be integers with 1 <= crop <= resize`);
  const { height, width } = sample;
  const long = Math.floor((resize * Math.max(height, width)) / Math.min(height, width));
  const [h, w] = height <= width ? [resize, long] : [long, resize];
  const window = { y: middle(h - crop), x: middle(w - crop), width: crop, height: crop };
  return resizeTo(sample, h, w, { antialias: true, window });
}

/** Half, rounded as Python rounds: ties to even. */
function middle(room: number): number {
  const half = Math.floor(room / 2);
  return room % 2 === 0 ? half : half + (half % 2);
}

function checkRange(name: string, [low, high]: readonly [number, number], most: number): void {
  if (!(low > 0 && high >= low && high <= most && Number.isFinite(high)))
    throw new Error(`randomPart: ${name} [${low}, ${high}] must satisfy 0 < low <= high${most === 1 ? ' <= 1' : ''}`);
}
