// Reading: 8 bytes header length (u64, little endian), the header, the tensors' bytes.
import fs from 'node:fs';
import { ARRAYS } from './dtypes.ts';
import { SafetensorsError } from './errors.ts';
import { type HeaderEntry, MAX_HEADER_LENGTH, parseHeader } from './header.ts';
import type { SafeTensor } from './tensor.ts';

export interface Safetensors {
  /** In the order of the header. */
  tensors: Map<string, SafeTensor>;
  /** The strings of `__metadata__`; empty when there are none. */
  metadata: Record<string, string>;
}

/**
 * Parses a whole file given as bytes. Tensors are views of `bytes` where the alignment allows it, copies elsewhere: do not
 * change `bytes` afterwards. `file` only names the source in errors.
 * @throws SafetensorsError whatever is wrong with the bytes
 */
export function parseSafetensors(bytes: Uint8Array, file = '<bytes>'): Safetensors {
  const fail = (where: string, what: string): never => {
    throw new SafetensorsError({ file, where, what });
  };
  if (bytes.length < 8) fail('header length', `the file has ${bytes.length} bytes, at least 8 expected`);
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerLength > MAX_HEADER_LENGTH) fail('header length', `${headerLength} is more than the limit of ${MAX_HEADER_LENGTH} bytes`);
  const dataStart = 8 + Number(headerLength);
  if (dataStart > bytes.length) fail('header length', `${headerLength} is more than the ${bytes.length - 8} bytes that follow`);
  const { entries, metadata } = parseHeader(bytes.subarray(8, dataStart), bytes.length - dataStart, file);
  const data = bytes.subarray(dataStart);
  return { tensors: new Map(entries.map((entry) => [entry.name, tensorAt(data, entry)])), metadata };
}

/**
 * Reads and validates a file.
 * @throws SafetensorsError when it cannot be read (`cause` has the system's error) or is not valid
 */
export function readSafetensors(file: string): Safetensors {
  let bytes: Uint8Array;
  try {
    bytes = readBytes(file);
  } catch (cause) {
    throw new SafetensorsError({ file, where: 'file', what: `cannot be read (${(cause as Error).message})`, cause });
  }
  return parseSafetensors(bytes, file);
}

/** Like fs.readFileSync, which stops at 2 GiB. */
function readBytes(file: string): Uint8Array {
  const handle = fs.openSync(file, 'r');
  try {
    const bytes = new Uint8Array(fs.fstatSync(handle).size);
    let at = 0;
    while (at < bytes.length) {
      const count = fs.readSync(handle, bytes, at, Math.min(bytes.length - at, 2 ** 30), at);
      if (count === 0) return bytes.subarray(0, at);
      at += count;
    }
    return bytes;
  } finally {
    fs.closeSync(handle);
  }
}

function tensorAt(data: Uint8Array, { dtype, shape, begin, end }: HeaderEntry): SafeTensor {
  const ArrayType = ARRAYS[dtype];
  const length = (end - begin) / ArrayType.BYTES_PER_ELEMENT;
  const aligned = (data.byteOffset + begin) % ArrayType.BYTES_PER_ELEMENT === 0;
  const values = aligned
    ? new ArrayType(data.buffer, data.byteOffset + begin, length)
    : new ArrayType(data.slice(begin, end).buffer, 0, length);
  return { dtype, shape, data: values } as SafeTensor;
}
