// Image files as bytes: known formats only, and none whose pixels would fill the memory.
import { DatasetError } from './errors.ts';
import { readRegularFile } from './read-file.ts';

/** Of an image file. */
export const MOST_IMAGE_BYTES = 2 ** 30;
/** 134 million: 400 MB of RGB. */
const MOST_PIXELS = 2 ** 27;

/** First bytes, in hex, of what is decoded. The library would draw SVG too, which may name other files and never end. */
const STARTS = [
  /^ffd8ff/, // JPEG
  /^89504e470d0a1a0a/, // PNG, APNG
  /^474946383[79]61/, // GIF
  /^52494646.{8}57454250/, // WebP
  /^(4949(2a|2b)00|4d4d00(2a|2b))/, // TIFF
  /^.{8}66747970/, // AVIF, HEIF
];

/** The bytes of an image file. Rejects with the reason alone. */
export async function readImageFile(file: string): Promise<Buffer> {
  const bytes = await readRegularFile(file, MOST_IMAGE_BYTES);
  const start = bytes.toString('hex', 0, 16);
  if (!STARTS.some((pattern) => pattern.test(start)))
    throw new DatasetError('the file is damaged or no image (JPEG, PNG, WebP, GIF, TIFF and AVIF are read)');
  return bytes;
}

/** Call it with what the header says, before anything is decoded. */
export function checkPixels({ width, height }: { width: number; height: number }): void {
  if (width * height > MOST_PIXELS)
    throw new DatasetError(
      `the image has ${width}x${height} pixels, more than the ${MOST_PIXELS} that are decoded: make it smaller or cut it`,
    );
}
