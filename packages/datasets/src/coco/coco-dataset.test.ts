import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { cocoDataset } from './coco-dataset.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-coco-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const RGB = Buffer.from([10, 20, 30, 200, 100, 50, 0, 255, 128, 7, 8, 9]);
const picture = () => sharp(RGB, { raw: { width: 2, height: 2, channels: 3 } });
const photo = () =>
  sharp(
    Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 37) % 251),
    { raw: { width: 64, height: 48, channels: 3 } },
  );

/** Writes the files and a JSON that names them, each with one box, ids from 1. */
function write(files: Record<string, { bytes?: Buffer; width?: number; height?: number }>) {
  const images = Object.entries(files).map(([file_name, { bytes, width = 2, height = 2 }], i) => {
    if (bytes) fs.writeFileSync(path.join(folder, file_name), bytes);
    return { id: i + 1, file_name, width, height };
  });
  const annotations = images.map(({ id }) => ({ id, image_id: id, category_id: 1, bbox: [0, 0, 1, 2] }));
  const file = path.join(folder, 'instances.json');
  fs.writeFileSync(file, JSON.stringify({ images, annotations, categories: [{ id: 1, name: 'thing' }] }));
  return { annotations: file, images: folder };
}

test('every kind of pixel becomes 8-bit RGB', async () => {
  const grey16 = sharp(new Uint16Array([0x8080, 0x1010, 0xffff, 0x7fff]), { raw: { width: 2, height: 2, channels: 1 } });
  const cmyk = sharp({ create: { width: 16, height: 16, channels: 3, background: { r: 255, g: 255, b: 255 } } });
  const dataset = await cocoDataset(
    write({
      'rgb.png': { bytes: await picture().png().toBuffer() },
      'palette.png': { bytes: await picture().png({ palette: true }).toBuffer() },
      'deep.png': { bytes: await picture().toColourspace('rgb16').png().toBuffer() },
      'grey16.png': { bytes: await grey16.toColourspace('grey16').png().toBuffer() },
      'alpha.png': {
        bytes: await sharp(Buffer.from([10, 20, 30, 0, 200, 100, 50, 9]), { raw: { width: 2, height: 1, channels: 4 } })
          .png()
          .toBuffer(),
        height: 1,
      },
      'cmyk.jpg': { bytes: await cmyk.toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(), width: 16, height: 16 },
    }),
  );
  const pixels = await Promise.all(dataset.ids.map(async (_, i) => [...(await dataset.get(i)).image]));
  expect(pixels.slice(0, 3)).toEqual([[...RGB], [...RGB], [...RGB]]);
  expect(pixels[3]).toEqual([128, 16, 255, 127].flatMap((grey) => [grey, grey, grey]));
  expect(pixels[4]).toEqual([10, 20, 30, 200, 100, 50]);
  expect(pixels[5]).toHaveLength(16 * 16 * 3);
  expect(Math.min(...pixels[5])).toBeGreaterThan(250);
});

test('an EXIF orientation is not applied: annotations count stored pixels', async () => {
  const bytes = await photo().withMetadata({ orientation: 6 }).png().toBuffer();
  const dataset = await cocoDataset(write({ 'turned.png': { bytes, width: 64, height: 48 } }));
  expect([...(await dataset.get(0)).image.slice(0, 4)]).toEqual([0, 37, 74, 111]);
  await expect(cocoDataset(write({ 'turned.png': { bytes, width: 48, height: 64 } }))).rejects.toThrow(
    'the file is 64x48, the JSON says 48x64; the JSON counts the image after its EXIF rotation',
  );
});

async function broken() {
  const jpeg = await photo().jpeg().toBuffer();
  const garbled = Buffer.from(jpeg).fill(0xff, 900, 1200);
  const size = { width: 64, height: 48 };
  return {
    'good.jpg': { bytes: jpeg, ...size },
    'truncated.jpg': { bytes: jpeg.subarray(0, jpeg.length / 2), ...size },
    'garbled.jpg': { bytes: garbled, ...size },
    'text.jpg': { bytes: Buffer.from('<html>404</html>'), ...size },
    'empty.jpg': { bytes: Buffer.alloc(0), ...size },
    'missing.jpg': size,
    'small.png': { bytes: await picture().png().toBuffer(), ...size },
    'also-good.jpg': { bytes: jpeg, ...size },
  };
}

test('skip leaves damaged images out and says which and why', async () => {
  const dataset = await cocoDataset({ ...write(await broken()), onDamaged: 'skip' });
  expect(dataset.ids).toEqual([1, 8]);
  expect(dataset.length).toBe(2);
  expect(dataset.skipped.map(({ file, id }) => [path.basename(file), id])).toEqual([
    ['truncated.jpg', 2],
    ['garbled.jpg', 3],
    ['text.jpg', 4],
    ['empty.jpg', 5],
    ['missing.jpg', 6],
    ['small.png', 7],
  ]);
  const reasons = dataset.skipped.map(({ reason }) => reason);
  // libvips keeps its error texts in one place for all threads, so what follows in brackets is not always there.
  for (const reason of reasons.slice(0, 3)) expect(reason).toMatch(/^the file is damaged or no image/);
  expect(reasons.slice(3)).toEqual(['the file is empty', 'the file is missing', 'the file is 2x2, the JSON says 64x48']);
  const truth = dataset.groundTruth();
  expect(truth.images.map(({ id }) => id)).toEqual([1, 8]);
  expect(truth.annotations.map(({ image_id }) => image_id)).toEqual([1, 8]);
  expect((await dataset.get(1)).id).toBe(8);
});

test('by default the first damaged image rejects with file, id and way out', async () => {
  await expect(cocoDataset(write(await broken()))).rejects.toThrow(
    /^cocoDataset: image 2 \(.*truncated\.jpg\): the file is damaged.*; repair it, or leave such images out with onDamaged: 'skip'$/,
  );
});

test('nothing left is an error even when skipping', async () => {
  await expect(cocoDataset({ ...write({ 'a.png': {}, 'b.png': {} }), onDamaged: 'skip' })).rejects.toThrow(
    /none of 2 images is usable; cocoDataset: image 1 .*a\.png.*missing/,
  );
});

test('a header check is quick, misses damage further in, and get names it', async () => {
  const files = await broken();
  const options = { ...write(files), onDamaged: 'skip', check: 'header' } as const;
  const dataset = await cocoDataset(options);
  expect(dataset.ids).toEqual([1, 2, 3, 8]);
  await expect(dataset.get(1)).rejects.toThrow(
    /image 2 \(.*truncated\.jpg\): the file is damaged.*; with check: 'decode' it is found on opening/,
  );
  await expect(dataset.get(4)).rejects.toThrow(new RangeError('instances: no image at 4, there are 4'));
});

test('decoded images stay in memory up to the byte limit', async () => {
  const bytes = await picture().png().toBuffer();
  const options = write({ 'a.png': { bytes }, 'b.png': { bytes }, 'c.png': { bytes } });
  const dataset = await cocoDataset({ ...options, cacheBytes: 2 * RGB.length });
  for (const name of ['a.png', 'b.png', 'c.png']) fs.rmSync(path.join(folder, name));
  const found = await Promise.allSettled([0, 1, 2].map((i) => dataset.get(i)));
  expect(found.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
});

test('an unreadable file and wrong options are named', async () => {
  const options = write({ 'a.png': {} });
  fs.mkdirSync(path.join(folder, 'a.png'));
  await expect(cocoDataset(options)).rejects.toThrow('the file cannot be read (EISDIR)');
  await expect(cocoDataset({ ...options, onDamaged: 'ignore' as 'skip' })).rejects.toThrow("onDamaged 'ignore' must be 'error' or 'skip'");
  await expect(cocoDataset({ ...options, check: 'none' as 'header' })).rejects.toThrow("check 'none' must be 'decode' or 'header'");
});
