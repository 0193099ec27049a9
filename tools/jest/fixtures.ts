// Golden numbers in tests: reads a safetensors fixture and compares tensors within its stated tolerance.
import fs from 'node:fs';

export interface FixtureTensor {
  shape: number[];
  dtype: string;
  data: Float32Array | Int32Array | Uint8Array;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

export interface Tolerance {
  rtol: number;
  atol: number;
}

// biome-ignore lint/suspicious/noExplicitAny: every fixture has scalars of its own shape
type Params = any;

/** Reads a whole safetensors file (F32, I32, U8; I64 narrowed to int32). `params` is the parsed `__metadata__.params`. */
export function readFixture(file: string): { tensors: Record<string, FixtureTensor>; params: Params } {
  const bytes = fs.readFileSync(file);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header: Record<string, HeaderEntry> & { __metadata__?: { params?: string } } = JSON.parse(
    bytes.toString('utf8', 8, 8 + headerLength),
  );
  const tensors: Record<string, FixtureTensor> = {};
  for (const [key, entry] of Object.entries<HeaderEntry>(header as Record<string, HeaderEntry>)) {
    if (key === '__metadata__') continue;
    const [start, end] = entry.data_offsets;
    const slice = bytes.subarray(8 + headerLength + start, 8 + headerLength + end);
    tensors[key] = { shape: entry.shape, dtype: entry.dtype, data: view(slice, entry.dtype) };
  }
  return { tensors, params: JSON.parse(header.__metadata__?.params ?? '{}') };
}

function view(slice: Buffer, dtype: string): FixtureTensor['data'] {
  const copy = new Uint8Array(slice).buffer;
  if (dtype === 'F32') return new Float32Array(copy);
  if (dtype === 'I32') return new Int32Array(copy);
  if (dtype === 'I64') return Int32Array.from(new BigInt64Array(copy), Number);
  if (dtype === 'U8') return new Uint8Array(copy);
  throw new Error(`readFixture: dtype ${dtype} is not supported`);
}

/** Fails with the worst element when some |got - want| > atol + rtol |want|, or the lengths differ. */
export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, { rtol, atol }: Tolerance, label = ''): void {
  if (got.length !== want.length) throw new Error(`${label}: ${got.length} values, ${want.length} expected`);
  let worst = -1;
  let excess = 0;
  for (let i = 0; i < want.length; i++) {
    const over = Math.abs(got[i] - want[i]) - (atol + rtol * Math.abs(want[i]));
    if (!(over <= excess)) {
      worst = i;
      excess = over;
      if (Number.isNaN(over)) break;
    }
  }
  if (worst >= 0) throw new Error(`${label}: element ${worst} is ${got[worst]}, expected ${want[worst]} (rtol ${rtol}, atol ${atol})`);
}

/** Data of an NCHW tensor (or OIHW filter when `to` is 'HWIO') re-ordered to the layout used inside Stint. */
export function relayout(
  { shape, data }: FixtureTensor,
  to: 'NHWC' | 'HWIO',
): { shape: [number, number, number, number]; data: Float32Array } {
  const order = to === 'NHWC' ? [0, 2, 3, 1] : [2, 3, 1, 0];
  const out = order.map((axis) => shape[axis]) as [number, number, number, number];
  const strides = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1];
  const result = new Float32Array(data.length);
  let at = 0;
  for (let a = 0; a < out[0]; a++)
    for (let b = 0; b < out[1]; b++)
      for (let c = 0; c < out[2]; c++)
        for (let d = 0; d < out[3]; d++)
          result[at++] = data[a * strides[order[0]] + b * strides[order[1]] + c * strides[order[2]] + d * strides[order[3]]];
  return { shape: out, data: result };
}
