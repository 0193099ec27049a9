// Reading: 8 bytes header length (u64, little endian), the header, the tensors' bytes.
import fs from 'node:fs';
import { ARRAYS } from './dtypes.ts';
import { SafetensorsError } from './errors.ts';
import { type Header, type HeaderEntry, MAX_HEADER_LENGTH, parseHeader } from './header.ts';
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
  const dataStart = startOfData(bytes.subarray(0, 8), bytes.length, file);
  const data = bytes.subarray(dataStart);
  return withData(parseHeader(bytes.subarray(8, dataStart), data.length, file), data);
}

/**
 * Reads and validates a file. The header is checked before memory is taken for the data.
 * @throws SafetensorsError when it cannot be read (`cause` has the system's error) or is not valid
 */
export function readSafetensors(file: string): Safetensors {
  let handle: number | undefined;
  try {
    // Before it is opened: a pipe would wait for someone to write.
    if (!fs.statSync(file).isFile())
      throw new Error(`${fs.statSync(file).isDirectory() ? 'EISDIR: a folder' : 'a device or pipe'}, no file`);
    handle = fs.openSync(file, 'r');
    const { size } = fs.fstatSync(handle);
    const dataStart = startOfData(readBytes(handle, 0, Math.min(8, size)), size, file);
    const header = parseHeader(readBytes(handle, 8, dataStart - 8), size - dataStart, file);
    return withData(header, readBytes(handle, dataStart, size - dataStart));
  } catch (cause) {
    if (cause instanceof SafetensorsError) throw cause;
    throw new SafetensorsError({ file, where: 'file', what: `cannot be read (${(cause as Error).message})`, cause });
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}

/** Where the data begin in a file of `size` bytes, by its first 8. */
function startOfData(bytes: Uint8Array, size: number, file: string): number {
  const fail = (what: string): never => {
    throw new SafetensorsError({ file, where: 'header length', what });
  };
  if (bytes.length < 8) fail(`the file has ${size} bytes, at least 8 expected`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_LENGTH) fail(`${length} is more than the limit of ${MAX_HEADER_LENGTH} bytes`);
  if (8 + Number(length) > size) fail(`${length} is more than the ${size - 8} bytes that follow`);
  return 8 + Number(length);
}

/** Like fs.readFileSync, which stops at 2 GiB, of a part. */
function readBytes(handle: number, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = fs.readSync(handle, bytes, at, Math.min(length - at, 2 ** 30), start + at);
    if (count === 0) throw new Error(`it became shorter while it was read: no byte ${start + at}`);
    at += count;
  }
  return bytes;
}

function withData({ entries, metadata }: Header, data: Uint8Array): Safetensors {
  return { tensors: new Map(entries.map((entry) => [entry.name, tensorAt(data, entry)])), metadata };
}

function tensorAt(data: Uint8Array, { dtype, shape, begin, end }: HeaderEntry): SafeTensor {
  const ArrayType = ARRAYS[dtype];
  const length = (end - begin) / ArrayType.BYTES_PER_ELEMENT;
  const aligned = (data.byteOffset + begin) % ArrayType.BYTES_PER_ELEMENT === 0;
  const values = aligned
    ? new ArrayType(data.buffer, data.byteOffset + begin, length)
    : // Not data.slice: that of a Buffer is no copy.
      new ArrayType(new Uint8Array(data.subarray(begin, end)).buffer, 0, length);
  return { dtype, shape, data: values } as SafeTensor;
}
