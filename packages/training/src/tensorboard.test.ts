// Read back by a decoder written from the format's description; the Python package tensorboard was asked once (see README).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32c } from './crc32c.ts';
import { openTensorBoard } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-board-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('crc32c: the check values of RFC 3720 and of the catalogue', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
});

type Fields = Map<number, (bigint | Buffer)[]>;

/** All fields of a protocol buffer message: varints as bigint, the others as bytes. */
function decode(message: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(message[at++]);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    const value = wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : Number(varint()));
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

function* records(file: string): Generator<Fields> {
  const bytes = fs.readFileSync(file);
  const unmask = (masked: number): number => {
    const rotated = (masked - 0xa282ead8) >>> 0;
    return ((rotated << 15) | (rotated >>> 17)) >>> 0;
  };
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(unmask(bytes.readUInt32LE(at + 8))).toBe(crc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(unmask(bytes.readUInt32LE(at + 12 + length))).toBe(crc32c(data));
    yield decode(data);
    at += 16 + length;
  }
}

const event = (fields: Fields) => ({
  time: (fields.get(1)![0] as Buffer).readDoubleLE(0),
  step: fields.get(2)?.[0],
  version: fields.get(3)?.[0].toString(),
  session: fields.get(7) && decode(fields.get(7)![0] as Buffer).get(1)![0],
  values:
    fields.get(5) &&
    Object.fromEntries(
      decode(fields.get(5)![0] as Buffer)
        .get(1)!
        .map((value) => {
          const { 1: tag, 2: simple } = Object.fromEntries(decode(value as Buffer));
          return [tag[0].toString(), (simple[0] as Buffer).readFloatLE(0)];
        }),
    ),
});

test('scalars, with wall time and step', () => {
  const board = openTensorBoard(path.join(folder, 'new'), { now: () => 1_700_000_000_500 });
  board.scalars(0, { 'loss/total': 0.5, lr: 1e-3 });
  board.scalars(3_000_000_000, { größe: -2 });
  board.close();
  const [name] = fs.readdirSync(path.join(folder, 'new'));
  expect(name).toMatch(/^events\.out\.tfevents\.1700000000\.\d+\.0$/);
  const events = [...records(path.join(folder, 'new', name))].map(event);
  expect(events.map(({ time }) => time)).toEqual([1_700_000_000.5, 1_700_000_000.5, 1_700_000_000.5]);
  expect(events[0].version).toBe('brain.Event:2');
  expect(events.slice(1).map(({ step, values }) => [step, values])).toEqual([
    [0n, { 'loss/total': 0.5, lr: Math.fround(1e-3) }],
    [3_000_000_000n, { größe: -2 }],
  ]);
});

test('a resumed run writes a file of its own that begins with a restart', () => {
  const now = () => 1_700_000_000_000;
  openTensorBoard(folder, { now }).close();
  openTensorBoard(folder, { now, resumeStep: 40 }).close();
  const names = fs.readdirSync(folder).sort();
  expect(names).toHaveLength(2);
  const events = [...records(path.join(folder, names[1]))].map(event);
  expect(events[1]).toMatchObject({ step: 40n, session: 1n });
});

test('a clock that was set back does not put a resumed run before the older files', () => {
  for (const now of [2_000_000_000_000, 1_000_000_000_000, 1_000_000_000_000])
    openTensorBoard(folder, { now: () => now, resumeStep: 1 }).close();
  const seconds = fs
    .readdirSync(folder)
    .sort()
    .map((name) => name.split('.')[3]);
  expect(seconds).toEqual(['2000000000', '2000000001', '2000000002']);
});

test('a folder that cannot be written is an error', () => {
  fs.writeFileSync(path.join(folder, 'file'), '');
  expect(() => openTensorBoard(path.join(folder, 'file'))).toThrow(/EEXIST|ENOTDIR/);
});
