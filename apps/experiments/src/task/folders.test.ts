// Folders of images, made here: how the data kinds open them, and what the training and evaluation batches are.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { decodeLabelPng, encodeLabelPng } from '@stint/datasets';
import type { RunConfig } from '../config/schema.ts';
import { tinyConfig } from '../run/tiny-run.ts';
import type { ClassificationBatch } from './classification/data.ts';
import { openData } from './index.ts';
import type { SegmentationBatch } from './segmentation/data.ts';
import { tinyClassification, tinySegmentation } from './tiny.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-folders-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const sharp = createRequire(require.resolve('@stint/datasets/package.json'))('sharp');
const picture = (width: number, height: number, value: number): Promise<Buffer> =>
  sharp(new Uint8Array(width * height * 3).fill(value), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
const labels = (width: number, height: number, of: (i: number) => number) =>
  encodeLabelPng({ width, height, data: Uint8Array.from({ length: width * height }, (_, i) => of(i)) });
function write(file: string, bytes: Uint8Array | string): void {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), bytes);
}
async function all<T>(batches: AsyncIterable<unknown>): Promise<T[]> {
  const found: T[] = [];
  for await (const batch of batches) found.push(batch as T);
  return found;
}
const segmentationData = (data: object) => openData(tinySegmentation({ data } as { data: RunConfig['data'] }).data, root);

test('label folders: parts in training, whole images of any size in evaluation, a part of the set evenly', async () => {
  write('pairs/classes.json', JSON.stringify({ classes: ['a', 'b'], ignoreIndex: 7 }));
  for (let i = 0; i < 6; i++) {
    const [width, height] = i < 4 ? [100, 60] : [60, 100];
    for (const split of ['train', 'val']) {
      write(`pairs/images/${split}/${i}.png`, await picture(width, height, 10 * i));
      write(`pairs/labels/${split}/${i}.png`, await labels(width, height, (pixel) => [0, 1, 7][pixel % 3]));
    }
  }
  const kind = { kind: 'label-folders', root: 'pairs', scale: [0.5, 1], crop: [64, 64] };
  const data = await segmentationData(kind);
  expect([data.trainLength, data.valLength, data.categories]).toEqual([
    6,
    6,
    [
      { id: 0, name: 'a' },
      { id: 1, name: 'b' },
    ],
  ]);
  const batch = await data.trainBatch(0, 3, 1);
  expect(batch.shape).toEqual([3, 64, 64, 3]);
  expect(new Set(batch.segmentation)).toEqual(new Set([0, 1, 255]));
  const whole = await all<SegmentationBatch>(data.valBatches(3));
  expect(whole.map(({ shape }) => shape.slice(0, 3))).toEqual([
    [3, 64, 128],
    [1, 64, 128],
    [2, 128, 64],
  ]);
  const half = await all<SegmentationBatch>(data.valBatches(8, 0.5));
  expect([half[0].shape, half[0].truth![0].label.width]).toEqual([[4, 32, 64, 3], 100]);
  const part = await segmentationData({ ...kind, trainLimit: 2, valLimit: 3 });
  const names = (await all<SegmentationBatch>(part.valBatches(1))).map(({ truth }) => truth![0].name);
  expect([part.trainLength, names]).toEqual([2, ['1', '3', '5']]);
});

test('Cityscapes: its tree, 19 classes; predictions are written with its label ids', async () => {
  for (const split of ['train', 'val']) {
    const place = (folder: string, suffix: string) => `city/${folder}/${split}/aachen/aachen_000000_000001_${suffix}.png`;
    write(place('leftImg8bit', 'leftImg8bit'), await picture(64, 32, 50));
    write(place('gtFine', 'gtFine_labelIds'), await labels(64, 32, (pixel) => (pixel % 64 < 32 ? 7 : 4)));
  }
  const data = await segmentationData({ kind: 'cityscapes', root: 'city', crop: [32, 64] });
  expect([data.categories.length, data.categories[0].name]).toEqual([19, 'road']);
  const [batch] = await all<SegmentationBatch>(data.valBatches(4));
  const scoring = data.scoring();
  // Road everywhere but in the last row, which is sidewalk (train id 1).
  await scoring.add([{ width: 64, height: 32, data: new Uint8Array(64 * 32).fill(1, 64 * 31) }], batch);
  const { metrics, files } = scoring.finish();
  expect(metrics).toEqual({ mIoU: 100 * (31 / 32 / 2), mAcc: 100 * (31 / 32), aAcc: 100 * (31 / 32) });
  const written = await decodeLabelPng(files['predictions/aachen_000000_000001.png'] as Uint8Array);
  expect([written.data[0], written.data.at(-1)]).toEqual([7, 8]);
});

test("image folders: random squares in training, torchvision's middle in evaluation", async () => {
  for (const [file, value] of Object.entries({ 'train/a/1': 10, 'train/b/1': 200, 'val/a/1': 20, 'val/b/1': 210, 'val/b/2': 220 }))
    write(`images/${file}.png`, await picture(80, 50, value));
  const data = await openData(tinyClassification({ data: { kind: 'image-folders', root: 'images', resize: 80, crop: 64 } }).data, root);
  expect(data.categories.map(({ name }) => name)).toEqual(['a', 'b']);
  const batch = (await data.trainBatch(0, 2, 1)) as ClassificationBatch;
  expect(batch.shape).toEqual([2, 64, 64, 3]);
  // The brighter image is b.
  expect([...batch.classes]).toEqual(batch.images[0] > 0 ? [1, 0] : [0, 1]);
  expect((await data.trainBatch(0, 2, 1, 0.5)).shape).toEqual([2, 32, 32, 3]);
  const [whole] = await all<ClassificationBatch>(data.valBatches(8));
  expect([whole.shape, [...whole.classes], whole.names]).toEqual([
    [3, 64, 64, 3],
    [0, 1, 1],
    ['a/1', 'b/1', 'b/2'],
  ]);
  expect((await all<ClassificationBatch>(data.valBatches(8, 0.5)))[0].shape).toEqual([3, 32, 32, 3]);
  const scoring = data.scoring();
  await scoring.add([Float32Array.of(0.9, 0.1), Float32Array.of(0.6, 0.4), Float32Array.of(0.3, 0.7)], whole);
  const { metrics, files } = scoring.finish();
  expect(metrics).toEqual({ top1: expect.closeTo(200 / 3, 9), top5: 100 });
  expect(JSON.parse(String(files['confusion.json'])).counts).toEqual([
    [1, 0],
    [1, 1],
  ]);
});

test('a task opens its own data', async () => {
  const data = await openData(tinyConfig().data, root);
  expect(data.categories[0]).toEqual({ id: 1, name: 'grinning face' });
});
