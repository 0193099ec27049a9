// Thin structures for segmentation at embedded scale: wires, poles and outlines of one to four pixels, each a class of its own. On large smooth
// objects a network on a smaller image is hard to beat; what is a pixel wide is what resizing loses. Shapes are distances to a curve,
// which also smooths their edges; a pixel belongs to a structure that covers at least half of it.
import { powerOf, sinCos } from '../exact.ts';
import type { RandomStream } from '../random.ts';
import type { Canvas } from './background.ts';
import { EMOJI_CLASSES } from './sprites.ts';

const { abs, max, min, sqrt } = Math; // see rasterise.ts

/** Classes behind the ten emoji: label image values 11, 12 and 13. */
export const THIN_CLASSES = ['wire', 'pole', 'outline'] as const;

/** What each is painted in. */
export const THIN_COLORS = [
  [0, 230, 230],
  [0, 150, 110],
  [230, 60, 230],
] as const;

const COUNTS = [
  [1, 3],
  [1, 3],
  [1, 4],
];
/** Side of an outline, as a share of the image's. */
const OUTLINE = { least: 0.08, most: 0.28 };
const MAX_LEAN = 0.12;

/** Distance in pixels from the middle line of a structure; infinite beyond its ends. */
type Distance = (x: number, y: number) => number;

/** Paints poles, wires and outlines (in this order, from the back) and writes their labels. */
export function paintThin(canvas: Canvas, segmentation: Uint8Array, random: RandomStream): void {
  const shapes = [wire, pole, outline];
  for (const kind of [1, 0, 2]) {
    const count = random.integer(COUNTS[kind][0], COUNTS[kind][1]);
    for (let i = 0; i < count; i++) {
      const { distance, width } = shapes[kind](canvas.size, random);
      stroke(
        canvas,
        segmentation,
        distance,
        width / 2,
        [0, 0, 0].map(() => random.between(0, 255)),
        EMOJI_CLASSES.length + kind + 1,
      );
    }
  }
}

/** From edge to edge, sagging like a power line: a parabola between two heights. */
function wire(size: number, random: RandomStream): { distance: Distance; width: number } {
  const left = random.between(0.05, 0.85) * size;
  const right = random.between(0.05, 0.85) * size;
  const sag = random.between(0.02, 0.15) * size;
  const width = random.between(1, 2);
  const distance = (x: number, y: number) => {
    const t = x / size;
    const height = left + (right - left) * t + 4 * sag * t * (1 - t);
    const slope = (right - left + 4 * sag * (1 - 2 * t)) / size;
    return abs(y - height) / sqrt(1 + slope * slope);
  };
  return { distance, width };
}

/** Almost upright, from the ground (somewhere in the lower half) a good way up. */
function pole(size: number, random: RandomStream): { distance: Distance; width: number } {
  const { sin, cos } = sinCos(random.between(-MAX_LEAN, MAX_LEAN));
  const foot = [random.between(0, size), random.between(0.5, 1.1) * size];
  const length = random.between(0.3, 0.9) * size;
  const width = random.between(1.5, 3.5);
  const distance = (x: number, y: number) => {
    const along = (foot[1] - y) * cos + (x - foot[0]) * sin;
    return along < 0 || along > length ? Number.POSITIVE_INFINITY : abs((x - foot[0]) * cos - (foot[1] - y) * sin);
  };
  return { distance, width };
}

/** A turned ellipse or rectangle, not filled. */
function outline(size: number, random: RandomStream): { distance: Distance; width: number } {
  const round = random.uniform() < 0.5;
  const x0 = random.between(0, size);
  const y0 = random.between(0, size);
  const a = (OUTLINE.least * powerOf(OUTLINE.most / OUTLINE.least, random.uniform()) * size) / 2;
  const b = a * random.between(0.5, 1);
  const { sin, cos } = sinCos(random.between(-Math.PI / 2, Math.PI / 2));
  const width = random.between(1.2, 2.2);
  const distance = (x: number, y: number) => {
    const u = cos * (x - x0) + sin * (y - y0);
    const v = cos * (y - y0) - sin * (x - x0);
    return abs(round ? toEllipse(u, v, a, b) : max(abs(u) - a, abs(v) - b));
  };
  return { distance, width };
}

/** First-order distance to an ellipse: (r - 1) over the length of r's gradient. */
function toEllipse(u: number, v: number, a: number, b: number): number {
  const [p, q] = [u / a, v / b];
  const radius = sqrt(p * p + q * q);
  const slope = sqrt((p / a) * (p / a) + (q / b) * (q / b));
  return slope === 0 ? -b : ((radius - 1) * radius) / slope;
}

function stroke(
  { size, data }: Canvas,
  segmentation: Uint8Array,
  distance: Distance,
  halfWidth: number,
  colour: readonly number[],
  label: number,
): void {
  for (let y = 0, pixel = 0; y < size; y++) {
    for (let x = 0; x < size; x++, pixel++) {
      const alpha = min(1, max(0, halfWidth + 0.5 - distance(x + 0.5, y + 0.5)));
      if (alpha === 0) continue;
      for (let c = 0; c < 3; c++) data[pixel * 3 + c] += alpha * (colour[c] - data[pixel * 3 + c]);
      if (alpha >= 0.5) segmentation[pixel] = label;
    }
  }
}
