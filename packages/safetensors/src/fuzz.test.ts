// What is written is read back; whatever is done to a valid file, and whatever the bytes, reading it gives the tensors that an
// independent reader finds, or a SafetensorsError, in bounded time and memory.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { brokenBytes, brokenJson, FUZZ_TIMEOUT, fuzz, inChild, readOrRefused } from '../../../tools/jest/fuzz.ts';
import { ARRAYS, DTYPES } from './dtypes.ts';
import { parseSafetensors, readSafetensors, type SafeTensor, SafetensorsError, serializeSafetensors } from './index.ts';

jest.setTimeout(FUZZ_TIMEOUT);

const valid = new Uint8Array(fs.readFileSync(path.join(__dirname, '../fixtures/python.safetensors')));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-fuzz-'));

const tensors = fc
  .record({ dtype: fc.constantFrom(...DTYPES), shape: fc.array(fc.nat(4), { maxLength: 4 }), seed: fc.nat(255) })
  .map(({ dtype, shape, seed }) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const bytes = Uint8Array.from({ length: length * ARRAYS[dtype].BYTES_PER_ELEMENT }, (_, i) => seed + 31 * i);
    return { dtype, shape, data: new ARRAYS[dtype](bytes.buffer, 0, length) } as SafeTensor;
  });
const names = fc.string({ unit: 'binary', maxLength: 12 }).filter((name) => name !== '__metadata__');

test('round trip', () => {
  const metadata = fc.dictionary(names, fc.string({ unit: 'grapheme' }), { maxKeys: 3 });
  return fuzz(fc.tuple(fc.dictionary(names, tensors, { maxKeys: 6 }), metadata), ([entries, strings]) => {
    const bytes = Buffer.concat(serializeSafetensors(entries, strings));
    const read = parseSafetensors(bytes);
    expect(new Set(read.tensors.keys())).toEqual(new Set(Object.keys(entries)));
    for (const [name, { dtype, shape, data }] of read.tensors) {
      const want = entries[name];
      expect({ dtype, shape }).toEqual({ dtype: want.dtype, shape: want.shape });
      // Bytes, not values: NaN has many patterns.
      expect(Buffer.from(data.buffer, data.byteOffset, data.byteLength).equals(Buffer.from(want.data.buffer))).toBe(true);
    }
    expect({ ...read.metadata }).toEqual({ ...strings });
  });
});

const WIDTHS: Record<string, number> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

/** Reads `bytes`, through a file or not; what is accepted is what the format's page says, read by a few lines of our own. */
async function check(bytes: Uint8Array, read: (bytes: Uint8Array) => ReturnType<typeof parseSafetensors>): Promise<boolean> {
  const found = await readOrRefused(
    () => read(bytes),
    (error) => error instanceof SafetensorsError && error.message.length < 1000,
  );
  if (!found) return false;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = 8 + Number(view.readBigUInt64LE(0));
  const { __metadata__ = {}, ...header } = JSON.parse(view.toString('utf8', 8, start));
  if (Object.keys(header).length !== found.tensors.size) throw new Error(`${found.tensors.size} tensors`);
  expect(Object.entries(found.metadata)).toEqual(Object.entries(__metadata__));
  let covered = start;
  for (const [name, { dtype, shape, data }] of found.tensors) {
    const [begin, end] = header[name].data_offsets;
    expect({ dtype, shape }).toEqual({ dtype: header[name].dtype, shape: header[name].shape });
    if (end - begin !== shape.reduce((a, b) => a * b, WIDTHS[dtype]))
      throw new Error(`${name}: ${end - begin} bytes for [${shape}] of ${dtype}`);
    expect(Buffer.from(data.buffer, data.byteOffset, data.byteLength).equals(view.subarray(start + begin, start + end))).toBe(true);
    covered += end - begin;
  }
  expect(covered).toBe(bytes.length);
  return true;
}

const throughFile = (bytes: Uint8Array) => {
  const file = path.join(folder, 'a.safetensors');
  fs.writeFileSync(file, bytes);
  return readSafetensors(file);
};

test('a valid file whose bytes are changed, cut, put in', async () => {
  const seen = { read: 0, refused: 0 };
  await fuzz(brokenBytes(valid), async (bytes) => {
    seen[(await check(bytes, throughFile)) ? 'read' : 'refused']++;
  });
  // Flips in the data are no damage that can be seen.
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(0);
});

test('any bytes, and any bytes after a header length that fits', async () => {
  await fuzz(fc.uint8Array({ maxLength: 200 }), (bytes) => check(bytes, throughFile));
  await fuzz(fc.tuple(fc.uint8Array({ maxLength: 100 }), fc.nat(30)), ([bytes, data]) => check(fileOf(bytes, data), parseSafetensors));
});

/** A file with this header and so many bytes of data. */
function fileOf(header: Uint8Array, dataLength: number): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(dataLength, 7)]);
}

test('headers of the right form with wrong values', async () => {
  const header = {
    __metadata__: { format: 'pt' },
    a: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
    b: { dtype: 'U8', shape: [], data_offsets: [8, 9] },
    c: { dtype: 'I64', shape: [0, 3], data_offsets: [9, 9] },
  };
  let read = 0;
  await fuzz(fc.tuple(brokenJson(header), fc.constantFrom(9, 9, 9, 0, 8, 10)), async ([value, dataLength]) => {
    if (await check(fileOf(Buffer.from(JSON.stringify(value) ?? ''), dataLength), parseSafetensors)) read++;
  });
  expect(read).toBeGreaterThan(0);
});

const NUMBERS = [
  '-1',
  '-0',
  '0.5',
  '1e0',
  '1E400',
  '1e-400',
  '9007199254740993',
  '4294967296',
  '18446744073709551616',
  '0x10',
  '01',
  'NaN',
  '2',
  '8',
];

test('numbers as text, among offsets that meet', async () => {
  const number = fc.constantFrom(...NUMBERS);
  await fuzz(fc.tuple(number, number, number, number), ([a, b, begin, end]) =>
    check(fileOf(Buffer.from(`{"a":{"dtype":"U8","shape":[${a},${b}],"data_offsets":[${begin},${end}]}}`), 8), parseSafetensors),
  );
});

describe('bombs: refused, in a process that never holds more than 500 MiB', () => {
  // Up to 99 MB of header, written by the child so that this process stays small.
  const HEADERS = {
    'nested lists': `Buffer.alloc(99e6, '[').fill('{"a":', 0, 5)`,
    'a list of millions': `Buffer.concat([Buffer.from('{"a":{"shape":[1'), Buffer.alloc(98e6, ',1'), Buffer.from(']}}')])`,
    'a million empty objects': `Buffer.from('{' + Array.from({ length: 1_000_001 }, (_, i) => '"' + i + '":{}').join() + '}')`,
    'a text without end': `Buffer.alloc(99e6, 'x').fill('{"a', 0, 3)`,
  };
  test.each(Object.entries(HEADERS))('%s', (_, header) => {
    const { stdout, peak, stderr } = inChild(
      `const fs = require('node:fs');
      const header = ${header};
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(header.length));
      fs.writeFileSync('bomb', length);
      fs.appendFileSync('bomb', header);
      const { readSafetensors, SafetensorsError } = require(${JSON.stringify(path.join(__dirname, 'index.ts'))});
      try { readSafetensors('bomb'); } catch (error) { console.log(error instanceof SafetensorsError, error.message); }`,
      folder,
    );
    expect(stdout || stderr).toMatch(/^true safetensors: bomb: header: /);
    expect(stdout.length).toBeLessThan(500);
    expect(peak).toBeLessThan(500);
  });

  test('a terabyte that is not there: the header is read first', () => {
    const file = path.join(folder, 'sparse');
    const header = Buffer.from('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}');
    fs.writeFileSync(file, fileOf(header, 0));
    fs.truncateSync(file, 2 ** 40);
    expect(() => readSafetensors(file)).toThrow(/bytes after the last tensor belong to none/);
    fs.writeFileSync(file, fileOf(Buffer.from(`{"a":{"dtype":"U8","shape":[${2 ** 44}],"data_offsets":[0,${2 ** 44}]}}`), 0));
    fs.truncateSync(file, fs.statSync(file).size);
    expect(() => readSafetensors(file)).toThrow(/are outside the 0 bytes of data/);
  });
});
