// Images as a run takes them.
export interface RuntimeImage {
  /** RGB, [height,width,3]: bytes as decoded, or floats already normalised. */
  data: Uint8Array | Uint8ClampedArray | Float32Array;
  height: number;
  width: number;
}

/** Sides of the network's input are multiples of it; what lies right of and below the image is zero. */
const MULTIPLE = 32;
const MAX_SIDE = 16384;

/** Checks an image. @throws a TypeError or RangeError that says what is wrong with it. */
export function checkImage({ data, height, width }: RuntimeImage): void {
  for (const [name, side] of Object.entries({ height, width })) {
    if (!Number.isInteger(side) || side < 1 || side > MAX_SIDE) {
      throw new RangeError(`run: the image's ${name} is ${side}; give a whole number from 1 to ${MAX_SIDE}`);
    }
  }
  if (!isBytes(data) && !(data instanceof Float32Array)) {
    throw new TypeError('run: the image needs data, a Uint8Array of RGB bytes or a Float32Array of normalised values');
  }
  if (data.length !== height * width * 3) {
    throw new RangeError(`run: an image of ${height} x ${width} has ${height * width * 3} values (RGB), the data has ${data.length}`);
  }
}

export function isBytes(data: RuntimeImage['data']): data is Uint8Array | Uint8ClampedArray {
  return data instanceof Uint8Array || data instanceof Uint8ClampedArray;
}

/** [H,W] of the padded input. */
export function paddedSize({ height, width }: { height: number; width: number }): [number, number] {
  return [Math.ceil(height / MULTIPLE) * MULTIPLE, Math.ceil(width / MULTIPLE) * MULTIPLE];
}

/** [h,w,3] -> [H,W,3], zeros right and below. */
export function padded(
  data: Float32Array,
  { height, width }: { height: number; width: number },
  size: readonly [number, number],
): Float32Array {
  if (height === size[0] && width === size[1]) return data;
  const out = new Float32Array(size[0] * size[1] * 3);
  for (let y = 0; y < height; y++) out.set(data.subarray(y * width * 3, (y + 1) * width * 3), y * size[1] * 3);
  return out;
}
