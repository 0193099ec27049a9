import { resnetLayout } from '@stint/backbones/plain';
import fc from 'fast-check';
import { smoothField } from './field.ts';
import { autocorrelation, correlation, deviationWithin, lengthOf } from './field-statistics.ts';
import { makeMasks } from './masks.ts';
import { latencySchema } from './schema.ts';

const { masks } = latencySchema.parse({
  kind: 'latency',
  title: 't',
  networks: {},
  sizes: ['64x64'],
  densities: [1],
  threads: [1],
  rounds: 1,
});
const layout = resnetLayout({ stem: { kind: 'imagenet', width: 64 }, layers: [3, 1, 1, 1], planes: [64, 128, 256, 512] });
const size = [256, 384] as const; // the first blocks have maps of 64 x 96
const options = { density: 0.35, kind: 'trained', masks, seed: 1 } as const;
const mean = (mask: ArrayLike<number>) => Array.from(mask).reduce((a, b) => a + b, 0) / mask.length;
const maps = (height: number, width: number, list: ArrayLike<number>[]) => ({ height, width, values: list });

describe('smooth fields', () => {
  const fields = (length: number) =>
    maps(
      60,
      80,
      Array.from({ length: 30 }, (_, seed) => smoothField(60, 80, length, [seed])),
    );

  test.each([0, 2.2, 5])('length %d: mean 0, deviation 1, autocorrelation exp(-(r / length)^2)', (length) => {
    const made = fields(length);
    const all = made.values.flatMap((map) => Array.from(map));
    expect(Math.abs(mean(all))).toBeLessThan(0.05);
    expect(Math.sqrt(mean(all.map((value) => value * value)))).toBeCloseTo(1, 1);
    autocorrelation(made, 8).forEach((value, lag) => {
      expect(Math.abs(value - (length === 0 ? Number(lag === 0) : Math.exp(-((lag / length) ** 2))))).toBeLessThan(0.05);
    });
    if (length > 0) expect(Math.abs(lengthOf(autocorrelation(made, 12)) - length)).toBeLessThan(0.06 * length);
  });

  test('a pure function of the key, the same at the edges as inside', () => {
    expect(smoothField(5, 7, 3, [1])).toEqual(smoothField(5, 7, 3, [1]));
    expect(smoothField(5, 7, 3, [1])).not.toEqual(smoothField(5, 7, 3, [2]));
    const corner = Array.from({ length: 2000 }, (_, seed) => smoothField(3, 3, 4, [seed])[0]);
    expect(mean(corner.map((value) => value * value))).toBeCloseTo(1, 1);
  });
});

describe('masks', () => {
  test.each(['trained', 'white'] as const)('%s: the density that was asked for, in every block', (kind) => {
    for (const density of [0.1, 0.35, 0.75]) {
      for (const { mask1, mask2 } of Object.values(makeMasks(layout, size, { ...options, density, kind }))) {
        for (const mask of [mask1, mask2]) {
          // Five deviations of a Bernoulli mean.
          expect(Math.abs(mean(mask) - density)).toBeLessThan(5 * Math.sqrt((density * (1 - density)) / mask.length));
        }
      }
    }
  });

  test('sizes fit the blocks, the grid is sampled, everything at density 1, seeded', () => {
    const made = makeMasks(layout, size, { ...options, density: 0.1 });
    expect([made['layer2.0'].mask1.length, made['layer2.0'].mask2.length]).toEqual([64 * 96, 32 * 48]);
    for (let y = 0; y < 64; y += 11) for (let x = 0; x < 96; x += 11) expect(made['layer1.1'].mask2[y * 96 + x]).toBe(1);
    const everything = makeMasks(layout, [64, 96], { ...options, density: 1 });
    for (const { mask1, mask2 } of Object.values(everything)) expect([mean(mask1), mean(mask2)]).toEqual([1, 1]);
    expect(makeMasks(layout, [64, 96], options)).toEqual(makeMasks(layout, [64, 96], options));
    expect(makeMasks(layout, [64, 96], options)).not.toEqual(makeMasks(layout, [64, 96], { ...options, seed: 2 }));
  });

  test('trained ones hang together, those of one block are alike; white ones are not', () => {
    const blocks = ['layer1.0', 'layer1.1', 'layer1.2'];
    const of = (kind: 'trained' | 'white', mask: 'mask1' | 'mask2') => {
      const made = makeMasks(layout, size, { ...options, kind });
      return maps(
        64,
        96,
        blocks.map((name) => made[name][mask]),
      );
    };
    const [trained, white] = [of('trained', 'mask1'), of('white', 'mask1')];
    const [near, far] = [autocorrelation(trained, 12)[1], autocorrelation(trained, 12)[12]];
    expect(near).toBeGreaterThan(0.25);
    expect(Math.abs(far)).toBeLessThan(0.1);
    expect(Math.abs(autocorrelation(white, 1)[1])).toBeLessThan(0.04);
    expect(correlation(trained, of('trained', 'mask2'))).toBeGreaterThan(0.25);
    expect(Math.abs(correlation(white, of('white', 'mask2')))).toBeLessThan(0.05);
  });

  test('any small map and density: masks of 0 and 1, at least the grid', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(32, 64, 96),
        fc.double({ min: 0.02, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 9 }),
        (side, density, interval) => {
          const made = makeMasks(layout, [side, side], { ...options, density, masks: { ...masks, interval } });
          for (const { mask1, mask2 } of Object.values(made)) {
            for (const mask of [mask1, mask2]) {
              expect(mask.every((value) => value === 0 || value === 1)).toBe(true);
              if (interval > 0) expect(mask[0]).toBe(1);
            }
          }
        },
      ),
      { seed: 7, numRuns: 20 },
    );
  });
});

test('statistics of maps', () => {
  const ramp = maps(1, 4, [[0, 1, 2, 3]]);
  expect(deviationWithin(ramp)).toBeCloseTo(Math.sqrt(1.25), 12);
  expect(correlation(ramp, maps(1, 4, [[6, 4, 2, 0]]))).toBeCloseTo(-1, 12);
  expect(autocorrelation(ramp, 4)).toEqual([1, (1.5 * 0.5 - 0.25 + 0.75) / 3 / 1.25, expect.any(Number), expect.any(Number), 0]);
  expect(lengthOf([1, 0.5, 0.2])).toBeCloseTo(1 + (0.5 - Math.exp(-1)) / 0.3, 12);
  expect(lengthOf([1, 0.9])).toBe(Number.POSITIVE_INFINITY);
});
