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

  test('a folder without an image is an error, or a class without images: labels do not shift', async () => {
    fs.mkdirSync(path.join(folder, 'holes/a/deep'), { recursive: true });
    fs.mkdirSync(path.join(folder, 'holes/c'));
    fs.mkdirSync(path.join(folder, 'holes/.cache'));
    fs.mkdirSync(path.join(folder, 'holes/b'));
    fs.writeFileSync(path.join(folder, 'holes/b/1.png'), await picture(1));
    fs.writeFileSync(path.join(folder, 'holes/c/1.tar'), '');
    await expect(open('holes')).rejects.toThrow(
      /imageFolders: .*holes has folders of classes without an image \(.jpg, .png, .webp\): a, c; fill or remove them/,
    );
    await expect(open('holes', { classes: ['a', 'b', 'c'] })).rejects.toThrow('without an image');
    const { classes, labels } = await open('holes', { allowEmpty: true });
    expect([classes, [...labels]]).toEqual([['a', 'b', 'c'], [1]]);
  });

  test('links to folders are followed, in a circle too; one that leads nowhere is named', async () => {
    fs.mkdirSync(path.join(folder, 'linked'));
    fs.symlinkSync(path.join(folder, 'train/a'), path.join(folder, 'linked/a'));
    fs.symlinkSync(path.join(folder, 'val/b'), path.join(folder, 'linked/z'));
    fs.mkdirSync(path.join(folder, 'linked/m'));
    fs.symlinkSync(path.join(folder, 'linked'), path.join(folder, 'linked/m/again'));
    fs.symlinkSync(path.join(folder, 'gone.png'), path.join(folder, 'linked/m/gone.png'));
    const linked = await open('linked');
    expect([linked.classes, linked.names]).toEqual([
      ['a', 'm', 'z'],
      ['a/deep/y', 'a/x', 'm/gone', 'z/1'],
    ]);
    expect((await linked.get(3)).image[0]).toBe(12);
    await expect(linked.get(2)).rejects.toThrow(/m\/gone\.png: the file is missing/);
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
