import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { readImage } from './decode.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-read-image-'));
const at = (name: string) => path.join(folder, name);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** 3 wide, 2 high; the top left pixel is red. */
const source = () => sharp(Buffer.from([200, 0, 0, ...new Array(15).fill(40)]), { raw: { width: 3, height: 2, channels: 3 } });

test('turned as EXIF says, or as it is stored', async () => {
  await source().withMetadata({ orientation: 6 }).png().toFile(at('turned.png'));
  const turned = await readImage(at('turned.png'));
  expect([turned.width, turned.height]).toEqual([2, 3]);
  expect([...turned.data.subarray(3, 6)]).toEqual([200, 0, 0]); // a quarter clockwise: top left goes to top right
  const stored = await readImage(at('turned.png'), { orient: false });
  expect([stored.width, stored.height, ...stored.data.subarray(0, 3)]).toEqual([3, 2, 200, 0, 0]);
});

test('grey, transparent, 16-bit and animated images become 8-bit RGB', async () => {
  await source().greyscale().png().toFile(at('grey.png'));
  await source().ensureAlpha(0.5).png().toFile(at('alpha.png'));
  await source().toColourspace('rgb16').png().toFile(at('deep.png'));
  await source().gif().toFile(at('one.gif'));
  for (const name of ['grey.png', 'alpha.png', 'deep.png', 'one.gif']) {
    const { width, height, data } = await readImage(at(name));
    expect([name, width, height, data.length]).toEqual([name, 3, 2, 18]);
  }
});

test('what is no image is refused with the reason', async () => {
  fs.writeFileSync(at('text.png'), 'text');
  fs.writeFileSync(at('empty.png'), '');
  await expect(readImage(at('text.png'))).rejects.toThrow('the file is damaged or no image');
  await expect(readImage(at('empty.png'))).rejects.toThrow('the file is empty');
  await expect(readImage(at('gone.png'))).rejects.toThrow('the file is missing');
  await expect(readImage(folder)).rejects.toThrow('the file cannot be read (EISDIR)');
});
