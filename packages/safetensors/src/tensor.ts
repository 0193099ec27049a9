// One tensor of a file, and its values as float32.
import type { ArrayOf, Dtype } from './dtypes.ts';

type TensorOf<D extends Dtype> = D extends Dtype ? { dtype: D; shape: number[]; data: ArrayOf[D] } : never;

/** Row-major values; `data.length` is the product of `shape` (1 for a scalar's `[]`). */
export type SafeTensor = TensorOf<Dtype>;

/**
 * The tensor's values as float32. F32 is returned as it is (no copy); F16 and BF16 are exact; F64 and the integers round to nearest.
 */
export function toFloat32({ dtype, data }: SafeTensor): Float32Array {
  switch (dtype) {
    case 'F32':
      return data;
    case 'F16':
      return Float32Array.from(data, halfToNumber);
    case 'BF16':
      // A bfloat16 is the upper half of a float32.
      return new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer);
    case 'I64':
    case 'U64':
      return Float32Array.from(data as BigInt64Array, Number);
    default:
      return Float32Array.from(data);
  }
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
