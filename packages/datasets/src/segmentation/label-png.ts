// Label images to PNG and back, value for value. Read: grey of 1 to 16 bits, palette (the indices, whatever their colours), and RGB with three
// equal channels, as some tools write labels. No colour transform ever touches a sample: see png-chunks.ts.
import sharp from 'sharp';
import { DatasetError } from '../errors.ts';
import { checkPixels, MOST_IMAGE_BYTES } from '../image-file.ts';
import { readRegularFile } from '../read-file.ts';
import { barePng } from './png-chunks.ts';

/** One whole number a pixel. */
export interface LabelImage {
  width: number;
  height: number;
  /** [height, width]. */
  data: Uint8Array | Uint16Array;
}

/** Reads a label PNG. Rejects with the file and the reason: missing, no PNG, truncated, damaged, or a picture in colour. */
export async function readLabelPng(file: string): Promise<LabelImage> {
  try {
    return await decodeLabelPng(await readRegularFile(file, MOST_IMAGE_BYTES));
  } catch (error) {
    throw new DatasetError(`readLabelPng: ${file}: ${(error as Error).message}`);
  }
}

/** The labels in the bytes of a PNG: Uint16Array from 16-bit samples, otherwise Uint8Array. Alpha is not read. Rejects with the reason. */
export async function decodeLabelPng(file: Uint8Array): Promise<LabelImage> {
  const { width, height, depth, channels: stored, bytes } = barePng(file);
  checkPixels({ width, height });
  const { samples, channels } = await decodeSamples(bytes, depth, stored);
  // libvips stretches samples of fewer bits to 0..255.
  const stretch = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  if (channels === 1 && stretch === 1) return { width, height, data: samples };
  const data = depth === 16 ? new Uint16Array(width * height) : new Uint8Array(width * height);
  const colours = channels >= 3 ? 3 : 1;
  for (let i = 0; i < data.length; i++) {
    const at = i * channels;
    for (let c = 1; c < colours; c++) {
      if (samples[at + c] !== samples[at]) {
        const pixel = `RGB ${samples.slice(at, at + 3).join(', ')} at x ${i % width}, y ${Math.floor(i / width)}`;
        throw new DatasetError(`the file is a picture in colour (${pixel}), not an image of labels; use the one with ids`);
      }
    }
    data[i] = samples[at] / stretch;
  }
  return { width, height, data };
}

/** A grey PNG, 8-bit from a Uint8Array and 16-bit from a Uint16Array. */
export async function encodeLabelPng({ width, height, data }: LabelImage): Promise<Buffer> {
  if (data.length !== width * height)
    throw new DatasetError(`encodeLabelPng: ${data.length} values for ${width}x${height} pixels; give one a pixel`);
  const space = data instanceof Uint16Array ? 'grey16' : 'b-w';
  return sharp(data, { raw: { width, height, channels: 1 } })
    .toColourspace(space)
    .png()
    .toBuffer();
}

async function decodeSamples(png: Buffer, depth: number, stored: number): Promise<{ samples: Uint8Array | Uint16Array; channels: number }> {
  const wide = depth === 16;
  const space = stored < 3 ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb';
  const { data, info } = await sharp(png, { failOn: 'warning', limitInputPixels: false })
    .toColourspace(space)
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(() => {
      throw new DatasetError('the file is damaged');
    });
  // A copy: a 16-bit view needs an even offset, and small buffers share their memory with others.
  const copy = new Uint8Array(data);
  return { samples: wide ? new Uint16Array(copy.buffer) : copy, channels: info.channels };
}
