import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseSafetensors, readSafetensors, type SafeTensor, SafetensorsError, toFloat32 } from './index.ts';

const fixtures = path.join(__dirname, '../fixtures');

/** A file with this header (text, or a value to be made JSON of) and so many bytes of data. */
function fileOf(header: unknown, dataLength = 0): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataLength)]);
}

/** Header of one float32 tensor "a" of 8 bytes, with changes. */
const one = (changes: object) => ({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } });

describe("reads the Python package's file", () => {
  const want = JSON.parse(fs.readFileSync(path.join(fixtures, 'python.json'), 'utf8')).tensors;
  const { tensors, metadata } = readSafetensors(path.join(fixtures, 'python.safetensors'));
  const torchNames: Record<string, string> = { F16: 'float16', BF16: 'bfloat16', F32: 'float32', F64: 'float64', BOOL: 'bool' };

  test('names and metadata', () => {
    expect([...tensors.keys()].sort()).toEqual(Object.keys(want).sort());
    expect(metadata).toEqual({ format: 'pt' });
  });

  test.each(Object.keys(want))('%s', (name) => {
    const tensor = tensors.get(name) as SafeTensor;
    const bits = tensor.dtype.slice(1);
    const kind = { I: 'int', U: 'uint' }[tensor.dtype[0]];
    expect(`torch.${torchNames[tensor.dtype] ?? kind + bits}`).toBe(want[name].dtype);
    expect(tensor.shape).toEqual(want[name].shape);
    const half = tensor.dtype === 'F16' || tensor.dtype === 'BF16';
    const values: (number | bigint)[] = [...(half ? toFloat32(tensor) : tensor.data)];
    const numbers: Record<string, number> = { inf: Infinity, '-inf': -Infinity, nan: NaN };
    const expected = want[name].values.map((value: number | boolean | string) => {
      if (typeof value === 'string') return value in numbers ? numbers[value] : BigInt(value);
      return Number(value);
    });
    expect(values).toEqual(expected);
  });
});

test('reads a golden fixture', () => {
  const { tensors, metadata } = readSafetensors(path.join(fixtures, '02_sparse_loss.safetensors'));
  expect(Object.keys(metadata).sort()).toEqual(['params', 'title']);
  for (const { shape, data } of tensors.values()) expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
});

test('aligned tensors are views, others copies, with the same values', () => {
  const bytes = fs.readFileSync(path.join(fixtures, 'python.safetensors'));
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  const aligned = parseSafetensors(new Uint8Array(bytes));
  const unaligned = parseSafetensors(shifted.subarray(1));
  for (const [name, tensor] of aligned.tensors) expect(unaligned.tensors.get(name)).toEqual(tensor);
  const f32 = aligned.tensors.get('f32') as SafeTensor;
  expect(f32.data.buffer.byteLength).toBe(bytes.length);
  expect(unaligned.tensors.get('f32')?.data.buffer.byteLength).toBe(24);
});

test('a Buffer, unaligned in its pool', () => {
  const bytes = fs.readFileSync(path.join(fixtures, 'python.safetensors'));
  const shifted = Buffer.concat([Buffer.from('x'), bytes]).subarray(1);
  const wanted = parseSafetensors(new Uint8Array(bytes)).tensors;
  for (const [name, tensor] of parseSafetensors(shifted).tensors) expect(tensor).toEqual(wanted.get(name));
});

test('any element type as float32; F32 itself without a copy', () => {
  const data = Float32Array.of(1.5);
  expect(toFloat32({ dtype: 'F32', shape: [1], data })).toBe(data);
  expect(Array.from(toFloat32({ dtype: 'I64', shape: [2], data: BigInt64Array.of(-3n, 2n ** 40n) }))).toEqual([-3, 2 ** 40]);
  expect(Array.from(toFloat32({ dtype: 'U8', shape: [1], data: Uint8Array.of(200) }))).toEqual([200]);
  expect(Array.from(toFloat32({ dtype: 'F64', shape: [1], data: Float64Array.of(0.1) }))).toEqual([Math.fround(0.1)]);
});

test('every half is read as IEEE 754 says', () => {
  const data = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const values = toFloat32({ dtype: 'F16', shape: [65536], data });
  // Independent: a normal half is the float32 with the exponent re-biased by 112 and 13 more fraction bits.
  const scratch = new Uint32Array(1);
  const asFloat = new Float32Array(scratch.buffer);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31;
    if (exponent === 0 || exponent === 31) continue;
    scratch[0] = (((bits & 0x8000) << 16) | ((exponent + 112) << 23) | ((bits & 1023) << 13)) >>> 0;
    if (values[bits] !== asFloat[0]) throw new Error(`half ${bits}: ${values[bits]}, expected ${asFloat[0]}`);
  }
  expect(Object.is(values[0x8000], -0)).toBe(true);
});

describe('refuses', () => {
  const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  const cases: [string, Uint8Array, string, RegExp][] = [
    ['an empty file', new Uint8Array(0), 'header length', /has 0 bytes, at least 8/],
    ['a header length over the limit', Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255), 'header length', /more than the limit/],
    ['a header length over the file', Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0x7b), 'header length', /9 is more than the 1 bytes/],
    ['a header that is no object', fileOf('[]'), 'header', /does not begin with "\{"/],
    ['an empty header', fileOf(''), 'header', /does not begin/],
    ['a header that is no JSON', fileOf('{"a":}'), 'header', /not JSON/],
    ['a header that is no UTF-8', fileOf(one({})).map((byte) => (byte === 0x61 ? 0xff : byte)), 'header', /not JSON in UTF-8/],
    ['a name given twice', fileOf('{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"\\u0061":{}}', 1), 'header', /"a" stands twice/],
    ['a key given twice', fileOf('{"a":{"dtype":"U8","dtype":"I8","shape":[],"data_offsets":[0,1]}}', 1), 'header', /"dtype" stands twice/],
    ['a metadata key given twice', fileOf('{"__metadata__":{"k":"1","k":"2"}}'), 'header', /"k" stands twice/],
    ['metadata that are no object', fileOf({ __metadata__: ['x'] }), 'metadata', /object of strings expected, got \["x"\]/],
    ['metadata that are no strings', fileOf({ __metadata__: { k: 1 } }), 'metadata', /"k" is 1, a string expected/],
    ['a tensor that is no object', fileOf({ a: 7 }), 'tensor "a"', /object expected, got 7/],
    ['deep nesting', fileOf(deep), 'header', /is nested deeper than 3 levels, at character 7/],
    ['a list that never ends', fileOf(one({ shape: Array(1025).fill(1) }), 8), 'header', /a list of more than 1024 values, at character/],
    ['text after the header', fileOf('{},"a"'), 'header', /not JSON/],
    ['a text without end', fileOf('{"a\\'), 'header', /not JSON/],
    ['half a surrogate pair in a name', fileOf('{"\\ud800":{}}'), 'tensor "\\ud800"', /no Unicode/],
    ['half a surrogate pair in metadata', fileOf('{"__metadata__":{"k":"\\udc00"}}'), 'metadata', /"k" is no Unicode/],
    ['metadata of an unknown key', fileOf(`{"a":{"${'k'.repeat(99)}":1}}`), 'tensor "a"', /unknown key "k{59}…; dtype/],
    ['an unknown dtype', fileOf(one({ dtype: 'F8_E4M3' }), 8), 'tensor "a"', /unknown dtype "F8_E4M3"; known are BOOL/],
    ['an inherited name as dtype', fileOf(one({ dtype: 'constructor' }), 8), 'tensor "a"', /unknown dtype "constructor"/],
    ['no dtype', fileOf(one({ dtype: undefined }), 8), 'tensor "a"', /unknown dtype nothing/],
    ['an unknown key', fileOf(one({ strides: [1] }), 8), 'tensor "a"', /unknown key "strides"/],
    ['a negative size', fileOf(one({ shape: [-2, -1] }), 8), 'tensor "a"', /shape \[-2,-1\] is not a list of non-negative integers/],
    ['a fractional size', fileOf(one({ shape: [0.5, 4] }), 8), 'tensor "a"', /shape \[0.5,4\] is not/],
    ['a size that is text', fileOf(one({ shape: ['2'] }), 8), 'tensor "a"', /shape \["2"\] is not/],
    ['a size beyond 2^53', fileOf('{"a":{"dtype":"F32","shape":[1e400],"data_offsets":[0,8]}}', 8), 'tensor "a"', /is not a list/],
    ['a product that overflows', fileOf(one({ shape: [2 ** 52, 2 ** 52, 2 ** 52] }), 8), 'tensor "a"', /more bytes than can be counted/],
    ['a product that a zero hides', fileOf(one({ shape: [2 ** 52, 2 ** 52, 0], data_offsets: [0, 0] })), 'tensor "a"', /can be counted/],
    ['a product that would wrap to the right size', fileOf(one({ shape: [2 ** 32, 2 ** 32, 2] }), 8), 'tensor "a"', /can be counted/],
    ['a shape that does not fill the range', fileOf(one({ shape: [3] }), 8), 'tensor "a"', /shape \[3\] of F32 is 12 bytes.*hold 8/],
    ['one offset', fileOf(one({ data_offsets: [0] }), 8), 'tensor "a"', /data_offsets \[0\] is not \[begin, end\]/],
    ['offsets in the wrong order', fileOf(one({ data_offsets: [8, 0] }), 8), 'tensor "a"', /outside the 8 bytes/],
    ['offsets beyond the data', fileOf(one({}), 7), 'tensor "a"', /\[0, 8\] are outside the 7 bytes/],
    ['a hole before', fileOf(one({ data_offsets: [4, 12] }), 12), 'tensor "a"', /bytes 0 to 4 before it belong to no tensor/],
    ['data after the last', fileOf(one({}), 12), 'file', /4 bytes after the last tensor/],
    ['data without tensors', fileOf('{}', 1), 'file', /1 bytes after/],
    [
      'an overlap',
      fileOf({ ...one({}), b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } }, 12),
      'tensor "b"',
      /begins at 4, inside the tensor that ends at 8/,
    ],
  ];

  test.each(cases)('%s', (_, bytes, where, what) => {
    let thrown: unknown;
    try {
      parseSafetensors(bytes, 'model.safetensors');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SafetensorsError);
    const error = thrown as SafetensorsError;
    expect(error).toMatchObject({ file: 'model.safetensors', where });
    expect(error.what).toMatch(what);
    expect(error.message).toBe(`safetensors: model.safetensors: ${where}: ${error.what}`);
  });

  test('a file that does not exist, and a folder', () => {
    const missing = path.join(os.tmpdir(), 'no such file.safetensors');
    expect(() => readSafetensors(missing)).toThrow(SafetensorsError);
    expect(() => readSafetensors(missing)).toThrow(/no such file.safetensors: file: cannot be read \(ENOENT/);
    expect(() => readSafetensors(os.tmpdir())).toThrow(/cannot be read \(EISDIR: a folder, no file\)/);
  });

  test('a pipe is not waited for', () => {
    const pipe = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'stint-pipe-')), 'model.safetensors');
    execFileSync('mkfifo', [pipe]);
    expect(() => readSafetensors(pipe)).toThrow(/cannot be read \(a device or pipe, no file\)/);
    expect(() => readSafetensors('/dev/zero')).toThrow(/a device or pipe/);
  });

  test('a file that becomes shorter while it is read', () => {
    const read = jest.spyOn(fs, 'readSync');
    const file = path.join(fixtures, 'python.safetensors');
    const whole = fs.readSync.bind(fs);
    read.mockImplementation(((...args: Parameters<typeof fs.readSync>) => (read.mock.calls.length > 2 ? 0 : whole(...args))) as never);
    expect(() => readSafetensors(file)).toThrow(/cannot be read \(it became shorter while it was read: no byte \d+\)/);
    read.mockRestore();
  });

  test('a valid file that is cut anywhere', () => {
    const bytes = fs.readFileSync(path.join(fixtures, 'python.safetensors'));
    for (let length = 0; length < bytes.length; length++)
      expect(() => parseSafetensors(bytes.subarray(0, length))).toThrow(SafetensorsError);
  });
});

test('accepts what the format allows: no tensors, trailing spaces, a tensor without values anywhere', () => {
  expect(parseSafetensors(fileOf('{}   ')).tensors.size).toBe(0);
  const empty = { dtype: 'F32', shape: [3, 0], data_offsets: [8, 8] };
  const { tensors } = parseSafetensors(fileOf({ ...one({}), empty, __proto__: undefined }, 8));
  expect(tensors.get('empty')?.data.length).toBe(0);
});

test('a string that looks like structure is not taken for a duplicate', () => {
  const header = '{"__metadata__":{"k":"{\\"k\\":1,\\"k\\":2}","\\\\":"k","l":"\\\\"}}';
  expect(parseSafetensors(fileOf(header)).metadata).toEqual({ k: '{"k":1,"k":2}', '\\': 'k', l: '\\' });
});
