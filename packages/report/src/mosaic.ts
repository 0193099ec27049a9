// Sampling masks drawn on the image: a white dot at each sampled position, a tile for each mask. Pictures are plain RGB arrays.
import sharp from 'sharp';
import { escapeXml } from './escape-xml.ts';

export interface RgbImage {
  width: number;
  height: number;
  /** Row-major RGB, 8 bit. */
  data: Uint8Array;
}

/** A mask at its own resolution: `values` row-major, sampled where > 0; `stride` image pixels a cell. */
export interface DrawnMask {
  label: string;
  height: number;
  width: number;
  stride: number;
  values: ArrayLike<number>;
}

/** Boxes as `x1, y1, x2, y2`, drawn as outlines in one colour. */
export interface DrawnBoxes {
  boxes: ArrayLike<number>;
  color: readonly [number, number, number];
}

/** Copy of `image`, darkened, with a white dot at the centre of each sampled cell. Dots are about a third of a cell wide. */
export function drawMask(image: RgbImage, mask: DrawnMask, { dim = 0.55 } = {}): RgbImage {
  const out = { ...image, data: Uint8Array.from(image.data, (value) => value * dim) };
  const side = Math.max(1, Math.round(mask.stride / 3));
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      if (!(mask.values[y * mask.width + x] > 0)) continue;
      const top = Math.round((y + 0.5) * mask.stride - side / 2);
      const left = Math.round((x + 0.5) * mask.stride - side / 2);
      fillRectangle(out, left, top, left + side, top + side, [255, 255, 255]);
    }
  }
  return out;
}

/** Draws box outlines, one pixel wide, into a copy of `image`. */
export function drawBoxes(image: RgbImage, { boxes, color }: DrawnBoxes): RgbImage {
  const out = { ...image, data: image.data.slice() };
  for (let i = 0; i + 3 < boxes.length; i += 4) {
    const [x1, y1, x2, y2] = [boxes[i], boxes[i + 1], boxes[i + 2] - 1, boxes[i + 3] - 1].map(Math.round);
    fillRectangle(out, x1, y1, x2 + 1, y1 + 1, color);
    fillRectangle(out, x1, y2, x2 + 1, y2 + 1, color);
    fillRectangle(out, x1, y1, x1 + 1, y2 + 1, color);
    fillRectangle(out, x2, y1, x2 + 1, y2 + 1, color);
  }
  return out;
}

function fillRectangle(image: RgbImage, x1: number, y1: number, x2: number, y2: number, color: readonly [number, number, number]): void {
  for (let y = Math.max(0, y1); y < Math.min(image.height, y2); y++) {
    for (let x = Math.max(0, x1); x < Math.min(image.width, x2); x++) image.data.set(color, (y * image.width + x) * 3);
  }
}

/** Nearest-neighbour enlargement by a whole factor, so that dots and outlines stay crisp. */
export function enlarge({ width, height, data }: RgbImage, factor: number): RgbImage {
  const out = { width: width * factor, height: height * factor, data: new Uint8Array(width * height * factor * factor * 3) };
  for (let y = 0; y < out.height; y++) {
    for (let x = 0; x < out.width; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * 3;
      out.data.set(data.subarray(from, from + 3), (y * out.width + x) * 3);
    }
  }
  return out;
}

export interface Mosaic {
  /** Rows of tiles, each tile of its own size: a column is as wide as its widest, a row as high as its highest. Undefined leaves the place empty. */
  rows: (RgbImage | undefined)[][];
  /** Text above each column. */
  columns: string[];
  /** Text left of each row; no margin is kept without it. */
  labels?: string[];
}

const GAP = 4;
const HEADER = 18;
/** About the width of a character at the captions' size. */
const CHARACTER = 7.5;

/** Lays the tiles out as one PNG with a caption over each column. */
export async function mosaicPng({ rows, columns, labels = [] }: Mosaic): Promise<Buffer> {
  const margin = Math.ceil(CHARACTER * Math.max(0, ...labels.map((label) => label.length)));
  const text = (x: number, y: number, value: string) => `<text x="${x}" y="${y}">${escapeXml(value)}</text>`;
  const captionWidth = (value: string) => Math.ceil(CHARACTER * value.length);
  const lefts = starts(
    columns.map((caption, x) => Math.max(captionWidth(caption), ...rows.map((row) => row[x]?.width ?? 0))),
    margin + GAP,
  );
  const tops = starts(
    rows.map((row) => Math.max(HEADER, ...row.map((tile) => tile?.height ?? 0))),
    HEADER,
  );
  const total = { width: lefts.at(-1)!, height: tops.at(-1)! + GAP };
  const tiles = rows.flatMap((row, y) =>
    row.flatMap((tile, x) => {
      if (!tile) return [];
      const { width, height, data } = tile;
      const input = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      return [{ input, raw: { width, height, channels: 3 as const }, left: lefts[x], top: tops[y] }];
    }),
  );
  const captions = [
    ...columns.map((value, x) => text(lefts[x], 13, value)),
    ...labels.map((value, y) => text(GAP, tops[y] + GAP + 12, value)),
  ];
  const overlay = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${total.width}" height="${total.height}" font-family="DejaVu Sans, sans-serif" font-size="12" fill="#222">${captions.join('')}</svg>`,
  );
  return sharp({ create: { ...total, channels: 3, background: '#ffffff' } })
    .composite([...tiles, { input: overlay, left: 0, top: 0 }])
    .png()
    .toBuffer();
}

/** Where things of these sizes start when they stand in a line from `first` with gaps; the last entry is where a next one would. */
function starts(sizes: readonly number[], first: number): number[] {
  const places = [first];
  for (const size of sizes) places.push(places.at(-1)! + size + GAP);
  return places;
}
