// Density by layer: a chart for each mask, blocks from the image to the output, an arm a line at one sweep value. Bars span the
// seeds: some networks open a mask wholly or not at all, and a deviation around the mean would leave the range from 0 to 1.
import { mean } from '../statistics.ts';
import type { Chart } from './chart.ts';
import type { PointData } from './page-data.ts';

/** Masks that any block has, in order: `mask1`, `mask2`. */
export function maskNames(points: readonly PointData[]): string[] {
  return [
    ...new Set(
      points.flatMap(({ seeds }) => seeds.flatMap(({ densities }) => Object.values(densities).flatMap((block) => Object.keys(block)))),
    ),
  ].sort();
}

export function densityChart(points: readonly PointData[], mask: string, swept: string): Chart {
  const own = points.filter((point) => point.swept === swept);
  const blocks = [...new Set(own.flatMap(({ seeds }) => seeds.flatMap(({ densities }) => Object.keys(densities))))];
  const title = mask.replace(/(\d+)$/, ' $1');
  return {
    label: `Density of ${title} by block${swept && `, ${swept}`}`,
    xTitle: 'block',
    yTitle: `density of ${title}`,
    places: blocks,
    yDomain: { low: 0, high: 1.04 },
    series: own.map(({ arm, style, seeds }) => ({
      name: arm,
      style,
      points: blocks.flatMap((block, x) => {
        const values = seeds.flatMap(({ densities }) => densities[block]?.[mask] ?? []);
        if (values.length === 0) return [];
        const y = mean(values);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        const seedsText = values.length > 1 ? [`seeds from ${low.toFixed(2)} to ${high.toFixed(2)}`] : [];
        const tip = [`${arm}${swept && ` ${swept}`}`, `${block}, ${title}`, `density ${y.toFixed(2)}`, ...seedsText];
        return [{ x, y, yBar: [low, high] as const, tip }];
      }),
    })),
  };
}
