// Sizes: to a given one, or by the rule of detectors, short side to one length unless the long side then exceeds its limit.
import { checkWindow, cropBoxes, cropTo } from './crop.ts';
import { resampleBilinear, resampleNearest, type Window } from './resample.ts';
import type { ImageSample } from './sample.ts';

export interface ResizeOptions {
  /** Average over the area of an output pixel when shrinking. Default false, as detectors are usually trained. */
  antialias?: boolean;
  /** Only this part of the resized image is made, at the cost of this part. Default: all of it. */
  window?: Window;
}

/** Resizes image (bilinear, half-pixel centres), boxes and labels (nearest); `scale` follows. The same size returns the sample itself. */
export function resizeTo(
  sample: ImageSample,
  height: number,
  width: number,
  { antialias = false, window }: ResizeOptions = {},
): ImageSample {
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    throw new Error(`resizeTo: height ${height} and width ${width} must be integers >= 1`);
  }
  if (height === sample.height && width === sample.width) return window ? cropTo(sample, window) : sample;
  if (window) checkWindow('resizeTo', window, { height, width });
  const from = [sample.height, sample.width] as const;
  const to = [height, width] as const;
  const factor = { x: width / sample.width, y: height / sample.height };
  const { scale = { x: 1, y: 1 }, segmentation } = sample;
  const resized = {
    ...sample,
    height: window?.height ?? height,
    width: window?.width ?? width,
    image: resampleBilinear(sample.image, from, to, antialias, window),
    // A product may round to just past the border.
    boxes: sample.boxes.map((value, i) => (i % 2 === 0 ? Math.min(width, value * factor.x) : Math.min(height, value * factor.y))),
    scale: { x: scale.x * factor.x, y: scale.y * factor.y },
    ...(segmentation && { segmentation: resampleNearest(segmentation, from, to, window) }),
  };
  return window ? { ...resized, ...cropBoxes(resized, window) } : resized;
}

/**
 * Resizes by the factor min(short / short side, long / long side), sizes rounded to the nearest pixel (the rule of mmdetection).
 * The paper's sizes are short 1000, long 1667.
 */
export function resizeShortSide(sample: ImageSample, options: { short: number; long?: number } & ResizeOptions): ImageSample {
  const { short, long = Number.POSITIVE_INFINITY } = options;
  if (!(short >= 1 && long >= short)) throw new Error(`resizeShortSide: short ${short} and long ${long} must satisfy 1 <= short <= long`);
  const { height, width } = sample;
  const factor = Math.min(short / Math.min(height, width), long / Math.max(height, width));
  return resizeTo(sample, Math.max(1, Math.floor(height * factor + 0.5)), Math.max(1, Math.floor(width * factor + 0.5)), options);
}
