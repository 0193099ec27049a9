// Images with a class a pixel: training batches of randomly scaled, cropped and mirrored parts, evaluation images whole, with their labels as
// they are stored.
import path from 'node:path';
import {
  augment,
  augmentationAt,
  batchAt,
  cityscapes,
  cityscapesLabelIds,
  collate,
  emojiSegmentation,
  evenly,
  type ImageBatch,
  type ImageSample,
  type LabelImage,
  labelFolders,
  loadBatch,
  normalise,
  type SegmentationDataset,
} from '@stint/datasets';
import type { CityscapesDataConfig, DataConfig, EmojiSegmentationDataConfig, LabelFoldersDataConfig } from '../../config/schema.ts';
import { CACHE_BYTES, scaled, scaledSide } from '../images.ts';
import type { Category, RunData } from '../task.ts';
import { confusionScoring } from './scoring.ts';

export interface SegmentationBatch extends ImageBatch {
  /** Of evaluation batches: the labels as they are stored, and each image's name. */
  truth?: { name: string; label: LabelImage }[];
}

type SegmentationDataConfig = EmojiSegmentationDataConfig | LabelFoldersDataConfig | CityscapesDataConfig;

interface Splits {
  train: SegmentationDataset;
  val: SegmentationDataset;
  /** A prediction as it is to be written; default as it is. */
  encode?(prediction: LabelImage): LabelImage;
}

/** Opens both splits. Rejects with the datasets' own messages. */
export async function openSegmentation(data: DataConfig, root: string): Promise<RunData<SegmentationBatch, LabelImage>> {
  const config = data as SegmentationDataConfig;
  const { train, val, encode } = await openSplits(config, root);
  const categories = train.classes.map((name, k): Category => {
    const color = train.colors?.[k];
    return { id: train.ids?.[k] ?? k, name, ...(color && { color: [...color] }) };
  });
  const augmentation = { flip: config.flip ? 0.5 : 0, scale: config.scale };
  return {
    categories,
    trainLength: train.length,
    trainBatch(step, batchSize, seed, scale = 1) {
      // A smaller image is a smaller part of the same: crop and random scale shrink together.
      const [low, high] = augmentation.scale;
      const options = {
        seed,
        flip: augmentation.flip,
        scale: [low * scale, high * scale] as const,
        crop:
          config.crop && (scale === 1 ? config.crop : ([scaledSide(config.crop[0], scale), scaledSide(config.crop[1], scale)] as const)),
      };
      return loadBatch(
        train,
        batchAt(step, { batchSize, seed, length: train.length }),
        (sample, position) => normalise(augment(sample, augmentationAt(step, position, options), { antialias: true })),
        { atLeast: options.crop },
      );
    },
    valLength: val.length,
    valBatches: (batchSize, scale = 1) => inOrder(val, batchSize, scale),
    scoring: () => confusionScoring({ classes: train.classes, images: val.length, encode }),
    skipped: 0,
    notices: [],
  };
}

interface WholeImage {
  sample: ImageSample;
  truth: { name: string; label: LabelImage };
}

/** Whole images in their order; neighbours of one size make a batch. */
async function* inOrder(dataset: SegmentationDataset, batchSize: number, scale: number): AsyncIterable<SegmentationBatch> {
  let pending: WholeImage[] = [];
  for (let index = 0; index < dataset.length; index++) {
    const next = await readWhole(dataset, index, scale);
    if (pending.length === batchSize || (pending.length > 0 && sizeOf(pending[0]) !== sizeOf(next))) {
      yield wholeBatch(pending);
      pending = [];
    }
    pending.push(next);
  }
  if (pending.length > 0) yield wholeBatch(pending);
}

async function readWhole(dataset: SegmentationDataset, index: number, scale: number): Promise<WholeImage> {
  const { segmentation, ...sample } = await dataset.get(index);
  const { width, height } = sample;
  return { sample: normalise(scaled(sample, scale)), truth: { name: dataset.names[index], label: { width, height, data: segmentation } } };
}

const sizeOf = ({ truth: { label } }: WholeImage): string => `${label.width}x${label.height}`;

const wholeBatch = (images: readonly WholeImage[]): SegmentationBatch => ({
  ...collate(images.map(({ sample }) => sample)),
  truth: images.map(({ truth }) => truth),
});

async function openSplits(config: SegmentationDataConfig, root: string): Promise<Splits> {
  if (config.kind === 'emoji-segmentation') {
    const { imageSize, objects, objectSize, seed } = config;
    const variant = config.variant === 'small' ? 'standard' : config.variant;
    const common = { cacheDir: path.join(root, '.cache/datasets'), variant, imageSize, objects, objectSize, seed } as const;
    return {
      train: await emojiSegmentation({ ...common, split: 'train', count: config.train }),
      val: await emojiSegmentation({ ...common, split: 'val', count: config.val }),
    };
  }
  const base = path.resolve(root, config.root);
  if (config.kind === 'cityscapes') {
    const open = (split: 'train' | 'val') => cityscapes({ root: base, split, cacheBytes: CACHE_BYTES });
    const [train, val] = [await open('train'), await open('val')];
    return { train: part(train, config.trainLimit), val: part(val, config.valLimit), encode: cityscapesLabelIds };
  }
  const open = (images: string, labels: string) =>
    labelFolders({
      images: path.join(base, images),
      labels: path.join(base, labels),
      classes: path.join(base, config.classes),
      cacheBytes: CACHE_BYTES,
    });
  const train = part(await open(config.trainImages, config.trainLabels), config.trainLimit);
  return { train, val: part(await open(config.valImages, config.valLabels), config.valLimit) };
}

/** n images, spread evenly over the set. */
function part(dataset: SegmentationDataset, limit: number | undefined): SegmentationDataset {
  if (limit === undefined || limit >= dataset.length) return dataset;
  const kept = evenly(limit, dataset.length);
  return { ...dataset, length: limit, names: kept.map((index) => dataset.names[index]), get: (index) => dataset.get(kept[index]) };
}
