// Image files to 8-bit RGB, or the reason why not.
import sharp from 'sharp';
import { DatasetError } from '../errors.ts';
import { checkPixels, readImageFile } from '../image-file.ts';
import { cmykToRgb } from './cmyk.ts';

export interface ImageSize {
  width: number;
  height: number;
}

/**
 * Pixels [height, width, 3] as they are stored: an EXIF orientation is not applied (COCO annotations count stored pixels) and
 * an embedded colour profile is ignored, as in PIL. Grey, CMYK (by PIL's formula, see cmyk.ts), palette and 16-bit images become 8-bit RGB;
 * alpha is dropped.
 * Rejects with the reason alone when the file is missing, truncated or damaged, or has another size than `expected`, which is what
 * `source` says.
 */
export async function decodeImage(file: string, expected: ImageSize, source = 'the JSON'): Promise<Uint8Array> {
  const { image, size } = await openImage(file);
  checkSize(size, expected, source);
  return (await rgbOf(image, size)).data;
}

/** The same of a file whose size is not known before. */
export async function decodeAnySize(file: string): Promise<ImageSize & { data: Uint8Array }> {
  const { image, size } = await openImage(file);
  return rgbOf(image, size);
}

async function rgbOf(image: sharp.Sharp, { space }: Header): Promise<Picture> {
  const inks = space === 'cmyk';
  const pixels = inks ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.toColourspace('srgb').removeAlpha();
  const { data, info } = await decoded(pixels.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }));
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { width: info.width, height: info.height, data: inks ? cmykToRgb(bytes, info.channels) : bytes };
}

/** Checks that the file is there, is an image and has the expected size, without decoding its pixels. */
export async function checkHeader(file: string, expected: ImageSize): Promise<void> {
  checkSize((await openImage(file)).size, expected, 'the JSON');
}

interface Header extends ImageSize {
  orientation?: number;
  space?: string;
}

async function openImage(file: string): Promise<{ image: sharp.Sharp; size: Header }> {
  // Through a buffer: libvips keeps files that it opened by name in a cache of its own.
  const bytes = await readImageFile(file);
  // 'warning': libjpeg paints over garbled data and only warns.
  const image = sharp(bytes, { failOn: 'warning', ignoreIcc: true, limitInputPixels: false });
  const size = await decoded(image.metadata());
  checkPixels(size);
  return { image, size };
}

function checkSize(found: Header, expected: ImageSize, source: string): void {
  if (found.width === expected.width && found.height === expected.height) return;
  const turned = (found.orientation ?? 1) >= 5 && found.width === expected.height && found.height === expected.width;
  const hint = turned ? `; ${source} counts the image after its EXIF rotation: store the files rotated` : '';
  throw new DatasetError(`the file is ${found.width}x${found.height}, ${source} says ${expected.width}x${expected.height}${hint}`);
}

async function decoded<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: Error) => {
    // What sharp adds of its own says nothing about the file.
    const detail = error.message.replace(/^Warning treated as error due to failOn setting\n?/, '').replaceAll('\n', '; ');
    // A line for each of its tags that the library does not know.
    throw new DatasetError(`the file is damaged or no image${detail && ` (${detail.slice(0, 300)})`}`);
  });
}

/** An image as a person sees it: 8-bit RGB [height, width, 3]. */
export interface Picture extends ImageSize {
  data: Uint8Array;
}

export interface ReadImageOptions {
  /** Turn the image as its EXIF orientation says. Default true; false keeps the stored pixels, which COCO annotations count. */
  orient?: boolean;
}

/** Reads any image file (the first picture of an animated one). Rejects with the reason alone, as `decodeImage` does. */
export async function readImage(file: string, { orient = true }: ReadImageOptions = {}): Promise<Picture> {
  const { image, size } = await openImage(file);
  return rgbOf(orient ? image.autoOrient() : image, size);
}
