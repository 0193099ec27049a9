// Density by layer: a chart for each mask, blocks from the image to the output, an arm a line at one sweep value. Bars span the
// seeds: some networks open a mask wholly or not at all, and a deviation around the mean would leave the range from 0 to 1.
import { mergedOrder } from '../merged-order.ts';
import { mean } from '../statistics.ts';
import type { Chart } from './chart.ts';
import type { PointData } from './page-data.ts';
import { isAtSwept, sweptSteps } from './steps.ts';

/** Masks that any block has, in order: `mask1`, `mask2`. */
export function maskNames(points: readonly PointData[]): string[] {
  return [
    ...new Set(
      points.flatMap(({ seeds }) => seeds.flatMap(({ densities }) => Object.values(densities).flatMap((block) => Object.keys(block)))),
    ),
  ].sort();
}

/** Points whose networks have masks. */
export const sampledPoints = (points: readonly PointData[]): PointData[] =>
  points.filter(({ seeds }) => seeds.some(({ densities }) => Object.keys(densities).length > 0));

/** Swept values at which there is something to see. */
export const densitySweeps = (points: readonly PointData[]): string[] => sweptSteps(sampledPoints(points));

export function densityChart(points: readonly PointData[], mask: string, swept: string): Chart {
  const own = points.filter((point) => isAtSwept(point.swept, swept));
  const blocks = mergedOrder(own.flatMap(({ seeds }) => seeds.map(({ densities }) => Object.keys(densities))));
  const title = mask.replace(/(\d+)$/, ' $1');
  return {
    label: `Density of ${title} by block${swept && `, ${swept}`}`,
    xTitle: 'block',
    yTitle: `density of ${title}`,
    places: blocks,
    yDomain: { low: 0, high: 1.04 },
    series: own.map(({ arm, style, swept: at, seeds }) => ({
      name: arm,
      style,
      points: blocks.flatMap((block, x) => {
        const values = seeds.flatMap(({ densities }) => densities[block]?.[mask] ?? []);
        if (values.length === 0) return [];
        const y = mean(values);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const seedsText = values.length > 1 ? [`seeds from ${low.toFixed(2)} to ${high.toFixed(2)}`] : [];
        const tip = [`${arm}${at && ` ${at}`}`, `${block}, ${title}`, `density ${y.toFixed(2)}`, ...seedsText];
        return [{ x, y, yBar: [low, high] as const, tip }];
      }),
    })),
  };
}
