// The chart of a metric over MACs: an arm a line, means over seeds with one standard deviation both ways.
import type { TapCount } from '../runs.ts';
import { mean, standardDeviation } from '../statistics.ts';
import type { Chart, ChartSeries } from './chart.ts';
import type { ChartData, PointData } from './page-data.ts';

export interface TradeoffChoice {
  metric: string;
  taps: TapCount;
  /** Also draw each seed. */
  seeds?: boolean;
}

export interface MacUnit {
  name: string;
  letter: string;
  size: number;
}

/** Millions, or billions where that many are spent. */
export function macUnit(largest: number): MacUnit {
  return largest >= 2e9 ? { name: 'billions', letter: 'G', size: 1e9 } : { name: 'millions', letter: 'M', size: 1e6 };
}

export function tradeoffChart({ points, reference, baseline }: ChartData, { metric, taps, seeds = false }: TradeoffChoice): Chart {
  const unit = macUnit(Math.max(reference ?? 0, ...points.flatMap((point) => point.seeds.map((seed) => seed.macs[taps]))));
  const arms = [...new Set(points.map((point) => point.arm))];
  const groups = arms.map((arm) => points.filter((point) => point.arm === arm));
  const series: ChartSeries[] = groups.map((group) => ({
    name: group[0].arm,
    style: group[0].style,
    points: group.map((point) => meanPoint(point, metric, taps, unit)),
  }));
  if (seeds) {
    const single = groups.map(
      (group): ChartSeries => ({
        name: group[0].arm,
        style: group[0].style,
        faint: true,
        points: group.flatMap((point) => seedPoints(point, metric, taps, unit)),
      }),
    );
    series.unshift(...single);
  }
  const rules = reference === undefined ? [] : [{ x: reference / unit.size, text: 'dense' }];
  if (baseline && metric in baseline.metrics) {
    const [x, y] = [baseline.macs / unit.size, baseline.metrics[metric]];
    series.push({
      name: baseline.label,
      style: BASELINE_STYLE,
      points: [{ x, y, tip: [baseline.label, `${metric} ${y.toFixed(1)}`, `${x.toFixed(1)} ${unit.letter} MACs`] }],
    });
  }
  return {
    label: `${metric} against MACs, ${arms.length} arms`,
    xTitle: `backbone MACs an image, ${unit.name}`,
    yTitle: metric,
    series,
    rules,
  };
}

/** The dense network is no arm: it is drawn in the text's colour. */
export const BASELINE_STYLE = -1;

function meanPoint({ arm, swept, seeds }: PointData, metric: string, taps: TapCount, unit: MacUnit) {
  const xs = seeds.map((seed) => seed.macs[taps] / unit.size);
  const ys = seeds.map((seed) => seed.metrics[metric]);
  const [x, y, xError, yError] = [mean(xs), mean(ys), standardDeviation(xs), standardDeviation(ys)];
  const spread = (value: number, error: number) => `${value.toFixed(1)}${seeds.length > 1 ? ` ± ${error.toFixed(1)}` : ''}`;
  const count = `${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}`;
  const tip = [`${arm}${swept && ` ${swept}`}`, `${metric} ${spread(y, yError)}`, `${spread(x, xError)} ${unit.letter} MACs`, count];
  return seeds.length > 1 ? { x, y, xBar: [x - xError, x + xError] as const, yBar: [y - yError, y + yError] as const, tip } : { x, y, tip };
}

function seedPoints({ arm, swept, seeds }: PointData, metric: string, taps: TapCount, unit: MacUnit) {
  return seeds.map(({ seed, metrics, macs }) => {
    const [x, y] = [macs[taps] / unit.size, metrics[metric]];
    return {
      x,
      y,
      tip: [`${arm}${swept && ` ${swept}`}, seed ${seed}`, `${metric} ${y.toFixed(1)}`, `${x.toFixed(1)} ${unit.letter} MACs`],
    };
  });
}
