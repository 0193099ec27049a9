// Medians, and densities where costs cross.
import fc from 'fast-check';
import { crossover, describeCrossover } from './crossover.ts';
import { median, ratios, summarise } from './summary.ts';

describe('summary', () => {
  test('median and quartiles as R and numpy have them', () => {
    expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, q1: 1.75, q3: 3.25, least: 1, count: 4 });
    expect(summarise([7])).toEqual({ median: 7, q1: 7, q3: 7, least: 7, count: 1 });
    expect(median([3, 1, 2])).toBe(2);
    expect(() => summarise([])).toThrow('no values');
  });

  test('half of the values lie on either side, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const { median: middle, q1, q3 } = summarise(values);
        expect(summarise([...values].reverse()).median).toBe(middle);
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(q1 <= middle && middle <= q3).toBe(true);
      }),
      { seed: 1 },
    );
  });

  test('what a round shares drops out of ratios', () => {
    expect(ratios([20, 200, 2000], [10, 100, 1000])).toEqual({ median: 2, q1: 2, q3: 2, least: 2, count: 3 });
  });
});

describe('crossover', () => {
  const line = (slope: number, base: number) => [0.1, 0.25, 0.5, 0.75].map((density) => ({ density, cost: base + slope * density }));

  test('on the lines between measured densities', () => {
    expect(crossover(line(100, 10), 50)).toEqual({ kind: 'at', density: expect.closeTo(0.4, 9) });
    const bent = [
      { density: 0.25, cost: 10 },
      { density: 0.5, cost: 20 },
      { density: 0.75, cost: 60 },
    ];
    expect(crossover(bent, 40)).toEqual({ kind: 'at', density: expect.closeTo(0.625, 9) });
  });

  test('beyond the last density on its line, without density 1 itself, where other paths are taken', () => {
    const points = [...line(100, 10), { density: 1, cost: 50 }];
    expect(crossover(points, 95)).toEqual({ kind: 'at', density: expect.closeTo(0.85, 9) });
    expect(crossover(points, 111)).toEqual({ kind: 'none' });
  });

  test('nowhere, below all, and not enough to say', () => {
    expect(crossover(line(0, 5), 10)).toEqual({ kind: 'none' });
    expect(crossover(line(100, 10), 20)).toEqual({ kind: 'below', density: 0.1 });
    expect(() =>
      crossover(
        [
          { density: 0.5, cost: 1 },
          { density: 1, cost: 2 },
        ],
        3,
      ),
    ).toThrow('1 densities below 1');
    const said = [crossover(line(100, 10), 50), crossover(line(100, 10), 20), crossover(line(0, 5), 10)].map(describeCrossover);
    expect(said).toEqual(['0.40', 'below 0.10', 'none below 1']);
  });

  test('of more than one crossing the first', () => {
    const wavy = [
      { density: 0.2, cost: 1 },
      { density: 0.4, cost: 3 },
      { density: 0.6, cost: 1 },
      { density: 0.8, cost: 3 },
    ];
    expect(crossover(wavy, 2)).toEqual({ kind: 'at', density: expect.closeTo(0.3, 9) });
  });
});
