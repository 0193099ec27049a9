// Opens the dataset of a configuration and makes its batches.
import path from 'node:path';
import { uniformValues } from '@stint/core-sampling';
import { type DetectionDataset, type DetectionSample, emojiScenes } from '@stint/datasets';
import type { DataConfig } from '../config/schema.ts';
import type { ImageBatch, RunData } from './batches.ts';

const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

export async function openData(config: DataConfig, root: string): Promise<RunData> {
  if (config.kind !== 'emoji') throw new Error('coco: not yet');
  const common = {
    cacheDir: path.join(root, '.cache/datasets'),
    variant: config.variant === 'large' ? ('large' as const) : ('standard' as const),
    imageSize: config.imageSize,
    objects: config.objects as [number, number] | undefined,
    objectSize: config.objectSize as [number, number] | undefined,
    seed: config.seed,
  };
  const train = await emojiScenes({ ...common, split: 'train', count: config.train });
  const val = await emojiScenes({ ...common, split: 'val', count: config.val });
  return {
    classes: train.categories.length,
    categoryIds: train.categories.map(({ id }) => id),
    trainLength: train.length,
    async trainBatch(step, batchSize, seed) {
      const indices = Array.from({ length: batchSize }, (_, i) => indexAt(step * batchSize + i, train.length, seed));
      const flips = uniformValues(batchSize, [seed, step, 77]);
      const samples = await Promise.all(indices.map((index) => train.get(index)));
      return collate(samples.map((sample, i) => (config.flip && flips[i] < 0.5 ? flip(sample) : sample)));
    },
    valLength: val.length,
    valBatches: (size) => inOrder(val, size),
    groundTruth: () => val.groundTruth(),
    toRgb: (batch, index) => {
      const [, h, w] = batch.shape;
      return Uint8Array.from(batch.images.subarray(index * h * w * 3, (index + 1) * h * w * 3), (v, i) =>
        Math.round((v * STD[i % 3] + MEAN[i % 3]) * 255),
      );
    },
    skipped: 0,
  };
}

const orders = new Map<string, Int32Array>();
function indexAt(position: number, length: number, seed: number): number {
  const epoch = Math.floor(position / length);
  const key = `${length}/${seed}/${epoch}`;
  let order = orders.get(key);
  if (!order) {
    const keys = uniformValues(length, [seed, epoch, 99]);
    order = Int32Array.from({ length }, (_, i) => i).sort((a, b) => keys[a] - keys[b]);
    orders.set(key, order);
  }
  return order[position % length];
}

function flip(sample: DetectionSample): DetectionSample {
  const { width, height, image, boxes } = sample;
  const out = new Uint8Array(image.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const a = (y * width + x) * 3;
      const b = (y * width + width - 1 - x) * 3;
      out[b] = image[a];
      out[b + 1] = image[a + 1];
      out[b + 2] = image[a + 2];
    }
  const flipped = boxes.slice();
  for (let i = 0; i < boxes.length; i += 4) {
    flipped[i] = width - boxes[i + 2];
    flipped[i + 2] = width - boxes[i];
  }
  return { ...sample, image: out, boxes: flipped };
}

function collate(samples: DetectionSample[]): ImageBatch {
  const { width, height } = samples[0];
  const images = new Float32Array(samples.length * width * height * 3);
  samples.forEach(({ image }, s) => {
    const at = s * image.length;
    for (let i = 0; i < image.length; i++) images[at + i] = (image[i] / 255 - MEAN[i % 3]) / STD[i % 3];
  });
  return {
    images,
    shape: [samples.length, height, width, 3],
    ids: samples.map(({ id }) => id),
    sizes: samples.map(() => ({ height, width })),
    scales: samples.map(() => ({ x: 1, y: 1 })),
    boxes: samples.map(({ boxes }) => boxes),
    labels: samples.map(({ labels }) => labels),
    ignore: samples.map(() => new Float32Array(0)),
  };
}

async function* inOrder(dataset: DetectionDataset, size: number): AsyncIterable<ImageBatch> {
  for (let start = 0; start < dataset.length; start += size) {
    const count = Math.min(size, dataset.length - start);
    yield collate(await Promise.all(Array.from({ length: count }, (_, i) => dataset.get(start + i))));
  }
}
