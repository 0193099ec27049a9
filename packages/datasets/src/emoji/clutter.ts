// Clutter: lines, ellipses and rectangles behind the objects, every third or so in the yellow of the faces, so that colour
// alone does not give an object away. Shapes are signed distances (negative inside), which also smooths their edges.

import { powerOf, sinCos } from '../exact.ts';
import type { RandomStream } from '../random.ts';
import type { Canvas } from './background.ts';

const { abs, ceil, floor, max, min, sqrt } = Math; // see rasterise.ts

const YELLOW = [252, 200, 52];
const YELLOW_SHARE = 0.35;
const COUNT = { min: 4, max: 10 };

/** Draws 4 to 10 shapes; their sizes follow `scale` (pixels of a typical object). */
export function paintClutter(canvas: Canvas, scale: { min: number; max: number }, random: RandomStream): void {
  const count = random.integer(COUNT.min, COUNT.max);
  for (let i = 0; i < count; i++) {
    const kind = random.integer(0, 2);
    const centreX = random.between(0, canvas.size);
    const centreY = random.between(0, canvas.size);
    const length = scale.min * powerOf(scale.max / scale.min, random.uniform());
    const aspect = random.between(0.4, 1);
    const turn = sinCos(random.between(-Math.PI / 2, Math.PI / 2));
    const colour = shapeColour(random);
    const opacity = random.between(0.6, 1);
    const halfA = kind === 0 ? length : length / 2; // lines are longer and thin
    const halfB = kind === 0 ? random.between(0.5, 1.5) : halfA * aspect;
    const distance = kind === 1 ? ellipse : rectangle;
    const reach = ceil(halfA + halfB) + 1;
    const left = max(0, floor(centreX) - reach);
    const right = min(canvas.size - 1, floor(centreX) + reach);
    const top = max(0, floor(centreY) - reach);
    const bottom = min(canvas.size - 1, floor(centreY) + reach);
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const dx = x + 0.5 - centreX;
        const dy = y + 0.5 - centreY;
        const d = distance(turn.cos * dx + turn.sin * dy, turn.cos * dy - turn.sin * dx, halfA, halfB);
        const alpha = opacity * min(1, max(0, 0.5 - d));
        if (alpha === 0) continue;
        const at = (y * canvas.size + x) * 3;
        for (let c = 0; c < 3; c++) canvas.data[at + c] += alpha * (colour[c] - canvas.data[at + c]);
      }
    }
  }
}

function shapeColour(random: RandomStream): number[] {
  if (random.uniform() >= YELLOW_SHARE) return [0, 0, 0].map(() => random.between(0, 255));
  const shade = random.between(0.75, 1.1);
  return YELLOW.map((channel) => min(255, channel * shade + random.between(-12, 12)));
}

function rectangle(u: number, v: number, a: number, b: number): number {
  return max(abs(u) - a, abs(v) - b);
}

/** First-order distance to an ellipse with half axes a and b. */
function ellipse(u: number, v: number, a: number, b: number): number {
  const radius = sqrt((u / a) * (u / a) + (v / b) * (v / b));
  return (radius - 1) * min(a, b);
}
