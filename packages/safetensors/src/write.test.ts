import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readSafetensors, type SafeTensor, SafetensorsError, serializeSafetensors, writeSafetensors } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-safetensors-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const tensor: SafeTensor = { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) };

test("writes the Python package's bytes, whatever the order of the entries", () => {
  const file = path.join(__dirname, '../fixtures/python.safetensors');
  const { tensors, metadata } = readSafetensors(file);
  const out = path.join(folder, 'out.safetensors');
  writeSafetensors(out, [...tensors].reverse(), metadata);
  expect(fs.readFileSync(out).equals(fs.readFileSync(file))).toBe(true);
});

test('replaces a file and leaves nothing else behind; entries may be an object', () => {
  const file = path.join(folder, 'a.safetensors');
  writeSafetensors(file, { old: tensor });
  writeSafetensors(file, { new: tensor, ['__proto__']: tensor });
  expect([...readSafetensors(file).tensors.keys()]).toEqual(['__proto__', 'new']);
  expect(fs.readdirSync(folder)).toEqual(['a.safetensors']);
});

test('views of a larger buffer are written alone', () => {
  const file = path.join(folder, 'a.safetensors');
  writeSafetensors(file, { a: { dtype: 'I32', shape: [2], data: Int32Array.of(9, 7, 8, 9).subarray(1, 3) } });
  expect(Array.from(readSafetensors(file).tensors.get('a')?.data as Int32Array)).toEqual([7, 8]);
});

describe('the old file survives', () => {
  let file: string;
  beforeEach(() => {
    file = path.join(folder, 'a.safetensors');
    writeSafetensors(file, { old: tensor });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    expect([...readSafetensors(file).tensors.keys()]).toEqual(['old']);
    expect(fs.readdirSync(folder)).toEqual(['a.safetensors']);
  });

  test.each(['writeSync', 'fsyncSync', 'renameSync'] as const)('a failing %s', (call) => {
    jest.spyOn(fs, call).mockImplementation(() => {
      throw new Error('ENOSPC: no space left on device');
    });
    const write = () => writeSafetensors(file, { new: tensor });
    expect(write).toThrow(SafetensorsError);
    expect(write).toThrow(/a.safetensors: file: cannot be written \(ENOSPC/);
  });

  test('invalid entries', () => {
    expect(() => writeSafetensors(file, { new: { ...tensor, shape: [3] } })).toThrow('tensor "new": shape [3] needs 3 values, got 2');
  });
});

test('the data are synced before the rename, the folder after', () => {
  const calls: string[] = [];
  const [fsync, rename] = [fs.fsyncSync, fs.renameSync];
  jest.spyOn(fs, 'fsyncSync').mockImplementation((handle) => {
    calls.push(fs.fstatSync(handle).isDirectory() ? 'sync folder' : 'sync file');
    fsync(handle);
  });
  jest.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    calls.push('rename');
    rename(from, to);
  });
  writeSafetensors(path.join(folder, 'a.safetensors'), { a: tensor });
  jest.restoreAllMocks();
  expect(calls).toEqual(['sync file', 'rename', 'sync folder']);
});

test('a folder that does not exist', () => {
  expect(() => writeSafetensors(path.join(folder, 'none/a.safetensors'), {})).toThrow(/cannot be written \(ENOENT/);
});

test.each<[string, unknown, string]>([
  ['a reserved name', [['__metadata__', tensor]], 'the name is reserved'],
  ['half a surrogate pair', { '\ud800': tensor }, 'the name is no Unicode'],
  [
    'a name given twice',
    [
      ['a', tensor],
      ['a', tensor],
    ],
    'the name is given twice',
  ],
  ['an unknown dtype', { a: { ...tensor, dtype: 'F8' } }, 'unknown dtype "F8"'],
  ['another kind of array', { a: { ...tensor, dtype: 'F64' } }, 'F64 needs a Float64Array, got Float32Array'],
  ['a fractional size', { a: { ...tensor, shape: [0.5, 4] } }, 'shape [0.5,4] has a size that is not a non-negative integer'],
])('refuses %s', (_, entries, message) => {
  expect(() => serializeSafetensors(entries as Record<string, SafeTensor>)).toThrow(message);
});

test('refuses a header over the limit of the format', () => {
  const long = 'x'.repeat(100_000_000);
  expect(() => serializeSafetensors({}, { long })).toThrow(/header length: 1000000\d\d is more than the limit/);
});
