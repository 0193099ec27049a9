// The ground of a scene: a 2x2 colour gradient, coloured noise up-sampled from 5x5 and 14x14, and fine noise a pixel.
import type { RandomStream } from '../random.ts';

/** A square RGB picture in the making, [size, size, 3], 0..255, not yet rounded. */
export interface Canvas {
  size: number;
  data: Float64Array;
}

const LAYERS = [
  { cells: 2, low: 40, high: 215 },
  { cells: 5, low: -32, high: 32 },
  { cells: 14, low: -22, high: 22 },
];
const FINE_NOISE = 9;

/** Paints a new background. */
export function paintBackground(size: number, random: RandomStream): Canvas {
  const canvas: Canvas = { size, data: new Float64Array(size * size * 3) };
  for (const { cells, low, high } of LAYERS) {
    const grid = Float64Array.from({ length: cells * cells * 3 }, () => random.between(low, high));
    addUpsampled(canvas, grid, cells);
  }
  addFineNoise(canvas, random);
  return canvas;
}

/** Adds a grid of colours [cells, cells, 3], stretched bilinearly so that its corners meet those of the canvas. */
function addUpsampled({ size, data }: Canvas, grid: Float64Array, cells: number): void {
  const { cell, weight } = gridPositions(size, cells);
  const row = new Float64Array(cells * 3);
  for (let y = 0, at = 0; y < size; y++) {
    const above = cell[y] * cells * 3;
    for (let i = 0; i < row.length; i++) row[i] = grid[above + i] + (grid[above + cells * 3 + i] - grid[above + i]) * weight[y];
    for (let x = 0; x < size; x++) {
      const left = cell[x] * 3;
      for (let c = left; c < left + 3; c++) data[at++] += row[c] + (row[c + 3] - row[c]) * weight[x];
    }
  }
}

/** For each pixel the grid cell at or before it and the weight of the next one. */
function gridPositions(size: number, cells: number): { cell: Int32Array; weight: Float64Array } {
  const cell = new Int32Array(size);
  const weight = new Float64Array(size);
  for (let pixel = 0; pixel < size; pixel++) {
    const position = (pixel * (cells - 1)) / (size - 1);
    cell[pixel] = Math.min(Math.floor(position), cells - 2);
    weight[pixel] = position - cell[pixel];
  }
  return { cell, weight };
}

/** Uniform noise, each channel its own; the three channels share one 32-bit draw (ten bits each). */
function addFineNoise({ data }: Canvas, random: RandomStream): void {
  for (let at = 0; at < data.length; at += 3) {
    const bits = random.bits();
    for (let c = 0; c < 3; c++) data[at + c] += (((bits >>> (2 + 10 * c)) & 1023) / 511.5 - 1) * FINE_NOISE;
  }
}
