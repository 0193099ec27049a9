// Element types of the format, in the order of the reference writer (by rising alignment), and the typed array that holds each.

export const DTYPES = ['BOOL', 'U8', 'I8', 'I16', 'U16', 'F16', 'BF16', 'I32', 'U32', 'F32', 'F64', 'I64', 'U64'] as const;

export type Dtype = (typeof DTYPES)[number];

/** BOOL holds a byte an element (0 or 1); F16 and BF16 hold the raw 16 bits (see `toFloat32`). */
export interface ArrayOf {
  BOOL: Uint8Array;
  U8: Uint8Array;
  I8: Int8Array;
  I16: Int16Array;
  U16: Uint16Array;
  F16: Uint16Array;
  BF16: Uint16Array;
  I32: Int32Array;
  U32: Uint32Array;
  F32: Float32Array;
  F64: Float64Array;
  I64: BigInt64Array;
  U64: BigUint64Array;
}

export type TensorData = ArrayOf[Dtype];

type ArrayConstructor = { new (buffer: ArrayBufferLike, offset: number, length: number): TensorData; readonly BYTES_PER_ELEMENT: number };

export const ARRAYS: Record<Dtype, ArrayConstructor> = {
  BOOL: Uint8Array,
  U8: Uint8Array,
  I8: Int8Array,
  I16: Int16Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  F32: Float32Array,
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
};

export function isDtype(value: unknown): value is Dtype {
  return DTYPES.includes(value as Dtype);
}
