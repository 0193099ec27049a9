// The metric-against-MACs plot of an experiment as SVG: a curve an arm, error bars over seeds (vega-lite).
import type { TopLevelSpec } from 'vega-lite';
import { groupIntoPoints, type ReportRun, sweepLabel, type TapCount } from './runs.ts';
import { mean, standardDeviation } from './statistics.ts';
import { svgOf } from './svg.ts';

export interface PlotOptions {
  title: string;
  metric?: string;
  taps?: TapCount;
  width?: number;
  height?: number;
}

/** Vega-lite specification of the plot; also usable in an interactive page. */
export function metricMacsSpec(
  runs: readonly ReportRun[],
  { title, metric = 'AP', taps = 'direct', width = 560, height = 360 }: PlotOptions,
): TopLevelSpec {
  const values = groupIntoPoints(runs).map(({ arm, sweep, runs: group }) => {
    const ys = group.map((run) => run.metrics[metric]);
    const xs = group.map((run) => run.macs.total[taps].mean / 1e6);
    const [x, y, sx, sy] = [mean(xs), mean(ys), standardDeviation(xs), standardDeviation(ys)];
    return { arm, swept: sweepLabel(sweep), seeds: group.length, x, y, xLow: x - sx, xHigh: x + sx, yLow: y - sy, yHigh: y + sy };
  });
  const scale = { zero: false, nice: true } as const;
  const x = {
    field: 'x',
    type: 'quantitative',
    scale,
    title: `backbone MACs an image, millions (${taps === 'direct' ? 49 : 14} taps)`,
  } as const;
  const y = { field: 'y', type: 'quantitative', scale, title: metric } as const;
  const color = { field: 'arm', type: 'nominal', title: 'arm', sort: null } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title,
    width,
    height,
    background: 'white',
    data: { values },
    layer: [
      { mark: { type: 'line', strokeWidth: 1.5 }, encoding: { x, y, color, order: { field: 'x', type: 'quantitative' } } },
      { mark: { type: 'rule', opacity: 0.6 }, encoding: { x, y: { ...y, field: 'yLow' }, y2: { field: 'yHigh' }, color } },
      { mark: { type: 'rule', opacity: 0.6 }, encoding: { y, x: { ...x, field: 'xLow' }, x2: { field: 'xHigh' }, color } },
      {
        mark: { type: 'point', filled: true, size: 60 },
        encoding: {
          x,
          y,
          color,
          shape: { field: 'arm', type: 'nominal', sort: null },
          tooltip: [{ field: 'arm' }, { field: 'swept' }, { field: 'x' }, { field: 'y' }],
        },
      },
    ],
  };
}

/** The plot as a self-contained SVG document. */
export async function metricMacsPlot(runs: readonly ReportRun[], options: PlotOptions): Promise<string> {
  return svgOf(metricMacsSpec(runs, options));
}
