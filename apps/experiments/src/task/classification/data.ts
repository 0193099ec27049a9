// Images with one label each: as torchvision trains and evaluates on image folders, and emoji crops as they are.
import path from 'node:path';
import {
  augment,
  augmentationAt,
  batchAt,
  type ClassificationDataset,
  emojiCrops,
  type ImageBatch,
  type ImageSample,
  imageFolders,
  loadBatch,
  normalise,
  randomPart,
  resizedMiddle,
  resizedPart,
} from '@stint/datasets';
import type { DataConfig, EmojiCropsDataConfig, ImageFoldersDataConfig } from '../../config/schema.ts';
import { CACHE_BYTES, scaled, scaledSide } from '../images.ts';
import type { RunData } from '../task.ts';
import { topScoring } from './scoring.ts';

export interface ClassificationBatch extends ImageBatch {
  /** The class of each image. */
  classes: Int32Array;
  names: string[];
}

interface Splits {
  train: ClassificationDataset;
  val: ClassificationDataset;
  /** A training image as a square; `key` draws the part. */
  trainView(sample: ImageSample, scale: number, key: readonly number[]): ImageSample;
  valView(sample: ImageSample, scale: number): ImageSample;
}

/** Opens both splits. Rejects with the datasets' own messages. */
export async function openClassification(data: DataConfig, root: string): Promise<RunData<ClassificationBatch, Float32Array>> {
  const config = data as EmojiCropsDataConfig | ImageFoldersDataConfig;
  const { train, val, trainView, valView } =
    config.kind === 'emoji-crops' ? await openCrops(config, root) : await openFolders(config, root);
  const flip = config.flip ? 0.5 : 0;
  return {
    categories: train.classes.map((name, id) => ({ id, name })),
    trainLength: train.length,
    trainBatch: (step, batchSize, seed, scale = 1) =>
      load(train, batchAt(step, { batchSize, seed, length: train.length }), (sample, position) =>
        normalise(augment(trainView(sample, scale, [seed, step, position]), augmentationAt(step, position, { seed, flip }))),
      ),
    valLength: val.length,
    async *valBatches(batchSize, scale = 1) {
      for (let start = 0; start < val.length; start += batchSize) {
        const indices = Array.from({ length: Math.min(batchSize, val.length - start) }, (_, i) => start + i);
        yield await load(val, indices, (sample) => normalise(valView(sample, scale)));
      }
    },
    scoring: () => topScoring(train.classes),
    skipped: 0,
    notices: [],
  };
}

async function load(
  dataset: ClassificationDataset,
  indices: readonly number[],
  prepare: (sample: ImageSample, position: number) => ImageSample,
): Promise<ClassificationBatch> {
  const batch = await loadBatch(dataset, indices, prepare);
  return { ...batch, classes: Int32Array.from(indices, (i) => dataset.labels[i]), names: indices.map((i) => dataset.names[i]) };
}

async function openCrops({ imageSize, objectSize, seed, ...counts }: EmojiCropsDataConfig, root: string): Promise<Splits> {
  const common = { cacheDir: path.join(root, '.cache/datasets'), imageSize, objectSize, seed };
  return {
    train: await emojiCrops({ ...common, split: 'train', count: counts.train }),
    val: await emojiCrops({ ...common, split: 'val', count: counts.val }),
    trainView: scaled,
    valView: scaled,
  };
}

async function openFolders(config: ImageFoldersDataConfig, root: string): Promise<Splits> {
  const { resize, crop, area, aspect } = config;
  const base = path.resolve(root, config.root);
  const train = await imageFolders({ root: path.join(base, config.train), limit: config.trainLimit, cacheBytes: CACHE_BYTES });
  const val = await imageFolders({
    root: path.join(base, config.val),
    classes: train.classes,
    limit: config.valLimit,
    cacheBytes: CACHE_BYTES,
  });
  return {
    train,
    val,
    trainView: (sample, scale, key) => resizedPart(sample, randomPart(sample, key, { area, aspect }), scaledSide(crop, scale)),
    valView(sample, scale) {
      const side = scaledSide(crop, scale);
      return resizedMiddle(sample, { resize: Math.round((resize * side) / crop), crop: side });
    },
  };
}
