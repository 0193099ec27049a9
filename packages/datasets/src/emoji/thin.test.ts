// The variant 'thin': what its labels look like, and that the other variants did not change (their bytes are pinned in emoji-scenes.test.ts).
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { resampleNearest } from '../transforms/resample.ts';
import { emojiSegmentation } from './emoji-segmentation.ts';

let cacheDir: string;
beforeAll(() => {
  cacheDir = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-thin-'));
});
afterAll(() => fs.rmSync(cacheDir, { recursive: true, force: true }));

const SIZE = 160;
const [WIRE, POLE, OUTLINE] = [11, 12, 13];

async function labelsOf(count: number): Promise<Uint8Array[]> {
  const dataset = await emojiSegmentation({ split: 'train', count, cacheDir, variant: 'thin' });
  return Promise.all(Array.from({ length: count }, async (_, i) => (await dataset.get(i)).segmentation));
}

const iou = (truth: Uint8Array[], found: Uint8Array[], classes: number[]) => {
  let [both, either] = [0, 0];
  truth.forEach((labels, n) => {
    labels.forEach((label, i) => {
      const other = found[n][i];
      if (!classes.includes(label) && !classes.includes(other)) return;
      either++;
      if (label === other) both++;
    });
  });
  return both / either;
};

test('classes and names', async () => {
  const thin = await emojiSegmentation({ split: 'val', count: 2, cacheDir, variant: 'thin' });
  expect(thin.classes).toHaveLength(14);
  expect([thin.classes[0], ...thin.classes.slice(-3)]).toEqual(['background', 'wire', 'pole', 'outline']);
  expect(thin.names).toEqual(['scene-1', 'scene-2']);
  const standard = await emojiSegmentation({ split: 'val', count: 1, cacheDir });
  expect(standard.classes).toHaveLength(11);
  expect(standard.name).not.toBe(thin.name);
});

test('the pinned bytes of a small set', async () => {
  await emojiSegmentation({ split: 'train', count: 3, cacheDir, variant: 'thin' });
  const dataset = await emojiSegmentation({ split: 'train', count: 3, cacheDir, variant: 'thin' });
  const hash = createHash('sha256');
  for (let i = 0; i < 3; i++) {
    const { image, segmentation } = await dataset.get(i);
    hash.update(image).update(segmentation);
  }
  expect(hash.digest('hex')).toBe('c00b23b133f2d590a956472a69712f11a9bb1439957354522cc71b149dbafb44');
});

test('every scene has wires, poles and outlines, all thin, together 3 to 7 % of the pixels', async () => {
  const all = await labelsOf(60);
  let [covered, inner] = [0, 0];
  for (const labels of all) {
    expect([WIRE, POLE, OUTLINE].every((label) => labels.includes(label))).toBe(true);
    labels.forEach((label, i) => {
      if (label < WIRE) return;
      covered++;
      const [x, y] = [i % SIZE, Math.floor(i / SIZE)];
      const inside = (dx: number, dy: number) =>
        x + dx >= 0 && x + dx < SIZE && y + dy >= 0 && y + dy < SIZE && labels[i + dy * SIZE + dx] === label;
      // Three pixels to every side of the same class: only where structures of a class cross.
      if (inside(3, 0) && inside(-3, 0) && inside(0, 3) && inside(0, -3)) inner++;
    });
  }
  const share = covered / (60 * SIZE * SIZE);
  expect(share).toBeGreaterThan(0.03);
  expect(share).toBeLessThan(0.07);
  expect(inner / covered).toBeLessThan(0.03);
});

test('a quarter of the resolution loses them: that is what they are for', async () => {
  const all = await labelsOf(60);
  const small = [SIZE / 4, SIZE / 4] as const;
  const back = all.map((labels) => resampleNearest(resampleNearest(labels, [SIZE, SIZE], small), small, [SIZE, SIZE]));
  const thin = iou(all, back, [WIRE, POLE, OUTLINE]);
  const emoji = iou(all, back, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(thin).toBeLessThan(0.35);
  expect(emoji).toBeGreaterThan(0.6);
});

test('the boxes are those of the emoji alone', async () => {
  const dataset = await emojiSegmentation({ split: 'train', count: 20, cacheDir, variant: 'thin' });
  for (let i = 0; i < dataset.length; i++) {
    const { labels, boxes, segmentation } = await dataset.get(i);
    expect(labels.every((label) => label < 10)).toBe(true);
    expect(labels.length).toBeGreaterThanOrEqual(1);
    for (let k = 0; k < labels.length; k++) {
      const [x1, y1, x2, y2] = boxes.subarray(4 * k, 4 * k + 4);
      const rows = Array.from({ length: y2 - y1 }, (_, y) => [...segmentation.subarray((y1 + y) * SIZE + x1, (y1 + y) * SIZE + x2)]);
      expect(rows.flat()).toContain(labels[k] + 1);
    }
  }
});
