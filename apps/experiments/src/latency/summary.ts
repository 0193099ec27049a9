// Medians and quartiles of times.

export interface Summary {
  median: number;
  q1: number;
  q3: number;
  least: number;
  count: number;
}

/** Median, quartiles (on the line between the neighbours, as in R's type 7) and least of at least one value. */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new Error('summarise: no values');
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), q1: quantile(sorted, 0.25), q3: quantile(sorted, 0.75), least: sorted[0], count: sorted.length };
}

export const median = (values: readonly number[]): number => summarise(values).median;

function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** a / b round by round: what both share in a round, such as a busy machine, drops out. */
export function ratios(a: readonly number[], b: readonly number[]): Summary {
  return summarise(a.slice(0, b.length).map((value, i) => value / b[i]));
}
