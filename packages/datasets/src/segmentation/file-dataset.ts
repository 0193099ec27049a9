// A segmentation dataset of image and label files: decodes both, turns stored values into classes, keeps what fits in memory.
import { decodeImage } from '../coco/decode.ts';
import { IGNORED_LABEL } from '../transforms/collate.ts';
import type { Color, SegmentationDataset, SegmentationSample } from '../types.ts';
import { noObjects } from '../whole.ts';
import { readLabelPng } from './label-png.ts';

export interface LabelledFile {
  name: string;
  image: string;
  label: string;
}

export interface FileDatasetOptions {
  /** Begins error messages. */
  operation: string;
  name: string;
  classes: string[];
  ids?: readonly number[];
  colors?: readonly Color[];
  files: readonly LabelledFile[];
  /** Class (or IGNORED_LABEL) of each stored value; a value without an entry is an error. */
  classOf: ReadonlyMap<number, number>;
  /** Bytes of decoded images and labels to keep, default 0. What fits stays: nothing is evicted, so a full pass costs no thrashing. */
  cacheBytes?: number;
}

export function fileDataset({
  operation,
  name,
  classes,
  ids,
  colors,
  files,
  classOf,
  cacheBytes = 0,
}: FileDatasetOptions): SegmentationDataset {
  const table = new Int16Array(65536).fill(-1);
  for (const [value, label] of classOf) table[value] = label;
  const cache = new Map<number, SegmentationSample>();
  let free = cacheBytes;
  return {
    name,
    classes,
    ...(ids && { ids }),
    ...(colors && { colors }),
    length: files.length,
    names: files.map((file) => file.name),
    async get(index) {
      const file = files[index];
      if (!file) throw new RangeError(`${name}: no image at ${index}, there are ${files.length}`);
      const known = cache.get(index);
      if (known) return known;
      const sample = await readSample(operation, file, index + 1, table, classes.length);
      const bytes = sample.image.length + sample.segmentation.length;
      if (bytes <= free && !cache.has(index)) {
        cache.set(index, sample);
        free -= bytes;
      }
      return sample;
    },
  };
}

async function readSample(
  operation: string,
  file: LabelledFile,
  id: number,
  table: Int16Array,
  classes: number,
): Promise<SegmentationSample> {
  const { width, height, data } = await readLabelPng(file.label);
  const image = await decodeImage(file.image, { width, height }, `its label image ${file.label}`).catch((error: Error) => {
    throw new Error(`${operation}: ${file.image}: ${error.message}`);
  });
  const segmentation = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const label = table[data[i]];
    if (label < 0) {
      throw new Error(
        `${operation}: ${file.label}: value ${data[i]} at x ${i % width}, y ${Math.floor(i / width)} is none of the ${classes} classes, and not ignored`,
      );
    }
    segmentation[i] = label;
  }
  return { id, width, height, image, ...noObjects(), segmentation };
}

/** Values 0..K-1 as classes and `ignored` ones as IGNORED_LABEL. */
export function identityClasses(count: number, ignored: readonly number[]): Map<number, number> {
  return new Map([
    ...Array.from({ length: count }, (_, k): [number, number] => [k, k]),
    ...ignored.map((value): [number, number] => [value, IGNORED_LABEL]),
  ]);
}
