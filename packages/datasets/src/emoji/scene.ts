// One emoji scene: background, clutter, thin structures if wanted, then the objects from back to front, with boxes and per-pixel labels from
// their alpha.
// A pure function of (recipe, index): scene i does not depend on the number of scenes or on the other scenes.

import { powerOf } from '../exact.ts';
import { type RandomStream, randomStream } from '../random.ts';
import { type Canvas, paintBackground } from './background.ts';
import { paintClutter } from './clutter.ts';
import type { EmojiRecipe } from './options.ts';
import { type Patch, rasterise } from './rasterise.ts';
import type { Sprite } from './sprites.ts';
import { paintThin } from './thin.ts';

const { floor, max, min } = Math; // see rasterise.ts

export interface SceneObject {
  label: number;
  /** x1, y1, x2, y2: extent of the alpha above one half, whether or not a later object hides it, clipped to the image. */
  box: [number, number, number, number];
  /** Visible pixels with alpha above one half. */
  area: number;
}

export interface Scene {
  /** [size, size, 3], RGB. */
  image: Uint8Array;
  /** [size, size]: 0 = background, label + 1; thin structures follow the emoji classes. */
  segmentation: Uint8Array;
  objects: SceneObject[];
}

const MAX_ANGLE = (25 * Math.PI) / 180;
const BRIGHTNESS = { low: 0.7, high: 1.2 };
/** An object is placed only where it, and each object that it covers, stays visible to this fraction. */
const MIN_VISIBLE = 0.5;
const TRIES = 30;

interface Placed {
  label: number;
  /** Flat positions inside the image with alpha above one half. */
  pixels: number[];
  /** Their count with those outside the image. */
  total: number;
  /** Their count without those that later objects hide. */
  visible: number;
}

/**
 * Paints scene `index` of a recipe. An object that finds no place in 30 tries is left out, so that scenes with many large
 * objects may hold fewer than `objects[0]`.
 */
export function paintScene(recipe: EmojiRecipe, index: number, sprites: readonly Sprite[]): Scene {
  const { imageSize, objectSize } = recipe;
  const random = randomStream([recipe.seed, recipe.split === 'train' ? 1 : 2, index]);
  const canvas = paintBackground(imageSize, random);
  paintClutter(canvas, { min: objectSize[0], max: objectSize[1] }, random);
  const segmentation = new Uint8Array(imageSize * imageSize);
  if (recipe.thin) paintThin(canvas, segmentation, random);
  const owner = new Int16Array(imageSize * imageSize).fill(-1);
  const placed: Placed[] = [];
  const wanted = random.integer(recipe.objects[0], recipe.objects[1]);
  for (let i = 0; i < wanted; i++) placeObject(canvas, owner, placed, objectSize, sprites, random);
  return { image: round(canvas.data), segmentation, objects: annotate(owner, placed, imageSize, segmentation) };
}

function placeObject(
  canvas: Canvas,
  owner: Int16Array,
  placed: Placed[],
  [smallest, largest]: [number, number],
  sprites: readonly Sprite[],
  random: RandomStream,
): void {
  const label = random.integer(0, sprites.length - 1);
  const size = smallest * powerOf(largest / smallest, random.uniform());
  const patch = rasterise(sprites[label], {
    size,
    angle: random.between(-MAX_ANGLE, MAX_ANGLE),
    flip: random.uniform() < 0.5,
    brightness: random.between(BRIGHTNESS.low, BRIGHTNESS.high),
    fractionX: random.uniform(),
    fractionY: random.uniform(),
  });
  const margin = floor(size / 4); // part of an object may lie outside the image
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const x = random.integer(margin, canvas.size - 1 - margin) + patch.left;
    const y = random.integer(margin, canvas.size - 1 - margin) + patch.top;
    const { pixels, total } = solidPixels(patch, x, y, canvas.size);
    const object = { label, pixels, total, visible: pixels.length };
    if (!staysVisible(object, owner, placed)) continue;
    for (const pixel of pixels) {
      if (owner[pixel] >= 0) placed[owner[pixel]].visible--;
      owner[pixel] = placed.length;
    }
    placed.push(object);
    blend(canvas, patch, x, y);
    return;
  }
}

function solidPixels(patch: Patch, left: number, top: number, size: number): { pixels: number[]; total: number } {
  const pixels: number[] = [];
  let total = 0;
  for (let y = 0; y < patch.height; y++) {
    for (let x = 0; x < patch.width; x++) {
      if (patch.data[(y * patch.width + x) * 4 + 3] <= 0.5) continue;
      total++;
      if (x + left >= 0 && x + left < size && y + top >= 0 && y + top < size) pixels.push((y + top) * size + x + left);
    }
  }
  return { pixels, total };
}

/** Whether the new object and all below it keep enough visible pixels. */
function staysVisible(object: Placed, owner: Int16Array, placed: readonly Placed[]): boolean {
  if (object.pixels.length === 0 || object.pixels.length < MIN_VISIBLE * object.total) return false;
  const hidden = new Int32Array(placed.length);
  for (const pixel of object.pixels) if (owner[pixel] >= 0) hidden[owner[pixel]]++;
  return placed.every((below, index) => below.visible - hidden[index] >= MIN_VISIBLE * below.total);
}

function blend(canvas: Canvas, patch: Patch, left: number, top: number): void {
  const { size, data } = canvas;
  for (let y = max(0, -top); y < min(patch.height, size - top); y++) {
    for (let x = max(0, -left); x < min(patch.width, size - left); x++) {
      const from = (y * patch.width + x) * 4;
      const at = ((y + top) * size + x + left) * 3;
      const rest = 1 - patch.data[from + 3];
      for (let c = 0; c < 3; c++) data[at + c] = data[at + c] * rest + patch.data[from + c];
    }
  }
}

/** The objects; writes their visible pixels into the labels. */
function annotate(owner: Int16Array, placed: readonly Placed[], size: number, segmentation: Uint8Array): SceneObject[] {
  return placed.map(({ label, pixels, visible }, index): SceneObject => {
    const box: SceneObject['box'] = [size, size, 0, 0];
    for (const pixel of pixels) {
      const x = pixel % size;
      const y = (pixel - x) / size;
      box[0] = min(box[0], x);
      box[1] = min(box[1], y);
      box[2] = max(box[2], x + 1);
      box[3] = max(box[3], y + 1);
      if (owner[pixel] === index) segmentation[pixel] = label + 1;
    }
    return { label, box, area: visible };
  });
}

function round(values: Float64Array): Uint8Array {
  const result = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = min(255, max(0, floor(values[i] + 0.5)));
  return result;
}
