// From logits to labels on plain arrays, as `predict` of a head does it on tensors: bilinear to the pixels of the input (half-pixel centres), the
// padding cut off, bilinear again where the labels are wanted in another size, then the best class of each pixel, the first of equal ones.
// Both steps together mix at most 3 neighbouring cells along each axis with weights that sum to 1. So where one class is the best of all of
// them it is the best of the mixture, and nothing is computed: most of an image lies inside of its regions.
import type { ImageExtent, LabelImage } from './types.ts';

export interface Logits {
  /** [height, width, classes]. */
  data: Float32Array;
  height: number;
  width: number;
  classes: number;
  /** Pixels of the input a cell. */
  stride: number;
}

/** The labels of an image that lies at the top left of the input. */
export function decodeLabels({ data, height, width, classes, stride }: Logits, image: ImageExtent): LabelImage {
  const [outHeight, outWidth] = image.output ?? [image.height, image.width];
  const rows = mixtures(height, stride, image.height, outHeight);
  const columns = mixtures(width, stride, image.width, outWidth);
  const cells = bestClasses(data, classes);
  const labels = new Uint8Array(outHeight * outWidth);
  /** Of each column of cells, the best class of all cells that the row mixes, or -1. */
  const common = new Int16Array(width);
  const mixed = new Float32Array(width * classes);
  for (let y = 0, at = 0; y < outHeight; y++) {
    const lines = membersOf(rows, y);
    for (let x = 0; x < width; x++) {
      const label = cells[lines[0].index * width + x];
      common[x] = lines.every(({ index }) => cells[index * width + x] === label) ? label : -1;
    }
    let isMixed = false;
    for (let x = 0; x < outWidth; x++, at++) {
      const first = columns.first[x];
      const a = columns.weights[3 * x];
      const b = columns.weights[3 * x + 1];
      const c = columns.weights[3 * x + 2];
      const label = common[first];
      if (label >= 0 && (b === 0 || common[first + 1] === label) && (c === 0 || common[first + 2] === label)) {
        labels[at] = label;
        continue;
      }
      if (!isMixed) mix(data, lines, mixed);
      isMixed = true;
      labels[at] = bestOf(mixed, first * classes, classes, a, b, c);
    }
  }
  return { width: outWidth, height: outHeight, data: labels };
}

/** Output i is the sum of weights[3 i + k] times cell first[i] + k; cells past the end have weight 0. */
interface Mixtures {
  first: Int32Array;
  weights: Float32Array;
}

/** Cells to pixels, of which the first `side` are kept, to `count` outputs. */
function mixtures(cells: number, stride: number, side: number, count: number): Mixtures {
  const result = { first: new Int32Array(count), weights: new Float32Array(3 * count) };
  for (let i = 0; i < count; i++) {
    const pixels = count === side ? [[i, 1]] : placed(((i + 0.5) * side) / count - 0.5, side);
    const parts = pixels.flatMap(([pixel, share]) =>
      placed((pixel + 0.5) / stride - 0.5, cells).map(([cell, weight]) => [cell, share * weight]),
    );
    result.first[i] = parts[0][0];
    for (const [cell, weight] of parts) if (weight > 0) result.weights[3 * i + cell - parts[0][0]] += weight;
  }
  return result;
}

/** The two of `size` elements around a place, and their shares. */
function placed(place: number, size: number): [index: number, share: number][] {
  const at = Math.min(Math.max(place, 0), size - 1);
  const first = Math.floor(at);
  return [
    [first, 1 - (at - first)],
    [Math.min(first + 1, size - 1), at - first],
  ];
}

function membersOf({ first, weights }: Mixtures, output: number): { index: number; weight: number }[] {
  return [0, 1, 2].flatMap((k) => (weights[3 * output + k] > 0 ? [{ index: first[output] + k, weight: weights[3 * output + k] }] : []));
}

/** A row of cells from several. */
function mix(data: Float32Array, lines: readonly { index: number; weight: number }[], out: Float32Array): void {
  out.fill(0);
  for (const { index, weight } of lines) {
    const from = index * out.length;
    for (let i = 0; i < out.length; i++) out[i] += weight * data[from + i];
  }
}

function bestOf(cells: Float32Array, from: number, classes: number, a: number, b: number, c: number): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0, at = from; k < classes; k++, at++) {
    let value = a * cells[at];
    if (b > 0) value += b * cells[at + classes];
    if (c > 0) value += c * cells[at + 2 * classes];
    if (value > most) {
      most = value;
      best = k;
    }
  }
  return best;
}

/** The class of the largest of each K values; the first of equal ones. */
function bestClasses(data: Float32Array, classes: number): Uint8Array {
  const best = new Uint8Array(data.length / classes);
  for (let i = 0; i < best.length; i++) best[i] = bestOf(data, i * classes, classes, 1, 0, 0);
  return best;
}
