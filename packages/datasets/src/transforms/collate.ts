// Samples to one batch: padded at the right and the bottom to the largest of them, and up to a multiple of the network's stride.
import type { ImageSample } from './sample.ts';

/** One entry an image in every list; plain arrays, tensors are made where they are used. */
export interface ImageBatch {
  /** [n, height, width, 3], zero where padded. */
  images: Float32Array;
  shape: [number, number, number, number];
  ids: number[];
  /** Unpadded sizes. */
  sizes: { height: number; width: number }[];
  /** Batch pixels per pixel of the stored image. */
  scales: { x: number; y: number }[];
  /** [objects, 4]: x1, y1, x2, y2 in batch pixels, without crowds. */
  boxes: Float32Array[];
  /** [objects]. */
  labels: Int32Array[];
  /** [crowds, 4]: crowd boxes, neither object nor background. */
  ignore: Float32Array[];
  /** [n, height, width], IGNORED_LABEL where padded; only when every sample has one. */
  segmentation?: Uint8Array;
}

/** The label of padding in `segmentation`: not to be learnt, not to be scored. */
export const IGNORED_LABEL = 255;

export interface CollateOptions {
  /** Height and width of the batch are multiples of it; default 32. */
  multiple?: number;
  /** Least height and width before that, so that random crops of small images make batches of one size. */
  atLeast?: readonly [height: number, width: number];
}

/** Batches normalised samples. */
export function collate(samples: readonly ImageSample[], { multiple = 32, atLeast = [1, 1] }: CollateOptions = {}): ImageBatch {
  if (samples.length === 0) throw new Error('collate: a batch needs at least one sample');
  if (!Number.isInteger(multiple) || multiple < 1) throw new Error(`collate: multiple ${multiple} must be an integer >= 1`);
  const height = roundUp(Math.max(atLeast[0], ...samples.map((sample) => sample.height)), multiple);
  const width = roundUp(Math.max(atLeast[1], ...samples.map((sample) => sample.width)), multiple);
  const images = new Float32Array(samples.length * height * width * 3);
  samples.forEach((sample, n) => {
    copyRows(sample.image, sample, images.subarray(n * height * width * 3), width, 3);
  });
  return {
    images,
    shape: [samples.length, height, width, 3],
    ids: samples.map(({ id }) => id),
    sizes: samples.map((sample) => ({ height: sample.height, width: sample.width })),
    scales: samples.map(({ scale }) => scale ?? { x: 1, y: 1 }),
    boxes: samples.map((sample) => boxesOf(sample, 0)),
    labels: samples.map(({ labels, crowd }) => labels.filter((_, i) => crowd[i] === 0)),
    ignore: samples.map((sample) => boxesOf(sample, 1)),
    ...segmentationOf(samples, height, width),
  };
}

function roundUp(size: number, multiple: number): number {
  return Math.ceil(size / multiple) * multiple;
}

function copyRows(
  source: Uint8Array | Float32Array,
  { height, width }: { height: number; width: number },
  target: Uint8Array | Float32Array,
  targetWidth: number,
  channels: number,
): void {
  for (let y = 0; y < height; y++) {
    target.set(source.subarray(y * width * channels, (y + 1) * width * channels), y * targetWidth * channels);
  }
}

function boxesOf({ boxes, crowd }: ImageSample, flag: 0 | 1): Float32Array {
  return boxes.filter((_, i) => crowd[i >> 2] === flag);
}

function segmentationOf(samples: readonly ImageSample[], height: number, width: number): { segmentation?: Uint8Array } {
  if (!samples.every(({ segmentation }) => segmentation)) return {};
  const segmentation = new Uint8Array(samples.length * height * width).fill(IGNORED_LABEL);
  samples.forEach((sample, n) => {
    copyRows(sample.segmentation!, sample, segmentation.subarray(n * height * width), width, 1);
  });
  return { segmentation };
}
