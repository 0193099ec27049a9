// The cache of a made set: one binary shard and one JSON index, both written beside their place and renamed into it, so that a
// reader sees a whole file or none. Two processes that make the same set write the same bytes, so either may win.
// The index carries a digest of itself and the shard's length, checked when the set is opened; a CRC-32 a scene is checked
// at every read, so opening takes milliseconds however large the shard is.
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { Scene, SceneObject } from './scene.ts';

export interface ShardIndex {
  imageSize: number;
  scenes: { objects: SceneObject[]; crc: number }[];
}

/** Temporary files older than this were left behind by a killed process. */
const ABANDONED_MS = 3_600_000;

/** Bytes of a scene in the shard: the image [size, size, 3], then the labels [size, size]. */
function sceneBytes(imageSize: number): number {
  return imageSize * imageSize * 4;
}

/** The index at `base`.json, or undefined when there is no whole set under that name. */
export function openShard(base: string): ShardIndex | undefined {
  try {
    const { digest, body } = JSON.parse(fs.readFileSync(`${base}.json`, 'utf8')) as { digest: string; body: ShardIndex };
    if (digest !== sha256(JSON.stringify(body))) return undefined;
    if (fs.statSync(`${base}.bin`).size !== body.scenes.length * sceneBytes(body.imageSize)) return undefined;
    return body;
  } catch (error) {
    // No file yet, or half a JSON text from a full disk: the set is made anew. Anything else (permissions) is the caller's matter.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes a set of `count` scenes at `base`.bin and `base`.json. Lets the event loop breathe between scenes. */
export async function writeShard(
  base: string,
  imageSize: number,
  count: number,
  paint: (index: number) => Scene,
  onProgress?: (done: number, total: number) => void,
): Promise<ShardIndex> {
  fs.mkdirSync(path.dirname(base), { recursive: true });
  removeAbandoned(base);
  const temporary = `${base}.${process.pid}-${randomUUID()}.tmp`;
  const body: ShardIndex = { imageSize, scenes: [] };
  try {
    const file = fs.openSync(temporary, 'wx');
    try {
      for (let index = 0; index < count; index++) {
        const { image, segmentation, objects } = paint(index);
        const bytes = Buffer.concat([image, segmentation]);
        fs.writeFileSync(file, bytes);
        body.scenes.push({ objects, crc: crc32(bytes) });
        if (index % 50 === 49 || index === count - 1) {
          onProgress?.(index + 1, count);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(temporary, `${base}.bin`);
    fs.writeFileSync(temporary, JSON.stringify({ digest: sha256(JSON.stringify(body)), body }), { flush: true });
    fs.renameSync(temporary, `${base}.json`);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  return body;
}

/** Reads one scene. Throws when its bytes are not those that were written. */
export function readScene(base: string, index: ShardIndex, position: number): Scene {
  const length = sceneBytes(index.imageSize);
  const bytes = new Uint8Array(length);
  const file = fs.openSync(`${base}.bin`, 'r');
  let read: number;
  try {
    read = fs.readSync(file, bytes, 0, length, position * length);
  } finally {
    fs.closeSync(file);
  }
  const { objects, crc } = index.scenes[position];
  if (read !== length || crc32(bytes) !== crc) {
    throw new Error(`readScene: ${base}.bin is damaged at scene ${position}; delete it and run again`);
  }
  const imageBytes = (length / 4) * 3;
  return { image: bytes.subarray(0, imageBytes), segmentation: bytes.subarray(imageBytes), objects };
}

function removeAbandoned(base: string): void {
  const prefix = `${path.basename(base)}.`;
  for (const name of fs.readdirSync(path.dirname(base))) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const file = path.join(path.dirname(base), name);
    const age = Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > ABANDONED_MS) fs.rmSync(file, { force: true });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
