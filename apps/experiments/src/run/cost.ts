// What the images of an evaluation cost: MACs of the backbone, summed over the looks at an image, summarised over the images.
import type { MacReport } from '@stint/backbones';
import type { MacSummary, Spread } from '@stint/report';

/** MACs of one image. */
export interface ImageCost {
  dense: number;
  conditional: number;
  mask: number;
  interpolation: { direct: number; separable: number };
  total: { direct: number; separable: number };
  /** The same network with every position computed and no masks. */
  denseTotal: number;
}

export function costOf({ dense, conditional, mask, interpolation, total, denseTotal }: MacReport): ImageCost {
  return { dense, conditional, mask, interpolation, total, denseTotal };
}

export function addCosts(a: ImageCost, b: ImageCost): ImageCost {
  const both = (x: ImageCost['total'], y: ImageCost['total']) => ({ direct: x.direct + y.direct, separable: x.separable + y.separable });
  return {
    dense: a.dense + b.dense,
    conditional: a.conditional + b.conditional,
    mask: a.mask + b.mask,
    interpolation: both(a.interpolation, b.interpolation),
    total: both(a.total, b.total),
    denseTotal: a.denseTotal + b.denseTotal,
  };
}

export function summariseCosts(costs: readonly ImageCost[]): MacSummary {
  const spread = (pick: (cost: ImageCost) => number): Spread => {
    const values = costs.map(pick);
    const centre = average(values);
    return { mean: centre, std: Math.sqrt(average(values.map((value) => (value - centre) ** 2))) };
  };
  return {
    dense: spread((cost) => cost.dense),
    conditional: spread((cost) => cost.conditional),
    mask: spread((cost) => cost.mask),
    interpolation: { direct: spread((cost) => cost.interpolation.direct), separable: spread((cost) => cost.interpolation.separable) },
    total: { direct: spread((cost) => cost.total.direct), separable: spread((cost) => cost.total.separable) },
    reference: average(costs.map((cost) => cost.denseTotal)),
  };
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
