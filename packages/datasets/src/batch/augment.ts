// How a step sees an image: mirrored, scaled, brighter or darker, as a pure function of (seed, step, position in the batch).
import { powerOf } from '../exact.ts';
import { randomStream } from '../random.ts';
import { adjustBrightness } from '../transforms/colour.ts';
import { flipHorizontal } from '../transforms/flip.ts';
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
}

export interface Augmentation {
  flip: boolean;
  scale: number;
  brightness: number;
}

/** The augmentation of the image at `position` in the batch of a step. What one option draws does not depend on the others. */
export function augmentationAt(step: number, position: number, options: AugmentationOptions): Augmentation {
  const { seed, flip = 0.5, scale = [1, 1], brightness = [1, 1] } = options;
  if (!(flip >= 0 && flip <= 1)) throw new Error(`augmentationAt: flip ${flip} must be a probability`);
  checkRange('scale', scale);
  checkRange('brightness', brightness);
  const random = randomStream([STREAM, seed, step, position]);
  const [flipDraw, scaleDraw, brightnessDraw] = [random.uniform(), random.uniform(), random.uniform()];
  return {
    flip: flipDraw < flip,
    scale: scale[0] * powerOf(scale[1] / scale[0], scaleDraw),
    brightness: brightness[0] + (brightness[1] - brightness[0]) * brightnessDraw,
  };
}

/** Applies an augmentation to a sample with pixels of range 0..255 (before normalisation). */
export function augment(sample: ImageSample, { flip, scale, brightness }: Augmentation, options?: ResizeOptions): ImageSample {
  const size = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  const resized = resizeTo(sample, size(sample.height), size(sample.width), options);
  const flipped = flip ? flipHorizontal(resized) : resized;
  return brightness === 1 ? flipped : adjustBrightness(flipped, brightness);
}

function checkRange(name: string, [low, high]: readonly [number, number]): void {
  if (!(low > 0 && high >= low && high < Number.POSITIVE_INFINITY)) {
    throw new Error(`augmentationAt: ${name} [${low}, ${high}] must satisfy 0 < low <= high`);
  }
}
