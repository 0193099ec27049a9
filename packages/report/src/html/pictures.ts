// Pictures inside the page: small WebP files as data: addresses.
import sharp from 'sharp';
import type { RgbImage } from '../mosaic.ts';

/** Longest side of a picture in the page; masks are drawn over it at the screen's own resolution. */
const LONGEST = 800;

/** The image as a `data:` address. */
export async function pictureAddress({ width, height, data }: RgbImage): Promise<string> {
  const file = await sharp(Buffer.from(data.buffer, data.byteOffset, data.byteLength), { raw: { width, height, channels: 3 } })
    .resize({ width: LONGEST, height: LONGEST, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 88, smartSubsample: true })
    .toBuffer();
  return `data:image/webp;base64,${file.toString('base64')}`;
}
