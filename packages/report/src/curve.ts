// A metric-against-MACs curve of one arm and one seed, and the difference of two curves where both are defined.
// Arms are compared at EQUAL MACs, never at equal loss weight: the weight moves each arm to another density.
import { measured, type ReportRun, type TapCount } from './runs.ts';

export interface CurvePoint {
  macs: number;
  value: number;
}

/** Points of one arm and seed by rising MACs; runs without the metric have none. Equal MACs are merged to their mean, so that the curve is a function. */
export function curveOf(runs: readonly ReportRun[], metric: string, taps: TapCount): CurvePoint[] {
  const byMacs = new Map<number, number[]>();
  for (const run of runs) {
    const macs = run.macs.total[taps].mean;
    const value = measured(run, metric);
    if (value !== undefined) byMacs.set(macs, [...(byMacs.get(macs) ?? []), value]);
  }
  return [...byMacs]
    .map(([macs, values]) => ({ macs, value: values.reduce((a, b) => a + b, 0) / values.length }))
    .sort((a, b) => a.macs - b.macs);
}

/** Value of the piecewise linear curve at `macs`, which must lie within it. */
export function valueAt(curve: readonly CurvePoint[], macs: number): number {
  const above = curve.findIndex((point) => point.macs >= macs);
  if (above < 0) throw new RangeError(`valueAt: ${macs} MACs lies beyond the curve, which ends at ${curve.at(-1)?.macs}`);
  const high = curve[above];
  if (high.macs === macs) return high.value;
  if (above === 0) throw new RangeError(`valueAt: ${macs} MACs lies before the curve, which starts at ${high.macs}`);
  const low = curve[above - 1];
  return low.value + ((macs - low.macs) / (high.macs - low.macs)) * (high.value - low.value);
}

export interface CurveDifference {
  /** Mean of (a - b) over the shared MACs, by the trapezoid rule on the union of both curves' knots. */
  difference: number;
  from: number;
  to: number;
}

/** Mean vertical distance of two curves over the MACs that both cover; undefined where they share none. */
export function curveDifference(a: readonly CurvePoint[], b: readonly CurvePoint[]): CurveDifference | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  const from = Math.max(a[0].macs, b[0].macs);
  const to = Math.min(a.at(-1)!.macs, b.at(-1)!.macs);
  if (from > to) return undefined;
  if (from === to) return { difference: valueAt(a, from) - valueAt(b, from), from, to };
  const knots = [...new Set([from, to, ...[...a, ...b].map((point) => point.macs).filter((macs) => macs > from && macs < to)])].sort(
    (x, y) => x - y,
  );
  let area = 0;
  for (let i = 1; i < knots.length; i++) {
    const left = valueAt(a, knots[i - 1]) - valueAt(b, knots[i - 1]);
    const right = valueAt(a, knots[i]) - valueAt(b, knots[i]);
    area += ((left + right) / 2) * (knots[i] - knots[i - 1]);
  }
  return { difference: area / (to - from), from, to };
}
