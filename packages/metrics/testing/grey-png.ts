// Test helper: reads the fixtures' label images (PNG, grey, 8 or 16 bit, not interlaced) with zlib alone, so that the metrics are tested
// without an image library. https://www.w3.org/TR/png/
import fs from 'node:fs';
import zlib from 'node:zlib';
import type { LabelImage } from '../src/index.ts';

export function readGreyPng(file: string): LabelImage {
  const bytes = fs.readFileSync(file);
  const parts: Buffer[] = [];
  let header = Buffer.alloc(0);
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const data = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at));
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IHDR') header = data;
    if (type === 'IDAT') parts.push(data);
  }
  const [width, height, depth, colour, interlace] = [header.readUInt32BE(0), header.readUInt32BE(4), header[8], header[9], header[12]];
  if (colour !== 0 || interlace !== 0 || depth < 8)
    throw new Error(`${file}: colour type ${colour}, depth ${depth}, interlace ${interlace}`);
  const step = depth / 8;
  const rows = zlib.inflateSync(Buffer.concat(parts));
  const stride = width * step;
  const plain = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const left = i >= step ? plain[y * stride + i - step] : 0;
      const up = y > 0 ? plain[(y - 1) * stride + i] : 0;
      const corner = y > 0 && i >= step ? plain[(y - 1) * stride + i - step] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      plain[y * stride + i] = rows[y * (stride + 1) + 1 + i] + guess;
    }
  }
  const data = Uint16Array.from({ length: width * height }, (_, i) => (step === 1 ? plain[i] : plain[2 * i] * 256 + plain[2 * i + 1]));
  return { width, height, data };
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
