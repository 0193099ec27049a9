import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import emojiFolder from './emoji-folder.cjs';
import { EMOJI_CLASSES, loadSprites } from './sprites.ts';

test('every level halves the one before and keeps its mean', async () => {
  const sprites = await loadSprites();
  expect(sprites).toHaveLength(EMOJI_CLASSES.length);
  for (const sprite of sprites) {
    expect(sprite.map(({ size }) => size)).toEqual([64, 32, 16, 8, 4]);
    const means = sprite.map(({ data }) => data.reduce((a, b) => a + b) / data.length);
    for (const mean of means) expect(mean).toBeCloseTo(means[0], 9);
  }
  expect(await loadSprites()).toBe(sprites);
});

describe('other drawings than those of 16.0.0', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-sprites-'));
    fs.mkdirSync(path.join(folder, 'img/google/64'), { recursive: true });
    for (const { code } of EMOJI_CLASSES) fs.copyFileSync(file(emojiFolder, code), file(folder, code));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const file = (root: string, code: string) => path.join(root, `img/google/64/${code}.png`);
  const load = async () => {
    let sprites: typeof import('./sprites.ts');
    jest.isolateModules(() => {
      jest.doMock('./emoji-folder.cjs', () => folder);
      sprites = require('./sprites.ts');
    });
    return sprites!.loadSprites();
  };

  test('are refused by their digest', async () => {
    fs.copyFileSync(file(folder, '26bd'), file(folder, '1f600'));
    await expect(load()).rejects.toThrow(
      /have the digest [0-9a-f]{12}, the scenes are defined with 5713c97ae8ca; install emoji-datasource-google@16\.0\.0/,
    );
  });

  test('are refused by their size', async () => {
    fs.writeFileSync(file(folder, '1f600'), await sharp(file(emojiFolder, '1f600')).resize(32).png().toBuffer());
    await expect(load()).rejects.toThrow('1f600.png is 32x32x4, not 64x64x4');
  });
});
