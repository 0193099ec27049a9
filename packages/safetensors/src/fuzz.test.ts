// Properties: what is written is read back; whatever is done to a valid file, reading it gives tensors or a SafetensorsError.
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { ARRAYS, DTYPES } from './dtypes.ts';
import { parseSafetensors, type SafeTensor, SafetensorsError, serializeSafetensors } from './index.ts';

const valid = new Uint8Array(fs.readFileSync(path.join(__dirname, '../fixtures/python.safetensors')));

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
  fc.assert(
    fc.property(fc.dictionary(names, tensors, { maxKeys: 6 }), metadata, (entries, strings) => {
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
    }),
    { numRuns: 200 },
  );
});

/** Total bytes of a result, so that a "success" is looked at; anything but a SafetensorsError is a failure. */
function outcome(bytes: Uint8Array): 'read' | 'refused' {
  try {
    for (const { shape, data } of parseSafetensors(bytes).tensors.values()) {
      if (data.length !== shape.reduce((a, b) => a * b, 1)) throw new Error(`${data.length} values for [${shape}]`);
    }
    return 'read';
  } catch (error) {
    if (error instanceof SafetensorsError) return 'refused';
    throw error;
  }
}

test('bytes changed, cut out, put in', () => {
  const edit = fc.record({
    at: fc.oneof(fc.nat(40), fc.nat(valid.length)),
    remove: fc.oneof(fc.constantFrom(0, 1), fc.nat(valid.length)),
    insert: fc.uint8Array({ maxLength: 9 }),
  });
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const bytes = edits.reduce<Uint8Array>(
        (all, { at, remove, insert }) => Buffer.concat([all.subarray(0, at), insert, all.subarray(at + remove)]),
        valid,
      );
      seen[outcome(bytes)]++;
    }),
    { numRuns: 2000 },
  );
  expect(seen.refused).toBeGreaterThan(0);
});

test('headers of the right form with wrong values', () => {
  const numbers = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.constantFrom(0.5, 2 ** 31, 2 ** 53, 1e308), fc.double());
  const entry = fc.record(
    {
      dtype: fc.oneof(fc.constantFrom(...DTYPES), fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 1 })),
      shape: fc.oneof(fc.array(numbers, { maxLength: 3 }), fc.jsonValue({ maxDepth: 2 })),
      data_offsets: fc.oneof(fc.tuple(numbers, numbers), fc.jsonValue({ maxDepth: 2 })),
    },
    { requiredKeys: [] },
  );
  const header = fc.dictionary(fc.oneof(fc.string({ maxLength: 3 }), fc.constant('__metadata__')), fc.oneof(entry, fc.jsonValue()), {
    maxKeys: 3,
  });
  fc.assert(
    fc.property(header, fc.nat(32), (value, dataLength) => {
      const text = Buffer.from(JSON.stringify(value));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(text.length));
      outcome(Buffer.concat([length, text, Buffer.alloc(dataLength)]));
    }),
    { numRuns: 2000 },
  );
});
