// Second-order statistics of maps, within an image: what made masks and trained ones are compared by.

/** Maps of one size, an entry an image, row-major. */
export interface Maps {
  height: number;
  width: number;
  values: ArrayLike<number>[];
}

/** Each image's values without their mean. */
function centred({ values }: Maps): Float64Array[] {
  return values.map((map) => {
    const all = Float64Array.from(map);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    return all.map((value) => value - mean);
  });
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Standard deviation within an image (root of the mean variance over the images). */
export function deviationWithin(maps: Maps): number {
  const all = centred(maps);
  return Math.sqrt(all.reduce((sum, map) => sum + dot(map, map) / map.length, 0) / all.length);
}

/**
 * Autocorrelation at distances 0 to `lags` cells, along rows and columns together. Distances that a map does not hold are 0. Each image's mean
 * is taken from its own cells, which pulls the values of small maps down a little.
 */
export function autocorrelation(maps: Maps, lags: number): number[] {
  const { height, width } = maps;
  const all = centred(maps);
  const cells = all.length * height * width;
  const variance = all.reduce((sum, map) => sum + dot(map, map), 0) / cells;
  return Array.from({ length: lags + 1 }, (_, lag) => {
    let sum = 0;
    let pairs = 0;
    for (const map of all) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = map[y * width + x];
          if (x + lag < width) {
            sum += value * map[y * width + x + lag];
            pairs++;
          }
          if (y + lag < height) {
            sum += value * map[(y + lag) * width + x];
            pairs++;
          }
        }
      }
    }
    return pairs > 0 && variance > 0 ? sum / pairs / variance : 0;
  });
}

/** Distance in cells where an autocorrelation falls to 1/e, on the line between its points; Infinity when it does not. */
export function lengthOf(curve: readonly number[]): number {
  const level = Math.exp(-1);
  const below = curve.findIndex((value) => value < level);
  if (below < 1) return Number.POSITIVE_INFINITY;
  return below - 1 + (curve[below - 1] - level) / (curve[below - 1] - curve[below]);
}

/** Correlation of two kinds of maps of the same images, within the images. */
export function correlation(a: Maps, b: Maps): number {
  const [x, y] = [centred(a), centred(b)];
  const sum = (left: Float64Array[], right: Float64Array[]) => left.reduce((total, map, i) => total + dot(map, right[i]), 0);
  return sum(x, y) / Math.sqrt(sum(x, x) * sum(y, y));
}
