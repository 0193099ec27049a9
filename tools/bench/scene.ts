// Made-up batches for the benchmarks: noise images, each with 1 to 6 boxes of 10 to 48 pixels.
import { uniformValues } from '@stint/core-sampling';

const CLASSES = 10;

export interface NoiseBatch {
  /** [count,size,size,3], in [-1,1). */
  images: Float32Array;
  boxes: Float32Array[];
  labels: Int32Array[];
}

/** A pure function of its arguments. */
export function noiseBatch(count: number, size: number, seed: number): NoiseBatch {
  const images = uniformValues(count * size * size * 3, [seed, 0]).map((u) => 2 * u - 1);
  const scenes = Array.from({ length: count }, (_, image) => {
    const u = uniformValues(25, [seed, 1, image]);
    return Array.from({ length: 1 + Math.floor(6 * u[24]) }, (_, i) => {
      const [x, y, scale, label] = u.subarray(4 * i, 4 * i + 4);
      const side = Math.min(10 * 4.8 ** scale, size / 2);
      const [left, top] = [x * (size - side), y * (size - side)];
      return { box: [left, top, left + side, top + side], label: Math.floor(CLASSES * label) };
    });
  });
  return {
    images,
    boxes: scenes.map((objects) => Float32Array.from(objects.flatMap(({ box }) => box))),
    labels: scenes.map((objects) => Int32Array.from(objects, ({ label }) => label)),
  };
}
