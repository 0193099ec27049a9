// The ten emoji as pictures: decoded, premultiplied, each as a pyramid of halved copies so that small objects are not aliased.
// Noto emoji (Google), 64x64 PNGs of the npm package emoji-datasource-google.
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import emojiFolder from './emoji-folder.cjs';

/** Ten classes that are easily mistaken for one another: five yellow faces, two balls, a round pizza, two animal faces; `color` is what labels are painted in. */
export const EMOJI_CLASSES = [
  { code: '1f600', name: 'grinning face', color: [255, 206, 32] },
  { code: '1f622', name: 'crying face', color: [64, 160, 255] },
  { code: '1f60e', name: 'sunglasses face', color: [120, 72, 200] },
  { code: '1f60d', name: 'heart eyes face', color: [255, 64, 128] },
  { code: '1f610', name: 'neutral face', color: [170, 140, 60] },
  { code: '26bd', name: 'soccer ball', color: [235, 235, 235] },
  { code: '1f3c0', name: 'basketball', color: [255, 128, 16] },
  { code: '1f355', name: 'pizza', color: [200, 32, 32] },
  { code: '1f431', name: 'cat face', color: [144, 208, 80] },
  { code: '1f436', name: 'dog face', color: [150, 90, 50] },
] as const;

/** A square RGBA picture, colour premultiplied by alpha; colour 0..255, alpha 0..1. */
export interface SpriteLevel {
  size: number;
  data: Float64Array;
}

/** Finest level (64x64) first, each next one half as large. */
export type Sprite = SpriteLevel[];

const SIZE = 64;
/** SHA-256 of the decoded pixels of all classes in order: other drawings would make other scenes under the same name. */
const PIXELS_DIGEST = '5713c97ae8cae339a8e79b068a30a4a933302b1278a0398173ffc724ee9b3a6c';

let loaded: Promise<Sprite[]> | undefined;

/** The sprites in the order of EMOJI_CLASSES, read once. Rejects when the installed drawings are not those the scenes are defined with. */
export function loadSprites(): Promise<Sprite[]> {
  loaded ??= readSprites();
  return loaded;
}

async function readSprites(): Promise<Sprite[]> {
  const hash = createHash('sha256');
  const sprites: Sprite[] = [];
  for (const { code } of EMOJI_CLASSES) {
    const png = await fs.readFile(path.join(emojiFolder, `img/google/64/${code}.png`));
    const { data, info } = await sharp(png, { ignoreIcc: true }).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    if (info.width !== SIZE || info.height !== SIZE || info.channels !== 4) {
      throw new Error(`loadSprites: ${code}.png is ${info.width}x${info.height}x${info.channels}, not ${SIZE}x${SIZE}x4`);
    }
    hash.update(data);
    sprites.push(pyramid(data));
  }
  checkDigest(hash.digest('hex'));
  return sprites;
}

function checkDigest(digest: string): void {
  if (digest === PIXELS_DIGEST) return;
  throw new Error(
    `loadSprites: the emoji drawings in ${emojiFolder} have the digest ${digest.slice(0, 12)}, the scenes are defined with ` +
      `${PIXELS_DIGEST.slice(0, 12)}; install emoji-datasource-google@16.0.0`,
  );
}

/** Halves by 2x2 means down to 4x4. `rgba`: [64, 64, 4], 0..255, not premultiplied. */
function pyramid(rgba: Uint8Array): Sprite {
  const finest: SpriteLevel = { size: SIZE, data: new Float64Array(rgba.length) };
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3] / 255;
    for (let c = 0; c < 3; c++) finest.data[i + c] = rgba[i + c] * alpha;
    finest.data[i + 3] = alpha;
  }
  const levels = [finest];
  while (levels[levels.length - 1].size > 4) levels.push(halve(levels[levels.length - 1]));
  return levels;
}

function halve({ size, data }: SpriteLevel): SpriteLevel {
  const half = size / 2;
  const result = new Float64Array(half * half * 4);
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      for (let c = 0; c < 4; c++) {
        const at = (2 * y * size + 2 * x) * 4 + c;
        result[(y * half + x) * 4 + c] = (data[at] + data[at + 4] + data[at + size * 4] + data[at + size * 4 + 4]) / 4;
      }
    }
  }
  return { size: half, data: result };
}
