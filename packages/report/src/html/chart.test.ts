import { madeArm } from '../fixture.ts';
import { type Chart, drawChart } from './chart.ts';
import { densityChart, maskNames } from './density.ts';
import { chartPoints, measuredMetrics } from './page-data.ts';
import { tradeoffChart } from './tradeoff.ts';

const chart: Chart = {
  label: 'y against x',
  xTitle: 'x',
  yTitle: 'y',
  series: [
    {
      name: 'a',
      style: 0,
      points: [
        { x: 2, y: 10, yBar: [8, 12], tip: ['a', 'ten'] },
        { x: 1, y: 20, tip: ['a', 'twenty'] },
      ],
    },
    { name: 'b <', style: 9, points: [{ x: 3, y: 15, tip: ['b'] }] },
  ],
  rules: [{ x: 2.5, text: 'here' }],
};

const place = (svg: string, tip: string) => {
  const [, x, y] = new RegExp(`aria-label="${tip}" data-x="([\\d.]+)" data-y="([\\d.]+)"`).exec(svg) ?? [];
  return { x: Number(x), y: Number(y) };
};

test('points lie in proportion within the frame, the line goes by rising x', () => {
  const { markup } = drawChart(chart, { width: 400, height: 300 });
  const [ten, twenty, b] = ['a, ten', 'a, twenty', 'b'].map((tip) => place(markup, tip));
  expect(ten.x - twenty.x).toBeCloseTo(b.x - ten.x, 0);
  expect(b.y).toBeCloseTo((ten.y + twenty.y) / 2, 0);
  for (const { x, y } of [ten, twenty, b]) expect(x > 40 && x < 390 && y > 25 && y < 260).toBe(true);
  expect(markup).toContain(`d="M${twenty.x} ${twenty.y}L${ten.x} ${ten.y}"`);
  const bar = new RegExp(`M${ten.x} ([\\d.]+)V([\\d.]+)`).exec(markup);
  expect((Number(bar?.[1]) + Number(bar?.[2])) / 2).toBeCloseTo(ten.y, 0);
  expect(markup).toContain('>here</text>');
});

test('a hidden series is not drawn and the others stay where they are', () => {
  const all = drawChart(chart, { width: 400, height: 300 }).markup;
  const less = drawChart(chart, { width: 400, height: 300 }, new Set(['b <'])).markup;
  expect(all).toContain('data-series="b &lt;"');
  expect(less).not.toContain('data-series="b &lt;"');
  expect(place(less, 'a, ten')).toEqual(place(all, 'a, ten'));
});

test('of many places only some are named', () => {
  const places = Array.from({ length: 33 }, (_, i) => `layer3.${i}`);
  const series = [{ name: 'a', style: 0, points: places.map((name, x) => ({ x, y: 0.5, tip: [name] })) }];
  const { markup } = drawChart({ ...chart, places, series, rules: [] }, { width: 400, height: 300 });
  const named = places.filter((name) => markup.includes(`>${name}</text>`));
  expect(named[0]).toBe('layer3.0');
  expect(named.length).toBeLessThan(8);
});

const runs = [...madeArm('rbf', 50), ...madeArm('zeros', 48)];
const data = { metrics: ['AP', 'AP50'], points: chartPoints(runs, ['rbf', 'zeros']), reference: 150e6 };

test('the trade-off has an arm a series at its means with deviations; single seeds and the baseline on demand', () => {
  const drawn = tradeoffChart(
    { ...data, baseline: { label: 'dense', metrics: { AP: 66 }, macs: 150e6 } },
    { metric: 'AP', taps: 'direct' },
  );
  expect(drawn.series.map(({ name, style }) => [name, style])).toEqual([
    ['rbf', 0],
    ['zeros', 1],
    ['dense', -1],
  ]);
  // Seeds 1, 2, 3 give 61, 62, 63 at 60 million.
  expect(drawn.series[0].points[0]).toEqual({
    x: 60,
    y: 62,
    xBar: [60, 60],
    yBar: [61, 63],
    tip: ['rbf sparseWeight=0.2', 'AP 62.0 ± 1.0', '60.0 ± 0.0 M MACs', '3 seeds'],
  });
  expect(drawn.rules).toEqual([{ x: 150, text: 'dense' }]);
  const seeds = tradeoffChart(data, { metric: 'AP50', taps: 'separable', seeds: true });
  expect(seeds.series.filter(({ faint }) => faint).map(({ points }) => points.length)).toEqual([6, 6]);
  expect(seeds.series[0].points[0].y).toBe(71);
});

test('large networks are counted in billions', () => {
  const drawn = tradeoffChart({ ...data, reference: 250e9 }, { metric: 'AP', taps: 'direct' });
  expect(drawn.xTitle).toContain('billions');
  expect(drawn.series[0].points[0].x).toBeCloseTo(0.06);
});

test('densities by block: means over seeds, bars from the lowest to the highest seed', () => {
  expect(maskNames(data.points)).toEqual(['mask1', 'mask2']);
  const other = structuredClone(data.points);
  other[0].seeds[0].densities['layer1.0'].mask1 = 0.2;
  const drawn = densityChart(other, 'mask1', 'sparseWeight=0.2');
  expect(drawn.places).toEqual(['layer1.0', 'layer2.0']);
  expect(drawn.series[0].points[0]).toMatchObject({ x: 0, yBar: [0.2, 0.5] });
  expect(drawn.series[0].points[0].y).toBeCloseTo(0.4);
  expect(drawn.series[1].points[1].x).toBe(1);
  expect(drawn.series[1].points[1].y).toBeCloseTo(0.7);
});

test('metrics without ground truth are left out, claimed ones come first', () => {
  const some = runs.map((run) => ({ ...run, metrics: { ...run.metrics, APl: -1 } }));
  expect(measuredMetrics(some, ['AP50'])).toEqual(['AP50', 'AP']);
  expect(measuredMetrics([])).toEqual([]);
});
