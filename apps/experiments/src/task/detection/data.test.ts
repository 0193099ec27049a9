import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runConfigSchema } from '../../config/schema.ts';
import { tinyConfig } from '../../run/tiny-run.ts';
import { openDetection as openData } from './data.ts';

const workspace = path.join(__dirname, '../../../../..');
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-data-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const cells = (more: Record<string, unknown> = {}) =>
  runConfigSchema.parse({
    ...tinyConfig(),
    data: {
      kind: 'coco',
      root: 'data/bccd',
      trainAnnotations: 'annotations/instances_train.json',
      trainImages: 'images/train',
      valAnnotations: 'annotations/instances_val.json',
      valImages: 'images/val',
      shortSide: 96,
      maxSide: 128,
      ...more,
    },
  }).data;

test('blood cells: resized, boxes with them, and a batch is a pure function of seed and step', async () => {
  const data = await openData(cells({ trainLimit: 6, valLimit: 3 }), workspace);
  expect([data.trainLength, data.valLength, data.categories.length]).toEqual([6, 3, 3]);
  const batch = await data.trainBatch(3, 2, 1);
  expect(batch.shape).toEqual([2, 96, 128, 3]);
  expect(batch.boxes.flatMap((boxes) => [...boxes]).every((value, i) => value >= 0 && value <= (i % 2 === 0 ? 128 : 96))).toBe(true);
  expect(await data.trainBatch(3, 2, 1)).toEqual(batch);
  expect((await data.trainBatch(3, 2, 2)).ids).not.toEqual(batch.ids);
});

test('every evaluation image comes once, and its boxes scale back to the stored image', async () => {
  const data = await openData(cells({ trainLimit: 1, valLimit: 5 }), workspace);
  const seen: number[] = [];
  for await (const { ids, scales } of data.valBatches(2)) {
    seen.push(...ids);
    expect(scales.every(({ x, y }) => Math.abs(x - 0.2) < 1e-9 && Math.abs(y - 0.2) < 1e-9)).toBe(true);
  }
  const truth = data.groundTruth();
  expect(seen.sort((a, b) => a - b)).toEqual(truth.images.map(({ id }) => id).sort((a, b) => a - b));
});

test('a damaged image is skipped with its name and a count, or stops the run', async () => {
  for (const folder of ['annotations', 'images/train', 'images/val']) fs.mkdirSync(path.join(root, folder), { recursive: true });
  const source = path.join(workspace, 'data/bccd/images/val');
  const [good, bad] = fs.readdirSync(source).sort();
  const images = [good, bad].map((file_name, i) => ({ id: i + 1, file_name, width: 640, height: 480 }));
  const box = { category_id: 1, area: 400, iscrowd: 0 };
  const annotations = [
    { ...box, id: 1, image_id: 1, bbox: [630, 10, 20, 20] },
    { ...box, id: 2, image_id: 2, bbox: [10, 10, 20, 20] },
  ];
  for (const split of ['train', 'val']) {
    fs.writeFileSync(
      path.join(root, `annotations/${split}.json`),
      JSON.stringify({ images, annotations, categories: [{ id: 1, name: 'cell' }] }),
    );
    fs.copyFileSync(path.join(source, good), path.join(root, `images/${split}`, good));
    const bytes = fs.readFileSync(path.join(source, bad));
    fs.writeFileSync(path.join(root, `images/${split}`, bad), bytes.subarray(0, bytes.length / 2));
  }
  const damaged = { root, trainAnnotations: 'annotations/train.json', valAnnotations: 'annotations/val.json' };
  await expect(openData(cells(damaged), workspace)).rejects.toThrow(`image 2 (${path.join(root, 'images/train', bad)})`);
  const data = await openData(cells({ ...damaged, onDamaged: 'skip' }), workspace);
  expect([data.trainLength, data.skipped]).toEqual([1, 2]);
  expect(data.notices.join('\n')).toMatch(/train: 1 damaged images left out\n +image 2/);
  expect(data.notices.join('\n')).toContain('val: 1 boxes reached out of their image and were clipped (annotations 1)');
});

test('splits with different categories are refused', async () => {
  const file = path.join(root, 'annotations/other.json');
  const truth = JSON.parse(fs.readFileSync(path.join(root, 'annotations/val.json'), 'utf8'));
  fs.writeFileSync(file, JSON.stringify({ ...truth, categories: [{ id: 1, name: 'planet' }] }));
  const config = cells({ root, trainAnnotations: 'annotations/train.json', valAnnotations: 'annotations/other.json', onDamaged: 'skip' });
  await expect(openData(config, workspace)).rejects.toThrow('train has the categories 1 cell, other has 1 planet; they must agree');
});
