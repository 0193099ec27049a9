// The density at which a sampled layer costs what the dense layer costs: below it, sampling saves time.

export interface CostPoint {
  density: number;
  /** In any unit, the same for all. */
  cost: number;
}

/** `none`: at every density below 1 the sampled layer is cheaper. `below`: not even at the smallest density measured. */
export type Crossover = { kind: 'at'; density: number } | { kind: 'none' } | { kind: 'below'; density: number };

/**
 * Linear between the measured densities; beyond the last one below 1, on the line of the last two. Density 1 itself is left out: there the
 * engine takes other paths (nothing to fill in, no lists). Where costs cross more than once, the first crossing counts.
 * @throws with fewer than two densities below 1.
 */
export function crossover(points: readonly CostPoint[], dense: number): Crossover {
  const sorted = points.filter(({ density }) => density < 1).sort((a, b) => a.density - b.density);
  if (sorted.length < 2) throw new Error(`crossover: ${sorted.length} densities below 1; it takes two to draw a line`);
  if (sorted[0].cost >= dense) return { kind: 'below', density: sorted[0].density };
  const next = sorted.findIndex(({ cost }) => cost >= dense);
  const [low, high] = next > 0 ? [sorted[next - 1], sorted[next]] : sorted.slice(-2);
  const slope = (high.cost - low.cost) / (high.density - low.density);
  const density = low.density + (dense - low.cost) / slope;
  return slope > 0 && density < 1 ? { kind: 'at', density } : { kind: 'none' };
}

/** `.83`, `none below 1`, `below .10`. */
export function describeCrossover(value: Crossover): string {
  if (value.kind === 'none') return 'none below 1';
  return `${value.kind === 'below' ? 'below ' : ''}${value.density.toFixed(2)}`;
}
