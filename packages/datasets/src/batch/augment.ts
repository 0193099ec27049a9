// How a step sees an image: scaled, cropped, mirrored, brighter or darker, as a pure function of (seed, step, position in the batch).
import { powerOf } from '../exact.ts';
import { randomStream } from '../random.ts';
import { adjustBrightness } from '../transforms/colour.ts';
import { flipHorizontal } from '../transforms/flip.ts';
import type { Window } from '../transforms/resample.ts';
import { type ResizeOptions, resizeTo } from '../transforms/resize.ts';
import type { ImageSample } from '../transforms/sample.ts';

const STREAM = 2;

export interface AugmentationOptions {
  seed: number;
  /** Probability of the mirror image, default .5. */
  flip?: number;
  /** Range of the resize factor (log-uniform), default [1, 1]. The batch is padded to its largest image. */
  scale?: readonly [number, number];
  /** Range of the factor on the pixels, default [1, 1]. */
  brightness?: readonly [number, number];
  /** Height and width of a random part to cut out after resizing, at most: a smaller image is kept whole. Default: no cut. */
  crop?: readonly [number, number];
}

export interface Augmentation {
  flip: boolean;
  scale: number;
  brightness: number;
  /** `x`, `y`: where the part lies in the room there is, 0 left or top, almost 1 right or bottom. */
  crop?: { height: number; width: number; x: number; y: number };
}

/** The augmentation of the image at `position` in the batch of a step. What one option draws does not depend on the others. */
export function augmentationAt(step: number, position: number, options: AugmentationOptions): Augmentation {
  const { seed, flip = 0.5, scale = [1, 1], brightness = [1, 1], crop } = options;
  if (!(flip >= 0 && flip <= 1)) throw new Error(`augmentationAt: flip ${flip} must be a probability`);
  checkRange('scale', scale);
  checkRange('brightness', brightness);
  if (crop && !crop.every((side) => Number.isInteger(side) && side >= 1))
    throw new Error(`augmentationAt: crop [${crop}] must be [height, width], integers >= 1`);
  const random = randomStream([STREAM, seed, step, position]);
  const [flipDraw, scaleDraw, brightnessDraw, x, y] = Array.from({ length: 5 }, random.uniform);
  return {
    flip: flipDraw < flip,
    scale: scale[0] * powerOf(scale[1] / scale[0], scaleDraw),
    brightness: brightness[0] + (brightness[1] - brightness[0]) * brightnessDraw,
    ...(crop && { crop: { height: crop[0], width: crop[1], x, y } }),
  };
}

/** Applies an augmentation to a sample with pixels of range 0..255 (before normalisation). */
export function augment(sample: ImageSample, augmentation: Augmentation, options?: ResizeOptions): ImageSample {
  const { flip, scale, brightness, crop } = augmentation;
  const [height, width] = [sample.height, sample.width].map((pixels) => Math.max(1, Math.round(pixels * scale)));
  const resized = resizeTo(sample, height, width, { ...options, ...(crop && { window: windowOf(crop, height, width) }) });
  const flipped = flip ? flipHorizontal(resized) : resized;
  return brightness === 1 ? flipped : adjustBrightness(flipped, brightness);
}

function windowOf({ x, y, ...part }: NonNullable<Augmentation['crop']>, fullHeight: number, fullWidth: number): Window {
  const height = Math.min(part.height, fullHeight);
  const width = Math.min(part.width, fullWidth);
  return { height, width, x: Math.floor(x * (fullWidth - width + 1)), y: Math.floor(y * (fullHeight - height + 1)) };
}

function checkRange(name: string, [low, high]: readonly [number, number]): void {
  if (!(low > 0 && high >= low && high < Number.POSITIVE_INFINITY)) {
    throw new Error(`augmentationAt: ${name} [${low}, ${high}] must satisfy 0 < low <= high`);
  }
}
