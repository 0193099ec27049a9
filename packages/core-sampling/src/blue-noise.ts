// Blue-noise thresholds by void-and-cluster (R. Ulichney, "The void-and-cluster method for dither array generation", 1993).
// A tile of ranks 0..n^2-1 such that the cells below any rank are spread without clumps or gaps, on a torus. Thresholding pi with it samples
// each position with probability pi, as white noise does, but with fewer empty windows at the same density.
import { hashKey, uniformValues } from './counter.ts';

const SIZE = 64;
const SIGMA = 1.9; // cells; Ulichney's recommendation is 1.5 to 2
const SEED = [1993];

let cached: Int32Array | undefined;

/** The tile of ranks, [size,size], made at the first call. Not to be written to. */
export function blueNoiseTile(): { ranks: Int32Array; size: number } {
  cached ??= voidAndCluster(SIZE, SIGMA, SEED);
  return { ranks: cached, size: SIZE };
}

/**
 * Thresholds in [0,1) for N maps. The tile is shifted by a hash of (key, n), and each threshold lies at a random place inside its rank's
 * interval, so over the keys a threshold is uniform: P(threshold < pi) = pi exactly.
 * @returns count * height * width values.
 */
export function blueNoiseThresholds(count: number, height: number, width: number, key: readonly number[]): Float32Array {
  const tile = blueNoiseTile().ranks;
  const thresholds = new Float32Array(count * height * width);
  let at = 0;
  for (let n = 0; n < count; n++) {
    const [shiftY, shiftX] = hashKey([...key, n]);
    const [jitter] = uniformValues(1, [...key, n]);
    for (let y = 0; y < height; y++) {
      const row = ((y + (shiftY >>> 0)) % SIZE) * SIZE;
      for (let x = 0; x < width; x++) thresholds[at++] = (tile[row + ((x + (shiftX >>> 0)) % SIZE)] + jitter) / (SIZE * SIZE);
    }
  }
  return thresholds;
}

/** Ranks of a size x size torus. Exported for tests; about 60 ms at 64. */
export function voidAndCluster(size: number, sigma: number, key: readonly number[]): Int32Array {
  const cells = size * size;
  const kernel = torusGaussian(size, sigma);
  const energy = new Float64Array(cells);
  const filled = new Uint8Array(cells);
  const toggle = (cell: number, sign: 1 | -1): void => {
    filled[cell] = sign > 0 ? 1 : 0;
    const y0 = Math.floor(cell / size);
    const x0 = cell % size;
    for (let y = 0, i = 0; y < size; y++) {
      const row = ((y - y0 + size) % size) * size;
      for (let x = 0; x < size; x++, i++) energy[i] += sign * kernel[row + ((x - x0 + size) % size)];
    }
  };
  const tightestCluster = (): number => extreme(energy, filled, 1);
  const largestVoid = (): number => extreme(energy, filled, 0);

  // A prototype of a tenth of the cells, evened out by moving the most crowded point into the largest void until that is the same place.
  const order = uniformValues(cells, key);
  const start = Array.from(order.keys()).sort((a, b) => order[a] - order[b]);
  const count = Math.max(1, Math.round(cells / 10));
  for (const cell of start.slice(0, count)) toggle(cell, 1);
  for (;;) {
    const crowded = tightestCluster();
    toggle(crowded, -1);
    const gap = largestVoid();
    toggle(gap, 1);
    if (gap === crowded) break;
  }

  const result = new Int32Array(cells);
  const prototype = filled.slice();
  for (let rank = count - 1; rank >= 0; rank--) {
    const cell = tightestCluster();
    toggle(cell, -1);
    result[cell] = rank;
  }
  for (let cell = 0; cell < cells; cell++) if (prototype[cell]) toggle(cell, 1);
  // The tightest cluster of empty cells is the largest void of filled ones (their energies sum to a constant), so one loop fills the rest.
  for (let rank = count; rank < cells; rank++) {
    const cell = largestVoid();
    toggle(cell, 1);
    result[cell] = rank;
  }
  return result;
}

/** The filled cell (state 1) of highest energy, or the empty cell (state 0) of lowest. */
function extreme(energy: Float64Array, filled: Uint8Array, state: 0 | 1): number {
  const sign = state === 1 ? 1 : -1;
  let best = -1;
  let value = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < energy.length; i++) {
    if (filled[i] === state && sign * energy[i] > value) {
      value = sign * energy[i];
      best = i;
    }
  }
  return best;
}

function torusGaussian(size: number, sigma: number): Float64Array {
  const weights = new Float64Array(size * size);
  const distance = (d: number): number => Math.min(d, size - d);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      weights[y * size + x] = Math.exp(-(distance(y) ** 2 + distance(x) ** 2) / (2 * sigma * sigma));
    }
  }
  return weights;
}
