// Labels of a whole image from a network that sees it whole or window by window: logits are averaged where windows overlap, then every pixel
// takes its best class. The windows are those of mmsegmentation's sliding inference: a grid from the top left, the last of a row or column
// moved back inside the image.
import { cropTo } from '../transforms/crop.ts';
import type { Window } from '../transforms/resample.ts';
import type { ImageSample } from '../transforms/sample.ts';
import type { LabelImage } from './label-png.ts';

export interface SlidingOptions {
  /** Height and width of a window in pixels; one that is larger than the image is cut to it. */
  size: readonly [number, number];
  /** Step down and to the right; at most the size, so that no pixel is left out. */
  stride: readonly [number, number];
}

export interface WholeImageOptions {
  /** Number of classes K. */
  classes: number;
  /** Windows; default the whole image at once. */
  sliding?: SlidingOptions;
}

/** Windows that cover an image, row after row. */
export function slidingWindows({ height, width }: { height: number; width: number }, { size, stride }: SlidingOptions): Window[] {
  for (const axis of [0, 1]) {
    const fits = Number.isInteger(size[axis]) && Number.isInteger(stride[axis]) && stride[axis] >= 1 && size[axis] >= stride[axis];
    if (!fits) throw new Error(`slidingWindows: size [${size}] and stride [${stride}] must be integers with 1 <= stride <= size`);
  }
  const [h, w] = [Math.min(size[0], height), Math.min(size[1], width)];
  return starts(height, h, stride[0]).flatMap((y) => starts(width, w, stride[1]).map((x) => ({ x, y, width: w, height: h })));
}

/**
 * The class of every pixel of a prepared (normalised) sample.
 * @param logitsOf gets the sample or a window of it and gives its logits [height, width, classes]; read before the next call
 */
export async function segmentImage(
  sample: ImageSample,
  logitsOf: (part: ImageSample) => Float32Array | Promise<Float32Array>,
  { classes, sliding }: WholeImageOptions,
): Promise<LabelImage> {
  const { height, width } = sample;
  const checked = async (part: ImageSample) => {
    const logits = await logitsOf(part);
    if (logits.length !== part.height * part.width * classes)
      throw new Error(
        `segmentImage: ${logits.length} logits for ${part.height}x${part.width} pixels and ${classes} classes; give one a pixel and class`,
      );
    return logits;
  };
  if (!sliding) return { width, height, data: bestClasses(await checked(sample), classes) };
  const sums = new Float32Array(height * width * classes);
  for (const window of slidingWindows(sample, sliding)) {
    const logits = await checked(cropTo(sample, window));
    for (let y = 0; y < window.height; y++) {
      const first = (window.y + y) * width + window.x;
      const row = logits.subarray(y * window.width * classes, (y + 1) * window.width * classes);
      for (let i = 0; i < row.length; i++) sums[first * classes + i] += row[i];
    }
  }
  // The largest sum is the largest mean: all classes of a pixel lie in the same number of windows.
  return { width, height, data: bestClasses(sums, classes) };
}

function starts(length: number, size: number, stride: number): number[] {
  const count = Math.ceil((length - size) / stride) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * stride, length - size));
}

/** The class of the largest of each K values; the first of equal ones. */
function bestClasses(values: Float32Array, classes: number): Uint8Array {
  const result = new Uint8Array(values.length / classes);
  for (let pixel = 0, at = 0; pixel < result.length; pixel++, at += classes) {
    let best = 0;
    for (let k = 1; k < classes; k++) if (values[at + k] > values[at + best]) best = k;
    result[pixel] = best;
  }
  return result;
}
