// Masks for networks with random weights: seeded, of a given density, with the spatial statistics of trained ones. The probability of a cell
// is sigmoid(spread * field + shift) with a smooth Gaussian field, the mask a Bernoulli draw from it and the grid prior; `shift` is the number
// that gives the density. The fields of a block's two masks have the correlation of trained heads, those of different blocks none.
import type { BackboneLayout } from '@stint/backbones/plain';
import { uniformValues } from '@stint/core-sampling/plain';
import type { BlockMasks } from '@stint/runtime';
import { smoothField } from './field.ts';
import type { MaskConfig } from './schema.ts';

export interface MaskOptions {
  /** Expected share of sampled cells, grid prior included. */
  density: number;
  /** `white`: every cell has the same probability. */
  kind: 'trained' | 'white';
  masks: MaskConfig;
  seed: number;
}

/** Masks of every block for an image of [H, W] pixels, both multiples of 32. A pure function of its arguments. */
export function makeMasks(
  { blocks }: Pick<BackboneLayout, 'blocks'>,
  [height, width]: readonly [number, number],
  options: MaskOptions,
): BlockMasks {
  const { masks, seed } = options;
  let [h, w] = [height / 4, width / 4];
  const entries = blocks.map(({ name, index, stage, stride }) => {
    const statistics = masks.stages[Math.min(stage, masks.stages.length) - 1];
    const field = (rows: number, columns: number, which: number) => smoothField(rows, columns, statistics.length, [seed, index, which]);
    const [h2, w2] = [Math.floor((h - 1) / stride) + 1, Math.floor((w - 1) / stride) + 1];
    const first = field(h, w, 1);
    const own = field(h2, w2, 2);
    const { shared } = statistics;
    const second = own.map((value, i) => {
      const common = first[Math.floor(i / w2) * stride * w + (i % w2) * stride];
      return shared * common + Math.sqrt(1 - shared * shared) * value;
    });
    const draw = (values: Float32Array, rows: number, columns: number, which: number) =>
      drawMask(options.kind === 'white' ? undefined : values, [rows, columns], statistics.spread, options, [seed, index, which + 2]);
    const entry = { mask1: draw(first, h, w, 1), mask2: draw(second, h2, w2, 2) };
    [h, w] = [h2, w2];
    return [name, entry] as const;
  });
  return Object.fromEntries(entries);
}

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

function drawMask(
  field: Float32Array | undefined,
  [height, width]: readonly [number, number],
  spread: number,
  { density, masks: { interval } }: MaskOptions,
  key: readonly number[],
): Uint8Array {
  const mask = new Uint8Array(height * width);
  if (density === 1) return mask.fill(1);
  const grid = new Uint8Array(height * width);
  if (interval > 0) {
    for (let y = 0; y < height; y += interval) for (let x = 0; x < width; x += interval) grid[y * width + x] = 1;
  }
  const fixed = grid.reduce((sum, value) => sum + value, 0);
  const free = (density * grid.length - fixed) / (grid.length - fixed);
  const probability = probabilities(field, grid, spread, Math.max(free, 0));
  const noise = uniformValues(mask.length, key);
  return mask.map((_, i) => (grid[i] || noise[i] < probability(i) ? 1 : 0));
}

/** The probability of each cell, with mean `free` over the cells that are not of the grid. */
function probabilities(field: Float32Array | undefined, grid: Uint8Array, spread: number, free: number): (cell: number) => number {
  if (!field || free === 0) return () => free;
  const mean = (shift: number) => {
    let sum = 0;
    let cells = 0;
    for (let i = 0; i < grid.length; i++) {
      if (grid[i]) continue;
      sum += sigmoid(spread * field[i] + shift);
      cells++;
    }
    return sum / cells;
  };
  let [low, high] = [-40, 40];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    if (mean(middle) < free) low = middle;
    else high = middle;
  }
  return (cell) => sigmoid(spread * field[cell] + low);
}
