// Images for the engines, all the same ones: normalised floats in one file, read by every process.
import fs from 'node:fs';
import path from 'node:path';
import { normalValues } from '@stint/core-sampling/plain';
import { emojiScenes, normalise } from '@stint/datasets';
import { paddedSize } from '@stint/runtime';

/** One image of noise [H,W,3], zeros where it is padded. */
export function noiseImage([height, width]: readonly [number, number], seed: number): Float32Array {
  const [rows, columns] = paddedSize({ height, width });
  const noise = normalValues(height * width * 3, [seed, 0x1a6e]);
  const image = new Float32Array(rows * columns * 3);
  for (let y = 0; y < height; y++) image.set(noise.subarray(y * width * 3, (y + 1) * width * 3), y * columns * 3);
  return image;
}

/** Made scenes, as the embedded detector was trained on (its validation images, at another size if asked for). */
export async function sceneImages([height, width]: readonly [number, number], count: number, root: string): Promise<Float32Array[]> {
  const [rows, columns] = paddedSize({ height, width });
  const side = Math.max(rows, columns);
  const scenes = await emojiScenes({ cacheDir: path.join(root, '.cache/datasets'), imageSize: side, split: 'val', count, seed: 1 });
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { image, width: stride } = normalise(await scenes.get(i));
      const cut = new Float32Array(rows * columns * 3);
      for (let y = 0; y < rows; y++) cut.set(image.subarray(y * stride * 3, (y * stride + columns) * 3), y * columns * 3);
      return cut;
    }),
  );
}

export function writeImages(file: string, images: readonly Float32Array[]): void {
  fs.writeFileSync(file, Buffer.concat(images.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))));
}

/** The images of a file written by writeImages. */
export function readImages(file: string, [height, width]: readonly [number, number]): Float32Array[] {
  const bytes = fs.readFileSync(file);
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const length = height * width * 3;
  return Array.from({ length: all.length / length }, (_, i) => all.subarray(i * length, (i + 1) * length));
}
