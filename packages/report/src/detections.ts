// Found objects drawn on their image: outlines in the colour of their label, with name and score. The picture is enlarged where it is small,
// so that the names can be read.
import sharp from 'sharp';
import { escapeXml } from './escape-xml.ts';
import { enlarge, type RgbImage } from './mosaic.ts';

/** What is drawn; boxes as `x1, y1, x2, y2` one after another in the image's pixels. */
export interface DrawnDetections {
  boxes: ArrayLike<number>;
  labels: ArrayLike<number>;
  scores: ArrayLike<number>;
  /** Name of each label; a label without one is shown as its number. */
  names?: readonly string[];
}

/** Colours that are told apart on most photographs (Okabe and Ito, "Color Universal Design", 2008, and darker shades of them). */
const COLOURS = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7', '#7fc97f', '#bf5b17', '#386cb0'];
/** Longest side below which a picture is enlarged by whole factors. */
const LEAST = 480;
const FONT = 13;
/** About the width of a character, and the height of a tag. */
const [CHARACTER, TAG] = [7.6, 17];

/** PNG of the image with its objects. */
export async function detectionsPng(image: RgbImage, { boxes, labels, scores, names = [] }: DrawnDetections): Promise<Buffer> {
  const factor = Math.max(1, Math.round(LEAST / Math.max(image.width, image.height)));
  const { width, height, data } = enlarge(image, factor);
  // The best object last, over the others.
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  const shapes = order.map((i) => {
    const [x1, y1, x2, y2] = [0, 1, 2, 3].map((k) => boxes[4 * i + k] * factor);
    const text = `${names[labels[i]] ?? labels[i]} ${scores[i].toFixed(2)}`;
    const colour = COLOURS[labels[i] % COLOURS.length];
    const tagWidth = Math.ceil(text.length * CHARACTER) + 6;
    const left = Math.max(0, Math.min(x1 - 1, width - tagWidth));
    const top = y1 >= TAG ? y1 - TAG : Math.min(y1, height - TAG);
    return [
      `<rect x="${x1}" y="${y1}" width="${Math.max(1, x2 - x1)}" height="${Math.max(1, y2 - y1)}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<rect x="${left}" y="${top}" width="${tagWidth}" height="${TAG}" fill="${colour}"/>`,
      `<text x="${left + 3}" y="${top + FONT}" fill="${isDark(colour) ? '#fff' : '#000'}">${escapeXml(text)}</text>`,
    ].join('');
  });
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="${FONT}">${shapes.join('')}</svg>`;
  return raw({ width, height, data })
    .composite([{ input: Buffer.from(overlay), left: 0, top: 0 }])
    .png()
    .toBuffer();
}

/** The image no larger than `longest`, and how far it was shrunk (1: not at all). */
export async function fitted(image: RgbImage, longest: number): Promise<{ image: RgbImage; factor: number }> {
  const factor = Math.min(1, longest / Math.max(image.width, image.height));
  if (factor === 1) return { image, factor };
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * factor)));
  const data = new Uint8Array(await raw(image).resize({ width, height, fit: 'fill' }).raw().toBuffer());
  return { image: { width, height, data }, factor };
}

function raw({ width, height, data }: RgbImage): sharp.Sharp {
  return sharp(Buffer.from(data.buffer, data.byteOffset, data.byteLength), { raw: { width, height, channels: 3 } });
}

/** Whether white letters are read better on it (relative luminance below 0.3). */
function isDark(colour: string): boolean {
  const [r, g, b] = [1, 3, 5].map((at) => (Number.parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 0.3;
}
