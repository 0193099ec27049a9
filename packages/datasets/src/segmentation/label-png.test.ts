import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { chunk, encodePng, type PngOptions } from '../../testing/png.ts';
import { decodeLabelPng, encodeLabelPng, readLabelPng } from './label-png.ts';

const pixels = (count: number, of: (i: number) => number) => Array.from({ length: count }, (_, i) => of(i));
const decode = async (options: PngOptions) => [...(await decodeLabelPng(encodePng(options))).data];

// What a viewer would do to the samples, if it were asked.
const palette = Uint8Array.from({ length: 256 * 3 }, (_, i) => (i * 89) % 251);
const gamma: [string, Uint8Array] = ['gAMA', Uint8Array.of(0, 0, 0xb1, 0x8f)];

describe.each([false, true])('interlaced: %p', (interlaced) => {
  test('16-bit grey: all values', async () => {
    const samples = pixels(65536, (i) => (i * 40503) % 65536);
    for (const filter of [0, 1, 2] as const)
      expect(await decode({ width: 256, height: 256, depth: 16, colour: 0, samples, extra: [gamma], interlaced, filter })).toEqual(samples);
  });

  test.each([1, 2, 4, 8])('%d-bit grey and palette: all values, whatever colours and transparency say', async (depth) => {
    const samples = pixels(19 * 17, (i) => (i * 7) % 2 ** depth);
    const size = { width: 19, height: 17, depth, samples, interlaced };
    const colours: [string, Uint8Array] = ['PLTE', palette.subarray(0, 3 * 2 ** depth)];
    expect(await decode({ ...size, colour: 0, extra: [gamma, ['tRNS', Uint8Array.of(0, 1)]] })).toEqual(samples);
    expect(await decode({ ...size, colour: 3, extra: [gamma, colours, ['tRNS', Uint8Array.of(0, 9)]] })).toEqual(samples);
  });

  test('RGB and RGBA of equal channels, grey with alpha', async () => {
    const values = pixels(256, (i) => i);
    const size = { width: 32, height: 8, interlaced, extra: [gamma] };
    expect(await decode({ ...size, depth: 8, colour: 2, samples: values.flatMap((v) => [v, v, v]) })).toEqual(values);
    expect(await decode({ ...size, depth: 8, colour: 6, samples: values.flatMap((v, i) => [v, v, v, i % 256]) })).toEqual(values);
    expect(await decode({ ...size, depth: 8, colour: 4, samples: values.flatMap((v, i) => [v, i % 3]) })).toEqual(values);
    const wide = values.map((v) => v * 257 - (v >> 1));
    expect(await decode({ ...size, depth: 16, colour: 2, samples: wide.flatMap((v) => [v, v, v]) })).toEqual(wide);
  });
});

test('what sharp alone would have made of a palette image is something else', async () => {
  const file = encodePng({ width: 4, height: 1, depth: 8, colour: 3, samples: [0, 1, 2, 3], extra: [['PLTE', palette]] });
  expect([...(await sharp(file).toColourspace('b-w').raw().toBuffer())]).not.toEqual([0, 1, 2, 3]);
});

test('what is written is read again, 8 and 16 bit', async () => {
  const image = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.boolean()).chain(([width, height, wide]) =>
    fc.array(fc.integer({ min: 0, max: wide ? 65535 : 255 }), { minLength: width * height, maxLength: width * height }).map((values) => ({
      width,
      height,
      data: wide ? Uint16Array.from(values) : Uint8Array.from(values),
    })),
  );
  await fc.assert(
    fc.asyncProperty(image, async (label) => expect(await decodeLabelPng(await encodeLabelPng(label))).toEqual(label)),
    { seed: 5, numRuns: 40 },
  );
  await expect(encodeLabelPng({ width: 2, height: 2, data: new Uint8Array(3) })).rejects.toThrow('3 values for 2x2 pixels');
});

describe('files that are no label images', () => {
  const good = encodePng({ width: 40, height: 30, depth: 8, colour: 0, samples: pixels(1200, (i) => (i * i) % 251) });
  const flipped = (at: number) => {
    const bytes = Buffer.from(good);
    bytes[at] ^= 0x55;
    return bytes;
  };

  test.each<[string, Uint8Array, string]>([
    ['text', Buffer.from('not a picture at all'), 'the file is no PNG'],
    ['nothing', new Uint8Array(0), 'the file is no PNG'],
    ['half', good.subarray(0, good.length / 2), 'the file is truncated'],
    ['a signature', good.subarray(0, 8), 'the file is truncated'],
    ['a garbled header', flipped(17), 'the file is damaged (header)'],
    ['garbled data', flipped(80), 'the file is damaged'],
    ['no header', Buffer.concat([good.subarray(0, 8), good.subarray(33)]), 'the file is damaged (header)'],
    [
      'an odd colour type',
      Buffer.concat([good.subarray(0, 8), chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 5, 0, 0, 0])), good.subarray(33)]),
      'colour type 5',
    ],
  ])('%s', async (_, bytes, message) => {
    await expect(decodeLabelPng(bytes)).rejects.toThrow(message);
  });

  test('a colour picture', async () => {
    const samples = [7, 7, 7, 7, 8, 7];
    await expect(decode({ width: 2, height: 1, depth: 8, colour: 2, samples })).rejects.toThrow(
      'a picture in colour (RGB 7, 8, 7 at x 1, y 0), not an image of labels',
    );
  });

  test('readLabelPng names the file', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-label-'));
    const file = path.join(folder, 'a.png');
    await expect(readLabelPng(file)).rejects.toThrow(`readLabelPng: ${file}: the file is missing`);
    await expect(readLabelPng(folder)).rejects.toThrow('cannot be read (EISDIR)');
    fs.writeFileSync(file, good);
    expect((await readLabelPng(file)).data.length).toBe(1200);
    fs.rmSync(folder, { recursive: true });
  });
});
