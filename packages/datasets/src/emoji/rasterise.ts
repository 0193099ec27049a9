// Draws a sprite at a size and an angle: the pyramid level just finer than the object, then 2x2 bilinear samples a pixel.
import { sinCos } from '../exact.ts';
import type { Sprite, SpriteLevel } from './sprites.ts';

// Looking `Math` up for every pixel is a hundred times slower inside a vm context, where jest runs.
const { abs, ceil, floor, min } = Math;

export interface Pose {
  /** Side of the (unturned) drawing in pixels. */
  size: number;
  /** Radians, |angle| <= pi / 2. */
  angle: number;
  flip: boolean;
  /** Factor on the colour; clipped at white. */
  brightness: number;
  /** Where the centre lies inside its pixel, [0, 1). */
  fractionX: number;
  fractionY: number;
}

/** A premultiplied RGBA picture whose pixel (0, 0) lies at (left, top) from the pixel that holds the centre. */
export interface Patch {
  left: number;
  top: number;
  width: number;
  height: number;
  data: Float64Array;
}

/** The sprite in a pose; outside the drawing the patch is transparent. */
export function rasterise(sprite: Sprite, pose: Pose): Patch {
  const { sin, cos } = sinCos(pose.angle);
  const level = levelFor(sprite, pose.size);
  const softEdge = pose.size / level.size; // bilinear samples fade out over half a sprite pixel on each side
  const reach = ceil(((pose.size + softEdge) / 2) * (abs(sin) + cos)) + 1;
  const width = 2 * reach + 1;
  const patch: Patch = { left: -reach, top: -reach, width, height: width, data: new Float64Array(width * width * 4) };
  const pixels = level.size / pose.size;
  const mirror = pose.flip ? -1 : 1;
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      for (let sample = 0; sample < 4; sample++) {
        const dx = x - reach + 0.25 + (sample & 1) / 2 - pose.fractionX;
        const dy = y - reach + 0.25 + (sample >> 1) / 2 - pose.fractionY;
        const u = mirror * (cos * dx + sin * dy) * pixels + level.size / 2 - 0.5;
        const v = (cos * dy - sin * dx) * pixels + level.size / 2 - 0.5;
        addBilinear(level, u, v, patch.data, at);
      }
      const limit = 255 * patch.data[at + 3]; // colour is premultiplied: white is 255 alpha
      for (let c = 0; c < 3; c++) patch.data[at + c] = min(limit, patch.data[at + c] * pose.brightness);
    }
  }
  return patch;
}

/** The coarsest level that is not smaller than the object. */
function levelFor(sprite: Sprite, size: number): SpriteLevel {
  let index = 0;
  while (index + 1 < sprite.length && sprite[index + 1].size >= size) index++;
  return sprite[index];
}

/** Adds a quarter of the bilinear sample at column u, row v; pixels outside count as transparent. */
function addBilinear({ size, data }: SpriteLevel, u: number, v: number, target: Float64Array, at: number): void {
  if (u <= -1 || v <= -1 || u >= size || v >= size) return;
  const column = floor(u);
  const row = floor(v);
  for (let tap = 0; tap < 4; tap++) {
    const x = column + (tap & 1);
    const y = row + (tap >> 1);
    if (x < 0 || y < 0 || x >= size || y >= size) continue;
    const weight = 0.25 * (1 - abs(u - x)) * (1 - abs(v - y));
    const from = (y * size + x) * 4;
    for (let c = 0; c < 4; c++) target[at + c] += weight * data[from + c];
  }
}
