// Test helper: writes PNGs of every kind that holds labels, byte by byte (https://www.w3.org/TR/png/), with zlib alone.
import zlib from 'node:zlib';

export interface PngOptions {
  width: number;
  height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA. */
  colour: 0 | 2 | 3 | 4 | 6;
  /** [height, width, channels] sample values. */
  samples: ArrayLike<number>;
  /** Chunks between header and data, such as PLTE, tRNS, gAMA. */
  extra?: [type: string, data: Uint8Array][];
  /** Adam7 interlacing. */
  interlaced?: boolean;
  /** Filter type of every row, 0 none, 1 sub, 2 up. */
  filter?: 0 | 1 | 2;
}

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
]; // prettier-ignore

export function encodePng(options: PngOptions): Buffer {
  const { width, height, depth, colour, extra = [], interlaced = false } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, Number(interlaced)], 8);
  const rows = (interlaced ? PASSES : [[0, 0, 1, 1]]).flatMap((pass) => passRows(options, pass));
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    ...extra.map(([type, data]) => chunk(type, data)),
    chunk('IDAT', zlib.deflateSync(Buffer.concat(rows))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const result = Buffer.alloc(body.length + 8);
  result.writeUInt32BE(data.length, 0);
  body.copy(result, 4);
  result.writeUInt32BE(zlib.crc32(body), body.length + 4);
  return result;
}

/** The filtered rows of one interlacing pass. */
function passRows({ width, height, depth, colour, samples, filter = 0 }: PngOptions, [x0, y0, dx, dy]: number[]): Buffer[] {
  const channels = CHANNELS[colour];
  const rows: Buffer[] = [];
  let above: Uint8Array | undefined;
  if (x0 >= width) return rows;
  for (let y = y0; y < height; y += dy) {
    const values: number[] = [];
    for (let x = x0; x < width; x += dx) for (let c = 0; c < channels; c++) values.push(samples[(y * width + x) * channels + c]);
    const plain = packed(values, depth);
    const step = Math.max(1, (channels * depth) / 8);
    const guess = (i: number) => (filter === 0 ? 0 : filter === 1 ? (plain[i - step] ?? 0) : (above?.[i] ?? 0));
    rows.push(Buffer.from([filter, ...plain.map((value, i) => value - guess(i))]));
    above = plain;
  }
  return rows;
}

function packed(values: readonly number[], depth: number): Uint8Array {
  if (depth === 16) return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]));
  const bytes = new Uint8Array(Math.ceil((values.length * depth) / 8));
  values.forEach((value, i) => {
    const bit = i * depth;
    bytes[bit >> 3] |= value << (8 - depth - (bit & 7));
  });
  return bytes;
}
