// Whatever the bytes of COCO JSON, of images and of label images: they are refused with a DatasetError that names what is wrong, or read as an
// independent look reads them, in bounded time and memory.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { brokenBytes, brokenJson, FUZZ_TIMEOUT, fuzz, inChild, readOrRefused } from '../../../tools/jest/fuzz.ts';
import { readAnnotations } from './coco/annotations.ts';
import { DatasetError, decodeLabelPng, encodeLabelPng, readImage } from './index.ts';

jest.setTimeout(FUZZ_TIMEOUT);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-fuzz-'));
const at = (name: string) => path.join(folder, name);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const refusal = (error: unknown) => error instanceof DatasetError && error.message.length < 1000;

describe('COCO JSON', () => {
  const valid = {
    images: [{ id: 7, file_name: 'a.png', width: 20, height: 10 }],
    annotations: [
      { id: 1, image_id: 7, category_id: 3, bbox: [1, 2, 3, 4], area: 9, iscrowd: 0 },
      { id: 2, image_id: 7, category_id: 5, bbox: [-1, 2.5, 30, 4] },
    ],
    categories: [
      { id: 5, name: 'b' },
      { id: 3, name: 'a' },
    ],
  };

  async function check(bytes: Uint8Array | string): Promise<boolean> {
    fs.writeFileSync(at('instances.json'), bytes);
    const read = await readOrRefused(
      () => readAnnotations(at('instances.json')),
      (error) => refusal(error) && (error as Error).message.startsWith(`cocoDataset: ${at('instances.json')}: `),
    );
    if (!read) return false;
    const json = JSON.parse(fs.readFileSync(at('instances.json'), 'utf8').replace(/^\uFEFF/, ''));
    const { truth, objects } = read;
    for (const key of ['images', 'annotations', 'categories'] as const) {
      expect(new Set(truth[key].map(({ id }) => id)).size).toBe(json[key].length);
      for (const entry of truth[key]) {
        const source = json[key].find(({ id }: { id: number }) => id === entry.id);
        for (const [name, value] of Object.entries(entry)) if (name in source && source[name] !== null) expect(value).toEqual(source[name]);
      }
    }
    for (const { id, width, height } of truth.images) {
      const { boxes, labels } = objects.get(id)!;
      expect(labels.every((label) => label in truth.categories)).toBe(true);
      for (let i = 0; i < boxes.length; i += 4) {
        const [x1, y1, x2, y2] = boxes.slice(i, i + 4);
        if (!(x1 >= 0 && y1 >= 0 && x2 > x1 && y2 > y1 && x2 <= Math.fround(width) && y2 <= Math.fround(height)))
          throw new Error(`${boxes}`);
      }
    }
    return true;
  }

  test('values changed', async () => {
    const seen = { read: 0, refused: 0 };
    await fuzz(brokenJson(valid), async (value) => {
      seen[(await check(JSON.stringify(value) ?? '')) ? 'read' : 'refused']++;
    });
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(0);
  });

  test('bytes changed, cut, put in; any bytes', () =>
    fuzz(fc.oneof(brokenBytes(Buffer.from(JSON.stringify(valid))), fc.uint8Array({ maxLength: 60 })), check));

  test('a file of nothing but lists: refused, in a process that never holds more than 500 MiB', () => {
    const { stdout, stderr, peak } = inChild(
      `const fs = require('node:fs');
      fs.writeFileSync('bomb.json', Buffer.alloc(100e6, '[').fill('{"images":', 0, 10));
      const { readJsonFile } = require(${JSON.stringify(path.join(__dirname, 'json.ts'))});
      readJsonFile('bomb.json').catch((error) => console.log(error.name, error.message));`,
      folder,
    );
    expect(stdout || stderr).toMatch(/^DatasetError bomb.json: 99999991 lists and objects and 1 keys are more than can be held/);
    expect(peak).toBeLessThan(500);
  });

  test('a file longer than a string may be, and a pipe', async () => {
    fs.writeFileSync(at('long.json'), '{');
    fs.truncateSync(at('long.json'), 2 ** 30);
    await expect(readAnnotations(at('long.json'))).rejects.toThrow('the file has 1073741824 bytes, more than the 536870888 that are read');
    await expect(readAnnotations('/dev/zero')).rejects.toThrow('/dev/zero: the file is a pipe or a device');
  });
});

describe('images', () => {
  const pixels = Buffer.from(Uint8Array.from({ length: 3 * 16 * 12 }, (_, i) => (i * 37) % 256));
  const picture = () => sharp(pixels, { raw: { width: 16, height: 12, channels: 3 } });
  const FORMATS: [string, () => Promise<Buffer>][] = [
    ['jpg', () => picture().jpeg().toBuffer()],
    ['progressive.jpg', () => picture().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer()],
    ['cmyk.jpg', () => picture().toColourspace('cmyk').jpeg().toBuffer()],
    ['png', () => picture().png().toBuffer()],
    ['deep.png', () => picture().toColourspace('rgb16').png().toBuffer()],
    ['palette.png', () => picture().png({ palette: true }).toBuffer()],
    ['interlaced.png', () => picture().ensureAlpha(0.5).png({ progressive: true }).toBuffer()],
    ['animated.gif', () => animated().gif().toBuffer()],
    ['animated.webp', () => animated().webp({ lossless: true }).toBuffer()],
    ['webp', () => picture().webp().toBuffer()],
    ['tif', () => picture().tiff({ compression: 'deflate' }).toBuffer()],
  ];
  const animated = () => sharp(pixels, { raw: { width: 16, height: 12, channels: 3, pageHeight: 4 } });
  let files: [string, Buffer][];
  beforeAll(async () => {
    files = await Promise.all(FORMATS.map(async ([name, make]): Promise<[string, Buffer]> => [name, await make()]));
  });

  async function check(bytes: Uint8Array, orient = true): Promise<boolean> {
    fs.writeFileSync(at('image'), bytes);
    const read = await readOrRefused(() => readImage(at('image'), { orient }), refusal);
    if (read && read.data.length !== 3 * read.width * read.height)
      throw new Error(`${read.width}x${read.height}: ${read.data.length} bytes`);
    return read !== undefined;
  }

  test('of every format, whole, and of animated ones the first picture', async () => {
    for (const [name, bytes] of files) {
      fs.writeFileSync(at(name), bytes);
      const { width, height } = await readImage(at(name));
      expect([name, width, height]).toEqual([name, ...(/animated/.test(name) ? [16, 4] : /progressive/.test(name) ? [12, 16] : [16, 12])]);
    }
  });

  test('bytes changed, cut, put in; any bytes', async () => {
    const broken = fc.nat(FORMATS.length - 1).chain((i) => brokenBytes(files[i][1]));
    const seen = { read: 0, refused: 0 };
    await fuzz(
      fc.tuple(fc.oneof({ weight: 9, arbitrary: broken }, fc.uint8Array({ maxLength: 90 })), fc.boolean()),
      async ([bytes, orient]) => {
        seen[(await check(bytes, orient)) ? 'read' : 'refused']++;
      },
    );
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(0);
  });

  test('cut anywhere: refused, unless all pixels are there', async () => {
    for (const name of ['png', 'jpg', 'webp', 'tif']) {
      const bytes = files.find(([each]) => each === name)![1];
      for (let length = 1; length < 0.8 * bytes.length; length += 17)
        if (await check(bytes.subarray(0, length))) throw new Error(`${name} of ${bytes.length} bytes was read from its first ${length}`);
    }
  });

  test('what only looks like an image', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    for (const bytes of [svg, `<?xml version="1.0"?>${svg}`, '%PDF-1.7', 'BM', 'P6 1 1 255 aaa', '\u0000'])
      expect([bytes, await check(Buffer.from(bytes))]).toEqual([bytes, false]);
  });

  test('no pixels, and one row that is 65535 wide', async () => {
    expect(await check(sized(files[3][1], 0, 12))).toBe(false);
    expect(await check(sized(files[3][1], 16, 0))).toBe(false);
    const wide = await sharp({ create: { width: 65535, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect(await check(wide)).toBe(true);
    // Wider than what libjpeg decodes.
    const jpeg = Buffer.from(files[0][1]);
    jpeg.writeUInt16BE(65535, jpeg.indexOf(Buffer.from('ffc0', 'hex')) + 7);
    expect(await check(jpeg)).toBe(false);
  });

  test('bombs are refused by their header', async () => {
    const gif = await picture().gif().toBuffer();
    // The canvas alone is not believed; the first frame's descriptor comes after the palette.
    const first = gif.indexOf(0x2c, 13 + 3 * (2 << (gif[10] & 7)));
    for (const place of [6, 8, first + 5, first + 7]) gif.writeUInt16LE(65535, place);
    const jpeg = Buffer.from(files[0][1]);
    const frame = jpeg.indexOf(Buffer.from('ffc0', 'hex'));
    jpeg.writeUInt16BE(65500, frame + 5);
    jpeg.writeUInt16BE(65500, frame + 7);
    fs.writeFileSync(at('bomb.gif'), gif);
    fs.writeFileSync(at('bomb.jpg'), jpeg);
    fs.writeFileSync(at('bomb.png'), sized(files[3][1], 65535, 65535));
    const label = await encodeLabelPng({ width: 2, height: 2, data: new Uint8Array(4) });
    fs.writeFileSync(at('label.png'), sized(label, 2 ** 31 - 1, 2 ** 31 - 1));
    const { stdout, stderr, peak } = inChild(
      `const { readImage, readLabelPng } = require(${JSON.stringify(path.join(__dirname, 'index.ts'))});
      (async () => {
        for (const file of ['bomb.gif', 'bomb.jpg', 'bomb.png']) await readImage(file).catch((error) => console.log(error.name, file, error.message));
        await readLabelPng('label.png').catch((error) => console.log(error.name, error.message));
      })();`,
      folder,
    );
    const too = (size: string) => `the image has ${size} pixels, more than the 134217728 that are decoded: make it smaller or cut it`;
    expect((stdout || stderr).trim().split('\n')).toEqual([
      `DatasetError bomb.gif ${too('65535x65535')}`,
      `DatasetError bomb.jpg ${too('65500x65500')}`,
      `DatasetError bomb.png ${too('65535x65535')}`,
      `DatasetError readLabelPng: label.png: ${too('2147483647x2147483647')}`,
    ]);
    expect(peak).toBeLessThan(300);
  });
});

/** A PNG whose header says another size, with the right checksum. */
function sized(png: Buffer, width: number, height: number): Buffer {
  const bytes = Buffer.from(png);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(zlib.crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

test('label images: what is read is what zlib and the filters of PNG say', async () => {
  const valid = await encodeLabelPng({ width: 9, height: 7, data: Uint8Array.from({ length: 63 }, (_, i) => (i * 11) % 34) });
  let read = 0;
  await fuzz(fc.oneof({ weight: 9, arbitrary: brokenBytes(valid) }, fc.uint8Array({ maxLength: 90 })), async (bytes) => {
    const image = await readOrRefused(() => decodeLabelPng(bytes), refusal);
    if (!image) return;
    read++;
    expect([image.width, image.height, ...image.data]).toEqual(plainGrey(bytes));
  });
  expect(read).toBeGreaterThan(0);
});

/** Width, height and samples of an 8-bit grey PNG that is not interlaced. */
function plainGrey(png: Uint8Array): number[] {
  const bytes = Buffer.from(png);
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') break;
    if (type === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const rows = zlib.inflateSync(Buffer.concat(parts));
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const left = x > 0 ? out[y * width + x - 1] : 0;
      const up = y > 0 ? out[(y - 1) * width + x] : 0;
      const corner = x > 0 && y > 0 ? out[(y - 1) * width + x - 1] : 0;
      const near = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
      const paeth = near[0] <= near[1] && near[0] <= near[2] ? left : near[1] <= near[2] ? up : corner;
      out[y * width + x] = rows[y * (width + 1) + 1 + x] + [0, left, up, (left + up) >> 1, paeth][rows[y * (width + 1)]];
    }
  }
  return [width, height, ...out];
}
