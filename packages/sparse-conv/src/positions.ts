// From a mask to lists of indices: which outputs are computed and which inputs each of them reads.

/** Sizes of one sampled convolution; all maps NHWC. */
export interface Geometry {
  batch: number;
  height: number;
  width: number;
  outHeight: number;
  outWidth: number;
  kernel: number;
  stride: number;
}

/** Side of the output: floor((size - 1) / stride) + 1, whatever the odd kernel, because the padding is kernel >> 1. */
export function outputSize(size: number, stride: number): number {
  return Math.floor((size - 1) / stride) + 1;
}

/** Flat output positions (n*H' + y)*W' + x where the mask is not zero, ascending. */
export function sampledPositions(mask: ArrayLike<number>): Int32Array {
  const positions = new Int32Array(mask.length);
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) positions[count++] = i;
  return positions.slice(0, count);
}

/**
 * For each position and tap (row by row) the flat input position it reads; `batch * height * width`, one past the last, where the tap falls
 * into the padding.
 */
export function tapIndices(positions: Int32Array, { batch, height, width, outHeight, outWidth, kernel, stride }: Geometry): Int32Array {
  const padding = kernel >> 1;
  const outside = batch * height * width;
  const indices = new Int32Array(positions.length * kernel * kernel);
  let at = 0;
  for (const position of positions) {
    const image = Math.floor(position / (outHeight * outWidth));
    const top = (Math.floor(position / outWidth) % outHeight) * stride - padding;
    const left = (position % outWidth) * stride - padding;
    for (let y = top; y < top + kernel; y++) {
      for (let x = left; x < left + kernel; x++) {
        const inside = y >= 0 && y < height && x >= 0 && x < width;
        indices[at++] = inside ? (image * height + y) * width + x : outside;
      }
    }
  }
  return indices;
}
