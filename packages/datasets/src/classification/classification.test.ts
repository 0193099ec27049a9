import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { EMOJI_CLASSES } from '../emoji/sprites.ts';
import { emojiCrops } from './emoji-crops.ts';
import { imageFolders } from './image-folders.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-classification-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

test('emoji crops: one emoji an image, its class the label, the same when opened again', async () => {
  const options = { split: 'train', cacheDir: folder, count: 60, imageSize: 48 } as const;
  const crops = await emojiCrops(options);
  expect([crops.length, crops.classes.length, crops.labels.length]).toEqual([60, 10, 60]);
  expect(new Set(crops.labels).size).toBeGreaterThan(5);
  const { image, boxes, ...sample } = await crops.get(7);
  expect(sample).toMatchObject({ id: 8, width: 48, height: 48 });
  expect([image.length, boxes.length]).toEqual([48 * 48 * 3, 0]);
  const again = await emojiCrops(options);
  expect([again.name, [...again.labels]]).toEqual([crops.name, [...crops.labels]]);
  expect((await again.get(7)).image).toEqual(image);
  expect(crops.classes[crops.labels[0]]).toBe(EMOJI_CLASSES[crops.labels[0]].name);
  expect((await emojiCrops({ ...options, split: 'val' })).name).not.toBe(crops.name);
  await expect(emojiCrops({ ...options, objectSize: [2, 4] })).rejects.toThrow('objectSize [2,4]');
});

describe('image folders', () => {
  const picture = (value: number, width = 4, height = 3) =>
    sharp(new Uint8Array(width * height * 3).fill(value), { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
  beforeAll(async () => {
    for (const [file, value] of Object.entries({
      'train/b/1.png': 10,
      'train/b/2.png': 11,
      'train/a/x.JPEG': 20,
      'train/a/deep/y.png': 30,
      'val/b/1.png': 12,
      'stray/b/1.png': 1,
      'stray/2.png': 1,
    })) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      fs.writeFileSync(path.join(folder, file), await picture(value, 4, 3));
    }
    fs.writeFileSync(path.join(folder, 'train/b/note.txt'), 'no image');
  });
  const open = (split: string, more = {}) => imageFolders({ root: path.join(folder, split), ...more });

  test('classes are the folders, sorted; images are decoded as they are stored', async () => {
    const train = await open('train', { cacheBytes: 40 });
    expect(train.classes).toEqual(['a', 'b']);
    expect(train.names).toEqual(['a/deep/y', 'a/x', 'b/1', 'b/2']);
    expect([...train.labels]).toEqual([0, 0, 1, 1]);
    const sample = await train.get(2);
    expect(sample).toMatchObject({ id: 3, width: 4, height: 3 });
    expect(sample.image).toEqual(new Uint8Array(36).fill(10));
    expect(await train.get(2)).toBe(sample);
    expect((await train.get(3)).image[0]).toBe(11);
    expect(await train.get(3)).not.toBe(await train.get(3)); // 40 bytes hold one image
    await expect(train.get(4)).rejects.toThrow('train: no image at 4, there are 4');
  });

  test('validation takes the classes of training; a part is spread over all classes', async () => {
    const val = await open('val', { classes: ['a', 'b'] });
    expect([...val.labels]).toEqual([1]);
    expect((await open('train', { limit: 2 })).names).toEqual(['a/x', 'b/2']);
    await expect(open('val', { classes: ['a', 'c'] })).rejects.toThrow('has folders that are no class: b; the classes are a, c');
  });

  test('what is no set, and files that cannot be read, are named', async () => {
    await expect(open('nowhere')).rejects.toThrow(/imageFolders: the folder .*nowhere is missing/);
    await expect(open('stray')).rejects.toThrow(/stray\/2\.png lies in no folder of a class/);
    fs.mkdirSync(path.join(folder, 'empty/a'), { recursive: true });
    await expect(open('empty')).rejects.toThrow('holds no images');
    fs.mkdirSync(path.join(folder, 'bad/a'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'bad/a/1.jpg'), 'not a picture');
    await expect((await open('bad')).get(0)).rejects.toThrow(/imageFolders: .*bad\/a\/1\.jpg: the file is damaged or no image/);
  });
});
