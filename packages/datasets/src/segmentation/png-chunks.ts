// The bare picture inside a PNG (https://www.w3.org/TR/png/): header and image data, without palette, transparency, gamma and colour
// profile. Image libraries show a palette PNG in its colours; without its palette, and called grey, it is a grey PNG of its indices.
import { crc32 } from 'node:zlib';
import { DatasetError } from '../errors.ts';

export interface BarePng {
  width: number;
  height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  depth: number;
  /** Samples a pixel: 1 grey or palette index, 2 grey + alpha, 3 RGB, 4 RGBA. */
  channels: number;
  /** A PNG of these samples with nothing that could change them. */
  bytes: Buffer;
}

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const GREY = 0;
const PALETTE = 3;

/** Throws the reason when the file is no PNG or ends early. Damage inside the image data is left to the decoder. */
export function barePng(file: Uint8Array): BarePng {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new DatasetError('the file is no PNG');
  let header: Buffer | undefined;
  const kept: Buffer[] = [];
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw new DatasetError('the file is truncated');
    const length = bytes.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > bytes.length) throw new DatasetError('the file is truncated');
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IHDR' && length === 13) header = Buffer.from(bytes.subarray(at, end));
    // The decoder does not look at it where it has all pixels before the chunk ends.
    else if (type === 'IDAT' && bytes.readUInt32BE(end - 4) !== crc32(bytes.subarray(at + 4, end - 4)))
      throw new DatasetError('the file is damaged (checksum of the image data)');
    else if (type === 'IDAT') kept.push(bytes.subarray(at, end));
    if (type === 'IEND') {
      kept.push(bytes.subarray(at, end));
      break;
    }
    at = end;
  }
  if (!header || header.readUInt32BE(21) !== crc32(header.subarray(4, 21))) throw new DatasetError('the file is damaged (header)');
  const colour = header[17];
  const channels = CHANNELS[colour];
  if (channels === undefined) throw new DatasetError(`the file is damaged (colour type ${colour})`);
  if (colour === PALETTE) header[17] = GREY;
  header.writeUInt32BE(crc32(header.subarray(4, 21)), 21);
  return {
    width: header.readUInt32BE(8),
    height: header.readUInt32BE(12),
    depth: header[16],
    channels,
    bytes: Buffer.concat([SIGNATURE, header, ...kept]),
  };
}
