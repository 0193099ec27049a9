// Label images as colours: alone, and over the photo with a legend of what is there.
import sharp from 'sharp';
import { escapeXml } from './escape-xml.ts';
import { enlarge, type RgbImage } from './mosaic.ts';

/** Red, green, blue, 0..255. */
export type Color = readonly [number, number, number];

export interface DrawnLabels {
  /** A class a pixel, at the image's size. */
  labels: Uint8Array;
  /** Of each class; default `classColors`. */
  colors: readonly Color[];
  /** Lines of the legend, from the top. */
  legend: readonly { label: number; text: string }[];
}

/** How much of a painted pixel is its class's colour. */
const OPACITY = 0.55;
/** Longest side below which a picture is enlarged by whole factors. */
const LEAST = 480;
const FONT = 13;
/** About the width of a character; the height of a legend's line and of its patch. */
const [CHARACTER, LINE, PATCH] = [7.8, 20, 12];

/** A colour a class: hues a golden angle apart, so that neighbouring classes differ most; class 0 (often background) is a dark grey. */
export function classColors(count: number): Color[] {
  return Array.from({ length: count }, (_, index): Color => {
    if (index === 0) return [60, 60, 60];
    const hue = (index * 137.508) % 360;
    const value = index % 2 === 0 ? 0.95 : 0.75;
    const channel = (shift: number) => {
      const k = (shift + hue / 60) % 6;
      return Math.round(255 * value * (1 - 0.75 * Math.max(0, Math.min(k, 4 - k, 1))));
    };
    return [channel(5), channel(3), channel(1)];
  });
}

/** RGB of each pixel's class; black where a label is no class. */
export function paintLabels(labels: Uint8Array, colors: readonly Color[]): Uint8Array {
  const rgb = new Uint8Array(labels.length * 3);
  labels.forEach((label, i) => {
    const color = colors[label];
    if (color) rgb.set(color, 3 * i);
  });
  return rgb;
}

/** PNG of the image with its classes painted over it, and a legend below. @throws where labels and image differ in size. */
export async function labelsPng(image: RgbImage, { labels, colors, legend }: DrawnLabels): Promise<Buffer> {
  if (labels.length !== image.width * image.height)
    throw new Error(`labelsPng: ${labels.length} labels for an image of ${image.width}x${image.height}; give one a pixel`);
  const painted = paintLabels(labels, colors);
  const mixed = image.data.map((value, i) => Math.round(value + OPACITY * (painted[i] - value)));
  const factor = Math.max(1, Math.round(LEAST / Math.max(image.width, image.height)));
  const picture = enlarge({ ...image, data: mixed }, factor);
  const column = Math.ceil(Math.max(0, ...legend.map(({ text }) => text.length)) * CHARACTER) + PATCH + 18;
  const width = Math.max(picture.width, column);
  const columns = Math.floor(width / column);
  const rows = Math.ceil(legend.length / columns);
  const height = picture.height + rows * LINE + (rows > 0 ? 8 : 0);
  const entries = legend.map(({ label, text }, i) => {
    // Down each column: what comes first stands together.
    const [x, y] = [6 + Math.floor(i / rows) * column, picture.height + 4 + (i % rows) * LINE];
    return [
      `<rect x="${x}" y="${y + 4}" width="${PATCH}" height="${PATCH}" fill="rgb(${colors[label] ?? [0, 0, 0]})" stroke="#222" stroke-width="0.5"/>`,
      `<text x="${x + PATCH + 5}" y="${y + 4 + PATCH - 1}">${escapeXml(text)}</text>`,
    ].join('');
  });
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="${FONT}" fill="#222">${entries.join('')}</svg>`;
  const input = Buffer.from(picture.data.buffer, picture.data.byteOffset, picture.data.byteLength);
  return sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite([
      { input, raw: { width: picture.width, height: picture.height, channels: 3 }, left: 0, top: 0 },
      { input: Buffer.from(overlay), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
}
