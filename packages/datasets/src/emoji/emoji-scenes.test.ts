import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { emojiScenes } from './emoji-scenes.ts';

let cacheDir: string;
beforeEach(() => {
  cacheDir = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-emoji-'));
});
afterEach(() => fs.rmSync(cacheDir, { recursive: true, force: true }));

const shard = (extension: string) => path.join(cacheDir, fs.readdirSync(cacheDir).find((name) => name.endsWith(extension))!);
const digest = (file: string) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');

// Equal on Node 20.20 and 24.21.
test('a small set has the pinned bytes', async () => {
  await emojiScenes({ split: 'train', count: 6, cacheDir });
  expect(digest(shard('.bin'))).toBe('84bdbe3c9480bf016b7481a6d2f9ed915ed665868016e0360e0c4631ec117b00');
  const { body } = JSON.parse(fs.readFileSync(shard('.json'), 'utf8'));
  expect(body.scenes[1].objects).toEqual([
    { label: 5, box: [127, 0, 143, 17], area: 219 },
    { label: 4, box: [22, 31, 36, 44], area: 150 },
    { label: 8, box: [63, 135, 79, 152], area: 179 },
  ]);
});

test('samples and ground truth tell the same', async () => {
  const dataset = await emojiScenes({ split: 'val', count: 4, cacheDir, imageSize: 96, objectSize: [10, 40] });
  expect(dataset).toMatchObject({ length: 4, ids: [1, 2, 3, 4], skipped: [], warnings: [] });
  const truth = dataset.groundTruth();
  expect(truth.annotations.map(({ id }) => id)).toEqual(truth.annotations.map((_, i) => i + 1));
  for (let i = 0; i < dataset.length; i++) {
    const sample = await dataset.get(i);
    expect([sample.image.length, sample.segmentation!.length]).toEqual([96 * 96 * 3, 96 * 96]);
    const own = truth.annotations.filter(({ image_id }) => image_id === sample.id);
    expect(own.map(({ category_id }) => category_id - 1)).toEqual([...sample.labels]);
    expect(own.flatMap(({ bbox: [x, y, w, h] }) => [x, y, x + w, y + h])).toEqual([...sample.boxes]);
    expect(sample.segmentation!.reduce((sum, value) => sum + Number(value > 0), 0)).toBe(own.reduce((sum, { area }) => sum + area, 0));
  }
  await expect(dataset.get(4)).rejects.toThrow('no scene 4, there are 4');
  await expect(dataset.get(-1)).rejects.toThrow(RangeError);
});

test('a longer set begins with the shorter one; split and seed change all', async () => {
  const first = async (options: object) => (await (await emojiScenes({ split: 'train', count: 1, cacheDir, ...options })).get(0)).image;
  const base = await first({});
  expect(await first({ count: 2 })).toEqual(base);
  expect(await first({ split: 'val' })).not.toEqual(base);
  expect(await first({ seed: 1 })).not.toEqual(base);
});

test('the second call reads the cache; an incomplete set is made anew', async () => {
  const onProgress = jest.fn();
  const options = { split: 'train', count: 3, cacheDir, onProgress } as const;
  await emojiScenes(options);
  const before = digest(shard('.bin'));
  expect(onProgress.mock.calls).toEqual([[3, 3]]);
  await emojiScenes(options);
  expect(onProgress).toHaveBeenCalledTimes(1);

  fs.truncateSync(shard('.bin'), 1000);
  await emojiScenes(options);
  fs.truncateSync(shard('.json'), 100);
  await emojiScenes(options);
  fs.writeFileSync(shard('.json'), fs.readFileSync(shard('.json'), 'utf8').replace('"area":', '"area":1'));
  await emojiScenes(options);
  expect(onProgress).toHaveBeenCalledTimes(4);
  expect(digest(shard('.bin'))).toBe(before);
  expect(fs.readdirSync(cacheDir)).toHaveLength(2);
});

test('a flipped bit is found when the scene is read, and only there', async () => {
  const options = { split: 'train', count: 2, cacheDir } as const;
  const dataset = await emojiScenes(options);
  const bytes = fs.readFileSync(shard('.bin'));
  bytes[bytes.length - 5] ^= 1;
  fs.writeFileSync(shard('.bin'), bytes);
  await dataset.get(0);
  await expect(dataset.get(1)).rejects.toThrow(/damaged at scene 1; delete it and run again/);
});

test('leftovers of a killed process go after an hour, those of a living one stay; a failure leaves nothing', async () => {
  const options = { split: 'train', count: 1, cacheDir } as const;
  await emojiScenes(options);
  const base = shard('.bin').slice(0, -4);
  for (const extension of ['.bin', '.json']) fs.rmSync(base + extension);
  fs.writeFileSync(`${base}.1-old.tmp`, '');
  fs.utimesSync(`${base}.1-old.tmp`, 0, 0);
  fs.writeFileSync(`${base}.1-new.tmp`, '');
  const onProgress = () => {
    throw new Error('stop');
  };
  await expect(emojiScenes({ ...options, onProgress })).rejects.toThrow('stop');
  expect(fs.readdirSync(cacheDir)).toEqual([path.basename(`${base}.1-new.tmp`)]);
});

test('a cache folder that is no folder is named', async () => {
  const file = path.join(cacheDir, 'file');
  fs.writeFileSync(file, '');
  await expect(emojiScenes({ split: 'train', count: 1, cacheDir: file })).rejects.toThrow(/ENOTDIR|EEXIST/);
});

test('two processes may make the same set at once', async () => {
  const program = `
    const { emojiScenes } = require('./packages/datasets/src/emoji/emoji-scenes.ts');
    emojiScenes({ split: 'train', count: 60, cacheDir: process.argv[1] }).then(async (set) => process.stdout.write((await set.get(59)).image[9] + '\\n'));`;
  const root = path.join(__dirname, '../../../..');
  const run = () =>
    promisify(execFile)(process.execPath, ['-r', 'ts-node/register', '-e', program, cacheDir], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  const [a, b] = await Promise.all([run(), run()]);
  expect(a.stdout).toMatch(/^\d+\n$/);
  expect(a.stdout).toBe(b.stdout);
  const onProgress = jest.fn();
  await (await emojiScenes({ split: 'train', count: 60, cacheDir, onProgress })).get(59);
  expect(onProgress).not.toHaveBeenCalled();
  expect(fs.readdirSync(cacheDir)).toHaveLength(2);
});

test.each([
  [{ split: 'test' }, `split "test" must be 'train' or 'val'`],
  [{ variant: 'huge' }, `variant "huge" must be 'standard', 'large' or 'thin'`],
  [{ count: 0 }, 'count 0 must be an integer >= 1'],
  [{ seed: 0.5 }, 'seed 0.5 must be an integer'],
  [{ imageSize: 8 }, 'imageSize 8 must be'],
  [{ objects: [3, 1] }, 'objects [3,1] must be'],
  [{ objectSize: [2, 48] }, 'objectSize [2,48] must be'],
  [{ objectSize: [10, 200] }, 'objectSize [10,200] must be [smallest, largest] with 4 <= smallest <= largest <= imageSize 160'],
])('%j is refused', async (wrong, message) => {
  await expect(emojiScenes({ split: 'train', cacheDir, ...(wrong as object) })).rejects.toThrow(`emojiScenes: ${message}`);
});
