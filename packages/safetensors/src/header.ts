// The header of a safetensors file: JSON {name: {dtype, shape, data_offsets: [begin, end]}, "__metadata__": {key: string}}.
// Format: github.com/huggingface/safetensors, "Format": no duplicate names, no holes and no overlaps in the byte buffer.
import { ARRAYS, DTYPES, type Dtype, isDtype } from './dtypes.ts';
import { SafetensorsError } from './errors.ts';
import { findHeaderProblem } from './json.ts';

/** The format's own limit on the header's length in bytes. */
export const MAX_HEADER_LENGTH = 100_000_000;

export interface HeaderEntry {
  name: string;
  dtype: Dtype;
  shape: number[];
  /** Bytes, counted from the end of the header. */
  begin: number;
  end: number;
}

export interface Header {
  entries: HeaderEntry[];
  metadata: Record<string, string>;
}

/** Parses and validates a header against `dataLength`, the number of bytes after it. Entries come in the header's order. */
export function parseHeader(bytes: Uint8Array, dataLength: number, file: string): Header {
  const root = parseJson(bytes, file);
  const entries: HeaderEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(root)) {
    if (name === '__metadata__') metadata = parseMetadata(value, file);
    else entries.push(parseEntry(name, value, dataLength, file));
  }
  checkLayout(entries, dataLength, file);
  return { entries, metadata };
}

function parseJson(bytes: Uint8Array, file: string): Record<string, unknown> {
  const fail = (what: string, cause?: unknown): never => {
    throw new SafetensorsError({ file, where: 'header', what, cause });
  };
  // The first byte must be "{"; trailing spaces (padding) are allowed.
  if (bytes[0] !== 0x7b) fail('does not begin with "{"; is this a safetensors file?');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const problem = findHeaderProblem(text);
    if (problem !== undefined) fail(problem);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SafetensorsError) throw error;
    return fail(`not JSON in UTF-8 (${(error as Error).message})`, error);
  }
}

function parseMetadata(value: unknown, file: string): Record<string, string> {
  if (!isRecord(value)) throw new SafetensorsError({ file, where: 'metadata', what: `an object of strings expected, got ${show(value)}` });
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw new SafetensorsError({ file, where: 'metadata', what: `${show(key)} is ${show(text)}, a string expected` });
    }
    if (!isWellFormed(key) || !isWellFormed(text)) {
      throw new SafetensorsError({ file, where: 'metadata', what: `${show(key)} is no Unicode: half a surrogate pair stands alone` });
    }
  }
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown, dataLength: number, file: string): HeaderEntry {
  const fail = (what: string): never => {
    throw new SafetensorsError({ file, where: `tensor ${show(name)}`, what });
  };
  if (!isWellFormed(name)) fail('the name is no Unicode: half a surrogate pair stands alone');
  if (!isRecord(value)) return fail(`an object expected, got ${show(value)}`);
  const { dtype, shape, data_offsets: offsets, ...rest } = value;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) fail(`unknown key ${show(unknown[0])}; dtype, shape and data_offsets expected`);
  if (!isDtype(dtype)) return fail(`unknown dtype ${show(dtype)}; known are ${DTYPES.join(' ')}`);
  if (!isIntegers(shape)) return fail(`shape ${show(shape)} is not a list of non-negative integers`);
  if (!isIntegers(offsets) || offsets.length !== 2) return fail(`data_offsets ${show(offsets)} is not [begin, end]`);
  const [begin, end] = offsets;
  if (begin > end || end > dataLength) fail(`data_offsets [${begin}, ${end}] are outside the ${dataLength} bytes of data`);
  const bytes = shape.reduce((product, size) => product * size, ARRAYS[dtype].BYTES_PER_ELEMENT);
  // Whatever the order of the axes and wherever a zero stands: who multiplies them gets no wrong number.
  const exact = shape.reduce((product, size) => product * Math.max(1, size), ARRAYS[dtype].BYTES_PER_ELEMENT);
  if (exact > Number.MAX_SAFE_INTEGER) fail(`shape ${show(shape)} of ${dtype} has more bytes than can be counted`);
  if (bytes !== end - begin)
    fail(`shape ${show(shape)} of ${dtype} is ${bytes} bytes, data_offsets [${begin}, ${end}] hold ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

/** The tensors must cover the data exactly: no hole, no overlap, nothing after the last. */
function checkLayout(entries: HeaderEntry[], dataLength: number, file: string): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) {
      const what =
        begin > at ? `bytes ${at} to ${begin} before it belong to no tensor` : `begins at ${begin}, inside the tensor that ends at ${at}`;
      throw new SafetensorsError({ file, where: `tensor ${show(name)}`, what });
    }
    at = end;
  }
  if (at !== dataLength) {
    throw new SafetensorsError({ file, where: 'file', what: `${dataLength - at} bytes after the last tensor belong to none` });
  }
}

/** JSON can say half a surrogate pair (`\ud800`); UTF-8 cannot, so that two such names would become one when written. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIntegers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0 && !Object.is(item, -0));
}

/** A value in an error message: short, whatever its size or depth. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null && Object.values(value).some((item) => typeof item === 'object')) {
    return Array.isArray(value) ? 'a nested list' : 'a nested object';
  }
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
