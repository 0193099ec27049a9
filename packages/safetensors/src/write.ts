// Writing, in the reference writer's order (wide element types first, then by name; header padded to 8 bytes), so that every
// tensor is aligned and the bytes depend on the contents only.
import fs from 'node:fs';
import path from 'node:path';
import { ARRAYS, DTYPES } from './dtypes.ts';
import { SafetensorsError } from './errors.ts';
import { isWellFormed, MAX_HEADER_LENGTH } from './header.ts';
import type { SafeTensor } from './tensor.ts';

/** Tensors by name. */
export type SafetensorsEntries = Record<string, SafeTensor> | Iterable<readonly [string, SafeTensor]>;

/**
 * The bytes of a file, in pieces to be written one after another (tensors are not copied).
 * @throws SafetensorsError on a reserved or repeated name, or data that do not fit their dtype and shape
 */
export function serializeSafetensors(entries: SafetensorsEntries, metadata: Record<string, string> = {}, file = '<bytes>'): Uint8Array[] {
  const list = Symbol.iterator in entries ? [...(entries as Iterable<[string, SafeTensor]>)] : Object.entries(entries);
  const seen = new Set<string>();
  for (const [name, tensor] of list) {
    check(name, tensor, seen, file);
    seen.add(name);
  }
  list.sort(([a, { dtype: left }], [b, { dtype: right }]) => DTYPES.indexOf(right) - DTYPES.indexOf(left) || (a < b ? -1 : 1));
  let at = 0;
  // fromEntries defines own properties, whatever the name ("__proto__").
  const header = Object.fromEntries(
    list.map(([name, { dtype, shape, data }]) => {
      const begin = at;
      at += data.byteLength;
      return [name, { dtype, shape, data_offsets: [begin, at] }];
    }),
  );
  const text = JSON.stringify(Object.keys(metadata).length > 0 ? { __metadata__: metadata, ...header } : header);
  const length = Buffer.byteLength(text);
  const padded = Math.ceil(length / 8) * 8;
  if (padded > MAX_HEADER_LENGTH) {
    throw new SafetensorsError({ file, where: 'header length', what: `${padded} is more than the limit of ${MAX_HEADER_LENGTH} bytes` });
  }
  const head = Buffer.alloc(8 + padded, ' ');
  head.writeBigUInt64LE(BigInt(padded), 0);
  head.write(text, 8);
  return [head, ...list.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
}

/**
 * Writes a file atomically: a temporary file in the same folder is written, synced and renamed, and the folder synced. Until
 * the rename an old file stays whole; after a crash at worst `FILE.PID.tmp` is left over.
 * @throws SafetensorsError on invalid entries, and when the file cannot be written (`cause` has the system's error)
 */
export function writeSafetensors(file: string, entries: SafetensorsEntries, metadata: Record<string, string> = {}): void {
  const pieces = serializeSafetensors(entries, metadata, file);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writePieces(temporary, pieces);
    fs.renameSync(temporary, file);
    syncDirectory(path.dirname(file));
  } catch (cause) {
    fs.rmSync(temporary, { force: true });
    throw new SafetensorsError({ file, where: 'file', what: `cannot be written (${(cause as Error).message})`, cause });
  }
}

function writePieces(file: string, pieces: Uint8Array[]): void {
  const handle = fs.openSync(file, 'w');
  try {
    for (const piece of pieces) {
      let at = 0;
      while (at < piece.length) at += fs.writeSync(handle, piece, at, Math.min(piece.length - at, 2 ** 30));
    }
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** Makes the rename itself last. Windows cannot open folders, and needs no such call. */
function syncDirectory(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

function check(name: string, { dtype, shape, data }: SafeTensor, seen: Set<string>, file: string): void {
  const fail = (what: string): never => {
    throw new SafetensorsError({ file, where: `tensor ${JSON.stringify(name)}`, what });
  };
  if (name === '__metadata__') fail('the name is reserved for the metadata');
  if (!isWellFormed(name)) fail('the name is no Unicode: half a surrogate pair stands alone');
  if (seen.has(name)) fail('the name is given twice');
  const ArrayType = ARRAYS[dtype];
  if (ArrayType === undefined) fail(`unknown dtype ${JSON.stringify(dtype)}; known are ${DTYPES.join(' ')}`);
  // By tag, not by instanceof: native code and other realms (workers, test runners) make arrays of their own classes.
  const kind = data?.[Symbol.toStringTag];
  if (kind !== ArrayType.name) fail(`${dtype} needs a ${ArrayType.name}, got ${kind ?? typeof data}`);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    fail(`shape [${shape}] has a size that is not a non-negative integer`);
  const length = shape.reduce((product, size) => product * size, 1);
  if (length !== data.length) fail(`shape [${shape}] needs ${length} values, got ${data.length}`);
}
