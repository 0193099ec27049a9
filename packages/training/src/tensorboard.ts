// Scalars for TensorBoard: an event file is a series of TFRecords, each an Event protocol buffer.
// Sources: tensorflow/core/lib/io/record_writer.h (frame), tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto.
import fs from 'node:fs';
import path from 'node:path';
import { maskedCrc32c } from './crc32c.ts';

export interface TensorBoardWriter {
  /** Adds a point to the curve of each name. Steps must be integers. */
  scalars(step: number, values: Record<string, number>): void;
  close(): void;
}

/**
 * Opens a new event file in `directory`. `resumeStep`: TensorBoard forgets what older files say of that step and later ones.
 * `now` gives the wall time in milliseconds.
 */
export function openTensorBoard(
  directory: string,
  { resumeStep, now = Date.now }: { resumeStep?: number; now?: () => number } = {},
): TensorBoardWriter {
  fs.mkdirSync(directory, { recursive: true });
  // TensorBoard reads the files of a folder in the order of their names: the time first, in seconds with a fixed width. A clock that was
  // set back must not put this file before the older ones.
  const seconds = String(Math.max(Math.floor(now() / 1000), newestOf(directory) + 1)).padStart(10, '0');
  const handle = openNew(directory, `events.out.tfevents.${seconds}.${process.pid}`);
  const write = (...fields: Buffer[]): void => {
    fs.writeFileSync(handle, record(Buffer.concat([double(1, now() / 1000), ...fields])));
  };
  write(bytes(3, Buffer.from('brain.Event:2')));
  // SessionLog with status START: TensorBoard's rule for a restart.
  if (resumeStep !== undefined) write(integer(2, resumeStep), bytes(7, integer(1, 1)));
  return {
    scalars(step, values) {
      const summary = Object.entries(values).map(([tag, value]) => bytes(1, Buffer.concat([bytes(1, Buffer.from(tag)), float(2, value)])));
      write(integer(2, step), bytes(5, Buffer.concat(summary)));
    },
    close() {
      fs.closeSync(handle);
    },
  };
}

/** Seconds in the name of the newest event file; 0 when there is none. */
function newestOf(directory: string): number {
  const times = fs.readdirSync(directory).map((name) => Number(/^events\.out\.tfevents\.(\d+)\./.exec(name)?.[1] ?? 0));
  return Math.max(0, ...times);
}

/** A file that did not exist: two writers in one second and process get numbers. */
function openNew(directory: string, base: string): number {
  for (let number = 0; ; number++) {
    try {
      return fs.openSync(path.join(directory, `${base}.${number}`), 'wx');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** TFRecord: length (u64), its checksum, the data, their checksum; little endian. */
function record(data: Buffer): Buffer {
  const frame = Buffer.alloc(16 + data.length);
  frame.writeBigUInt64LE(BigInt(data.length), 0);
  frame.writeUInt32LE(maskedCrc32c(frame.subarray(0, 8)), 8);
  data.copy(frame, 12);
  frame.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return frame;
}

// Protocol buffer fields: a tag (number << 3 | wire type: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes), then the value.

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  return Buffer.from([...out, rest]);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function double(field: number, value: number): Buffer {
  const out = Buffer.alloc(9);
  out[0] = (field << 3) | 1;
  out.writeDoubleLE(value, 1);
  return out;
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
}

function float(field: number, value: number): Buffer {
  const out = Buffer.alloc(5);
  out[0] = (field << 3) | 5;
  out.writeFloatLE(value, 1);
  return out;
}
