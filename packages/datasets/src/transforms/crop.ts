// Cuts a window out of a sample: pixels, labels and boxes.
import type { Window } from './resample.ts';
import type { ImageSample } from './sample.ts';

/** The part of a sample inside the window. Boxes are clipped to it; objects with nothing inside are left out. */
export function cropTo(sample: ImageSample, window: Window): ImageSample {
  checkWindow('cropTo', window, sample);
  const { image, segmentation } = sample;
  return {
    ...sample,
    height: window.height,
    width: window.width,
    image: cut(image, sample.width, window, 3),
    ...cropBoxes(sample, window),
    ...(segmentation && { segmentation: cut(segmentation, sample.width, window, 1) }),
  };
}

/** The objects of a sample as seen in the window. */
export function cropBoxes(
  { boxes, labels, crowd }: Pick<ImageSample, 'boxes' | 'labels' | 'crowd'>,
  { x, y, width, height }: Window,
): Pick<ImageSample, 'boxes' | 'labels' | 'crowd'> {
  const inside = (value: number, from: number, size: number) => Math.min(size, Math.max(0, value - from));
  const moved = boxes.map((value, i) => (i % 2 === 0 ? inside(value, x, width) : inside(value, y, height)));
  const kept = [...labels.keys()].filter((i) => moved[4 * i + 2] > moved[4 * i] && moved[4 * i + 3] > moved[4 * i + 1]);
  return {
    boxes: Float32Array.from(kept.flatMap((i) => [...moved.subarray(4 * i, 4 * i + 4)])),
    labels: Int32Array.from(kept, (i) => labels[i]),
    crowd: Uint8Array.from(kept, (i) => crowd[i]),
  };
}

/** Throws unless the window lies inside. */
export function checkWindow(operation: string, { x, y, width, height }: Window, size: { height: number; width: number }): void {
  const whole = [x, y, width, height].every(Number.isInteger);
  if (whole && x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= size.width && y + height <= size.height) return;
  throw new Error(
    `${operation}: window ${width}x${height} at x ${x}, y ${y} does not lie inside the image of ${size.width}x${size.height}`,
  );
}

function cut<T extends Uint8Array | Float32Array>(data: T, fullWidth: number, { x, y, width, height }: Window, channels: number): T {
  const length = height * width * channels;
  const result = (data instanceof Float32Array ? new Float32Array(length) : new Uint8Array(length)) as T;
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * fullWidth + x) * channels;
    result.set(data.subarray(from, from + width * channels), row * width * channels);
  }
  return result;
}
