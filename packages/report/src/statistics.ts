// Means, deviations and a seeded bootstrap interval (Efron & Tibshirani 1993, chapter 13: percentile interval).

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation (n - 1); 0 of fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** A difference as text: two decimals, or two digits where it is smaller than that shows. */
export function signed(value: number): string {
  const size = Math.abs(value);
  return `${value >= 0 ? '+' : '−'}${size > 0 && size < 0.01 ? size.toPrecision(2) : size.toFixed(2)}`;
}

export interface Interval {
  low: number;
  high: number;
}

/**
 * Percentile bootstrap interval of the mean. A pure function of its arguments (the resampling is seeded).
 * Fewer than two values have no interval: [-Infinity, Infinity].
 */
export function bootstrapInterval(values: readonly number[], { level = 0.95, resamples = 10_000, seed = 1 } = {}): Interval {
  if (values.length < 2) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const next = mulberry32(seed);
  const means = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let sum = 0;
    for (let k = 0; k < values.length; k++) sum += values[Math.floor(next() * values.length)];
    means[i] = sum / values.length;
  }
  means.sort();
  const tail = (1 - level) / 2;
  return { low: quantile(means, tail), high: quantile(means, 1 - tail) };
}

/** Linearly interpolated quantile of sorted values. */
function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** The public-domain 32-bit generator mulberry32: ample for resampling. U[0,1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
