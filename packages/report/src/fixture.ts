// Made-up runs for the tests of this package.
import type { ReportRun, Spread } from './runs.ts';

const only = (mean: number): Spread => ({ mean, std: 0 });

/** A run with the given AP and total MACs; interpolation takes a tenth of them at 49 taps. */
export function madeRun(arm: string, seed: number, weight: number, macs: number, ap: number): ReportRun {
  const direct = macs / 10;
  return {
    arm,
    seed,
    sweep: { 'loss.sparseWeight': weight },
    metrics: { AP: ap, AP50: ap + 10 },
    macs: {
      dense: only(0.2 * macs),
      conditional: only(0.6 * macs),
      mask: only(0.1 * macs),
      interpolation: { direct: only(direct), separable: only((direct * 14) / 49) },
      total: { direct: only(macs), separable: only(macs - direct + (direct * 14) / 49) },
      reference: 150e6,
    },
    densities: { 'layer1.0': { mask1: 0.5, mask2: 0.25 }, 'layer2.0': { mask1: 0.7, mask2: 0.35 } },
    seconds: { train: 60, evaluate: 10 },
  };
}

/** Two points a seed for an arm whose AP is `ap` + 10 per 30 million MACs above 30 million, shifted by seed. */
export function madeArm(arm: string, ap: number, seeds = [1, 2, 3]): ReportRun[] {
  return seeds.flatMap((seed) => [madeRun(arm, seed, 0.2, 60e6, ap + 10 + seed), madeRun(arm, seed, 1, 30e6, ap + seed)]);
}
