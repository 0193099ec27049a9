// Opens the datasets of a configuration and makes a run's batches: training batches as a pure function of (seed, step), evaluation
// batches in order of the ids, images of one size together.
import path from 'node:path';
import {
  augment,
  augmentationAt,
  batchAt,
  type CocoDataset,
  cocoDataset,
  type DetectionDataset,
  emojiScenes,
  type ImageBatch,
  type ImageSample,
  loadBatch,
  normalise,
  resizeShortSide,
} from '@stint/datasets';
import type { Detections } from '@stint/detection-head';
import type { CocoDataConfig, DataConfig, EmojiDataConfig } from '../../config/schema.ts';
import { CACHE_BYTES, scaled } from '../images.ts';
import type { RunData } from '../task.ts';
import { cocoScoring } from './scoring.ts';
import { selectPart } from './select.ts';

export interface DetectionData extends RunData<ImageBatch, Detections> {
  groundTruth(): CocoDataset;
}

/** Opens both splits. Rejects with the datasets' own messages, and when the splits differ in their categories. */
export async function openDetection(data: DataConfig, root: string): Promise<DetectionData> {
  const config = data as EmojiDataConfig | CocoDataConfig;
  const { train, val } = config.kind === 'emoji' ? await openEmoji(config, root) : await openCoco(config, root);
  const names = (set: DetectionDataset) => set.categories.map(({ id, name }) => `${id} ${name}`).join(', ');
  if (names(train) !== names(val))
    throw new Error(`data: ${train.name} has the categories ${names(train)}, ${val.name} has ${names(val)}; they must agree`);
  const fit = (sample: ImageSample): ImageSample =>
    config.kind === 'coco' ? resizeShortSide(sample, { short: config.shortSide, long: config.maxSide }) : sample;
  const categories = train.categories.map(({ id, name }) => ({ id, name }));
  const groundTruth = () => val.groundTruth();
  return {
    categories,
    trainLength: train.length,
    trainBatch: (step, batchSize, seed, scale = 1) =>
      loadBatch(train, batchAt(step, { batchSize, seed, length: train.length }), (sample, position) =>
        normalise(augment(scaled(fit(sample), scale), augmentationAt(step, position, { seed, flip: config.flip ? 0.5 : 0 }))),
      ),
    valLength: val.length,
    valBatches: (batchSize, scale = 1) => inOrder(val, batchSize, (sample) => normalise(scaled(fit(sample), scale))),
    groundTruth,
    scoring: () => cocoScoring(groundTruth(), categories),
    skipped: train.skipped.length + val.skipped.length,
    notices: [train, val].flatMap(noticesOf),
  };
}
/** What a dataset left out or repaired; long lists are cut, the counts are whole. */
function noticesOf({ name, skipped, warnings }: DetectionDataset): string[] {
  const first = skipped.slice(0, 5).map(({ file, id, reason }) => `  image ${id} (${file}): ${reason}`);
  const left = skipped.length > 0 ? [[`${name}: ${skipped.length} damaged images left out`, ...first].join('\n')] : [];
  const done = {
    'box-clipped': 'boxes reached out of their image and were clipped',
    'box-dropped': 'boxes lay outside their image and were dropped',
  };
  const shown = (ids: number[]) => `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', ...' : ''}`;
  return [...left, ...warnings.map(({ kind, count, ids }) => `${name}: ${count} ${done[kind]} (annotations ${shown(ids)})`)];
}

interface Splits {
  train: DetectionDataset;
  val: DetectionDataset;
}

async function openEmoji({ variant, imageSize, objects, objectSize, seed, ...counts }: EmojiDataConfig, root: string): Promise<Splits> {
  const common = {
    cacheDir: path.join(root, '.cache/datasets'),
    variant: variant === 'large' ? ('large' as const) : ('standard' as const),
    imageSize,
    objects,
    objectSize,
    seed,
  };
  const train = await emojiScenes({ ...common, split: 'train', count: counts.train });
  return { train, val: await emojiScenes({ ...common, split: 'val', count: counts.val }) };
}

async function openCoco(config: CocoDataConfig, root: string): Promise<Splits> {
  const base = path.resolve(root, config.root);
  const open = (annotations: string, images: string) =>
    cocoDataset({
      annotations: path.join(base, annotations),
      images: path.join(base, images),
      onDamaged: config.onDamaged,
      cacheBytes: CACHE_BYTES,
    });
  const { categories } = config;
  const train = selectPart(await open(config.trainAnnotations, config.trainImages), { limit: config.trainLimit, categories });
  return { train, val: selectPart(await open(config.valAnnotations, config.valImages), { limit: config.valLimit, categories }) };
}

/** Batches of images of one stored size, by rising id within a size: no image is padded to a larger neighbour. */
async function* inOrder(
  dataset: DetectionDataset,
  batchSize: number,
  prepare: (sample: ImageSample) => ImageSample,
): AsyncIterable<ImageBatch> {
  const sizes = new Map<string, number[]>();
  const order = dataset.ids.map((id, index) => ({ id, index })).sort((a, b) => a.id - b.id);
  const stored = new Map(dataset.groundTruth().images.map(({ id, width, height }) => [id, `${width}x${height}`]));
  for (const { id, index } of order) {
    const size = stored.get(id)!;
    sizes.set(size, [...(sizes.get(size) ?? []), index]);
  }
  for (const indices of sizes.values()) {
    for (let start = 0; start < indices.length; start += batchSize) {
      yield await loadBatch(dataset, indices.slice(start, start + batchSize), prepare);
    }
  }
}
