// Speed-ups of one case: what the multiply-adds promise, what the clock says, and how much of the promise that is.
import type { SpeedupPoint } from '@stint/report';
import type { MeasuredVariant, Measurement } from './measurement.ts';
import { ratios, type Summary, summarise } from './summary.ts';

export interface Speedup {
  variant: MeasuredVariant;
  time: Summary;
  /** MACs of the dense network over this one's, interpolation with 49 taps and with 14; 1 for dense engines. */
  theory: { direct: number; separable: number };
  /** Median time of our dense network, and of the fastest dense engine, over this one's. */
  overDense: number;
  overFastest: number;
  /** overDense / theory.direct. */
  share: number;
}

export type Rival = 'dense' | 'fastest-dense' | 'fastest-other';

/** Every variant of a case, as it was measured. */
export function speedupsOf(measurement: Measurement): Speedup[] {
  const dense = rivalOf(measurement, 'dense')!;
  const fastest = rivalOf(measurement, 'fastest-dense')!;
  return measurement.variants.map((variant) => {
    const time = summarise(variant.ms);
    const theory = { direct: dense.work.direct / variant.work.direct, separable: dense.work.direct / variant.work.separable };
    const overDense = summarise(dense.ms).median / time.median;
    return { variant, time, theory, overDense, overFastest: summarise(fastest.ms).median / time.median, share: overDense / theory.direct };
  });
}

/** The variant that others are compared with: our dense network, or the dense engine (ours among them, or not) of the least median. */
export function rivalOf({ variants }: Measurement, rival: Rival): MeasuredVariant | undefined {
  const candidates = variants.filter(({ engine }) => {
    if (rival === 'dense') return engine === 'dense';
    return engine !== 'sampled' && (rival === 'fastest-dense' || engine !== 'dense');
  });
  return candidates.sort((a, b) => summarise(a.ms).median - summarise(b.ms).median)[0];
}

/** The sampled network at a density with masks like trained ones, or with its own masks when no density is given. */
export function sampledAt({ variants }: Measurement, density: number | undefined): MeasuredVariant | undefined {
  return variants.find((variant) => variant.engine === 'sampled' && variant.density === density && variant.masks !== 'white');
}

/** How many times as fast `variant` is as `rival`: ratio of the medians, and the quartiles of the ratios round by round. */
export function timesAsFast(variant: MeasuredVariant, rival: MeasuredVariant): { value: number; q1: number; q3: number } {
  const { q1, q3 } = ratios(rival.ms, variant.ms);
  return { value: summarise(rival.ms).median / summarise(variant.ms).median, q1, q3 };
}

const FORMS = { trained: 'masks like trained ones', white: 'white-noise masks', own: 'masks of its own' };

/** The sampled variants as points of the plot; those with masks like trained ones are joined. */
export function speedupPoints(measurements: readonly Measurement[]): SpeedupPoint[] {
  return measurements.flatMap((one) =>
    speedupsOf(one).flatMap(({ variant: { masks }, theory, overDense, overFastest }) => {
      if (!masks) return [];
      const fill = `${one.threads} thread${one.threads === 1 ? '' : 's'}`;
      const line = masks === 'trained' ? one.name : undefined;
      return [{ group: one.network, line, form: FORMS[masks], fill, theory: theory.direct, realised: { overDense, overFastest } }];
    }),
  );
}
