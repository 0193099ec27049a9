// Resampling of plain images: separable bilinear with half-pixel centres, as torch's interpolate(mode='bilinear',
// align_corners=False), with and without antialias (there, a triangle as wide as an output pixel); nearest for labels.
const { abs, floor, max, min } = Math; // looking `Math` up for every pixel is slow inside a vm context, where jest runs

/** Output i is the sum of `weights[first[i]..first[i + 1])` over the inputs from `start[i]` on. */
interface Taps {
  start: Int32Array;
  first: Int32Array;
  weights: number[];
}

/** A part of an image, in pixels. */
export interface Window {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Image [height, width, 3] to [newHeight, newWidth, 3] in float32, same range of values; of that, only `window` is computed. */
export function resampleBilinear(
  image: Uint8Array | Float32Array,
  [height, width]: readonly [number, number],
  [newHeight, newWidth]: readonly [number, number],
  antialias: boolean,
  window: Window = { x: 0, y: 0, width: newWidth, height: newHeight },
): Float32Array {
  const columns = tapsFor(width, newWidth, antialias, window.x, window.width);
  const rows = tapsFor(height, newHeight, antialias, window.y, window.height);
  const top = rows.start[0];
  const last = window.height - 1;
  const bottom = rows.start[last] + rows.first[last + 1] - rows.first[last];
  const needed = image.subarray(top * width * 3, bottom * width * 3);
  const wide = resampleColumns(needed, bottom - top, width, window.width, columns);
  return resampleRows(wide, window.height, window.width, { ...rows, start: rows.start.map((row) => row - top) });
}

/** Labels [height, width] to [newHeight, newWidth]: the label under each new pixel's centre; of that, only `window`. */
export function resampleNearest(
  labels: Uint8Array,
  [height, width]: readonly [number, number],
  [newHeight, newWidth]: readonly [number, number],
  window: Window = { x: 0, y: 0, width: newWidth, height: newHeight },
): Uint8Array {
  const result = new Uint8Array(window.height * window.width);
  for (let y = 0; y < window.height; y++) {
    const row = floor(((y + window.y + 0.5) * height) / newHeight) * width;
    for (let x = 0; x < window.width; x++) {
      result[y * window.width + x] = labels[row + floor(((x + window.x + 0.5) * width) / newWidth)];
    }
  }
  return result;
}

/** The taps of outputs from..from + count - 1. */
function tapsFor(size: number, newSize: number, antialias: boolean, from: number, count: number): Taps {
  const ratio = size / newSize;
  const taps: Taps = { start: new Int32Array(count), first: new Int32Array(count + 1), weights: [] };
  for (let i = 0; i < count; i++) {
    const centre = (from + i + 0.5) * ratio;
    const [start, weights] = antialias ? triangle(centre, max(1, ratio), size) : twoTaps(centre - 0.5, size);
    taps.start[i] = start;
    taps.weights.push(...weights);
    taps.first[i + 1] = taps.weights.length;
  }
  return taps;
}

/** The two inputs around a position; past the border, the border. */
function twoTaps(position: number, size: number): [number, number[]] {
  const inside = min(max(position, 0), size - 1);
  const start = floor(inside);
  return start === inside ? [start, [1]] : [start, [1 - (inside - start), inside - start]];
}

/** All inputs under a triangle that reaches `support` to both sides, weights normalised inside the image. */
function triangle(centre: number, support: number, size: number): [number, number[]] {
  const start = max(0, floor(centre - support + 0.5));
  const end = min(size, floor(centre + support + 0.5));
  const weights: number[] = [];
  for (let x = start; x < end; x++) weights.push(max(0, 1 - abs(x + 0.5 - centre) / support));
  const total = weights.reduce((a, b) => a + b, 0);
  return [start, weights.map((weight) => weight / total)];
}

function resampleColumns(image: ArrayLike<number>, height: number, width: number, newWidth: number, taps: Taps): Float32Array {
  const { start, first, weights } = taps;
  const result = new Float32Array(height * newWidth * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < newWidth; x++, to += 3) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let tap = first[x], from = (y * width + start[x]) * 3; tap < first[x + 1]; tap++, from += 3) {
        r += weights[tap] * image[from];
        g += weights[tap] * image[from + 1];
        b += weights[tap] * image[from + 2];
      }
      result[to] = r;
      result[to + 1] = g;
      result[to + 2] = b;
    }
  }
  return result;
}

function resampleRows(image: Float32Array, newHeight: number, width: number, { start, first, weights }: Taps): Float32Array {
  const stride = width * 3;
  const result = new Float32Array(newHeight * stride);
  for (let y = 0; y < newHeight; y++) {
    for (let tap = first[y]; tap < first[y + 1]; tap++) {
      const weight = weights[tap];
      const from = (start[y] + tap - first[y]) * stride;
      for (let i = 0; i < stride; i++) result[y * stride + i] += weight * image[from + i];
    }
  }
  return result;
}
