import { type SpeedupPoint, speedupPlot, speedupSpec } from './speedup-plot.ts';

const point = (theory: number, realised: number, more: Partial<SpeedupPoint> = {}): SpeedupPoint => ({
  group: 'resnet101',
  line: 'a',
  form: 'like trained',
  fill: '1 thread',
  theory,
  realised: { dense: realised, fastest: realised * 0.9 },
  ...more,
});
const options = { title: 'Speed', panels: { dense: 'against ours', fastest: 'against the fastest' } };

test('an SVG with both panels, the diagonal, and a mark a point and panel', async () => {
  const points = [
    point(1, 0.9),
    point(2, 1.8),
    point(2.2, 1.7, { line: undefined, form: 'white noise' }),
    point(3, 2.6, { fill: '2 threads' }),
  ];
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
  const svg = await speedupPlot(points, options);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
  expect(svg).toMatch(/^<svg /);
  for (const text of [
    'against ours',
    'against the fastest',
    'theoretical speed-up',
    'white noise',
    'hollow: 1 thread, filled: 2 threads',
    'Speed',
  ])
    expect(svg).toContain(text);
  expect(svg.match(/stroke-dasharray="4,4"/g)).toHaveLength(2);
  expect(svg.match(/aria-roledescription="point"/g)).toHaveLength(2 * points.length);
});

test('both axes reach as far as the largest value of any of them; the subtitle says what filled means', () => {
  const domains = JSON.stringify(speedupSpec([point(1.2, 3.3)], options)).match(/"domain":\[[^\]]*\]/g);
  expect(speedupSpec([point(1, 1)], options).title).toEqual({ text: 'Speed', subtitle: '1 thread' });
  const three = ['1', '2', '3'].map((fill) => point(1, 1, { fill }));
  expect(speedupSpec(three, options).title).toMatchObject({ subtitle: 'from hollow to filled: 1, 2, 3' });
  expect(new Set(domains)).toEqual(new Set(['"domain":[0.5,3.5]']));
  // Slower than half as fast: .9 of .37 is the least.
  expect(JSON.stringify(speedupSpec([point(1.2, 0.37)], options))).toContain('"domain":[0.3,1.5]');
});
