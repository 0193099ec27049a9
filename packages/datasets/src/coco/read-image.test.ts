import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { decodeAnySize, decodeImage, readImage } from './decode.ts';

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

/** 6 x 4 blocks of 8 x 8 pixels, each of one colour: written by Pillow 12 (mode CMYK, quality 95). */
const CMYK_JPEG = Buffer.from(
  [
    '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCgwJCgoK/8AA',
    'FAgAIAAwBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQci',
    'cRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqi',
    'o6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwD9/K/fyv38r9/K/gDooor+/wAr',
    '+AOiiiv7/K/gDooor+/yv4A6/gDr+AOiv7/K+mK/XCv596/Ouv6LK/pkr9vK/QSvoiv456/mzr+Guvyvr7Ur8t6+vK+e69Ar9pK+K6/Wivzrrw+v7vK8Lrk6',
    '94rn6/IOvoSvzTr5vr+rSvnev7TK/IerFf0gV+E9e8V+WdfopX70V+mlfspX8t9fz11/PPXwHXcV8F1+hlfF9fjvXJ1/M3XqFfqBXzXX6qV+E9R19+V+hlc3',
    'X9HFfQFflXXQV+N9faFftJX/2Q==',
  ].join(''),
  'base64',
);
/** What Pillow's convert('RGB') makes of each block, and of every pixel in it. */
const PILLOW_RGB = [
  [255, 255, 255],
  [0, 255, 255],
  [255, 0, 255],
  [255, 255, 0],
  [0, 0, 0],
  [0, 0, 255],
  [28, 67, 91],
  [174, 241, 232],
  [18, 4, 8],
  [34, 27, 2],
  [6, 7, 7],
  [184, 47, 84],
  [150, 35, 110],
  [50, 57, 32],
  [107, 16, 115],
  [135, 103, 76],
  [134, 218, 223],
  [89, 30, 43],
  [117, 60, 37],
  [2, 0, 1],
  [55, 28, 4],
  [24, 48, 46],
  [9, 62, 30],
  [27, 84, 110],
];

test('CMYK becomes the RGB that Pillow reads, with and without the marker of Adobe, from TIFF, and turned', async () => {
  const marker = CMYK_JPEG.indexOf(Uint8Array.of(0xff, 0xee));
  const length = CMYK_JPEG.readUInt16BE(marker + 2) + 2;
  fs.writeFileSync(at('cmyk.jpg'), CMYK_JPEG);
  fs.writeFileSync(at('plain.jpg'), Buffer.concat([CMYK_JPEG.subarray(0, marker), CMYK_JPEG.subarray(marker + length)]));
  const turned = Buffer.from('ffe1002245786966000049492a0008000000010012010300010000000300000000000000', 'hex'); // orientation 3: half a turn
  fs.writeFileSync(at('turned.jpg'), Buffer.concat([CMYK_JPEG.subarray(0, 2), turned, CMYK_JPEG.subarray(2)]));
  await sharp(CMYK_JPEG).pipelineColourspace('cmyk').toColourspace('cmyk').tiff({ compression: 'lzw' }).toFile(at('cmyk.tif'));
  const expected = Array.from({ length: 32 * 48 }, (_, i) => PILLOW_RGB[6 * Math.floor(i / 48 / 8) + Math.floor((i % 48) / 8)]).flat();
  for (const name of ['cmyk.jpg', 'plain.jpg', 'cmyk.tif']) {
    expect([...(await decodeAnySize(at(name))).data]).toEqual(expected);
    expect([...(await decodeImage(at(name), { width: 48, height: 32 }))]).toEqual(expected);
  }
  expect([...(await readImage(at('cmyk.jpg'))).data]).toEqual(expected);
  const { width, height, data } = await readImage(at('turned.jpg'));
  expect([width, height, ...data.subarray(0, 3)]).toEqual([48, 32, ...PILLOW_RGB[23]]);
});

test('what is no image is refused with the reason', async () => {
  fs.writeFileSync(at('text.png'), 'text');
  fs.writeFileSync(at('empty.png'), '');
  await expect(readImage(at('text.png'))).rejects.toThrow('the file is damaged or no image');
  await expect(readImage(at('empty.png'))).rejects.toThrow('the file is empty');
  await expect(readImage(at('gone.png'))).rejects.toThrow('the file is missing');
  await expect(readImage(folder)).rejects.toThrow('the file cannot be read (EISDIR)');
});
