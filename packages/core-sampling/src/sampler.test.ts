import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { blueNoiseThresholds, voidAndCluster } from './blue-noise.ts';
import { uniformValues } from './counter.ts';
import { withGridPrior } from './grid-prior.ts';
import { regularGrid } from './regular-grid.ts';
import { density, sampleList } from './sample-list.ts';
import { type Sampler, type SamplerKind, sampleMask } from './sampler.ts';

type Shape = [number, number, number, number];
const KINDS: SamplerKind[] = ['stochastic', 'deterministic', 'random', 'uniform', 'blue-noise', 'activation', 'dense'];
const probabilities = (shape: Shape) => tf.tensor4d(uniformValues(shape[0] * shape[1] * shape[2], [3]), shape);

test.each(KINDS)('%s: exactly 0 or 1, the grid set, same key same mask', (kind) => {
  fc.assert(
    fc.property(
      fc.record({ n: fc.integer({ min: 1, max: 3 }), h: fc.integer({ min: 1, max: 20 }), w: fc.integer({ min: 1, max: 20 }) }),
      fc.integer({ min: 0, max: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(fc.integer(), { minLength: 1, maxLength: 4 }),
      ({ n, h, w }, interval, share, key) => {
        tf.tidy(() => {
          const pi = probabilities([n, h, w, 1]);
          const sampler: Sampler = { kind, interval, key, density: share };
          const scores = tf.sub(0, pi) as tf.Tensor4D;
          const mask = sampleMask(pi, sampler, scores);
          expect(mask.shape).toEqual([n, h, w, 1]);
          const values = mask.dataSync();
          values.forEach((value, i) => {
            const [y, x] = [Math.floor(i / w) % h, i % w];
            if (interval > 0 && y % interval === 0 && x % interval === 0) expect(value).toBe(1);
            else expect(value === 0 || value === 1).toBe(true);
          });
          expect(sampleMask(pi, sampler, scores).dataSync()).toEqual(values);
        });
      },
    ),
    { numRuns: 25, seed: 1 },
  );
});

test.each(['stochastic', 'blue-noise'] as const)('%s: P(M = 1) is pi, position by position', (kind) => {
  const shape: Shape = [1, 8, 8, 1];
  const pi = tf.tensor4d(
    Float32Array.from({ length: 64 }, (_, i) => i / 63),
    shape,
  );
  const draws = 3000;
  const counts = new Float64Array(64);
  for (let step = 0; step < draws; step++) {
    tf.tidy(() => sampleMask(pi, { kind, interval: 0, key: [11, step] }).dataSync()).forEach((value, i) => {
      counts[i] += value;
    });
  }
  counts.forEach((count, i) => {
    const p = i / 63;
    expect(Math.abs(count / draws - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / draws));
  });
});

test('different keys give different masks; the images of a batch differ', () => {
  const pi = tf.fill([2, 16, 16, 1], 0.5) as tf.Tensor4D;
  for (const kind of ['stochastic', 'blue-noise', 'random'] as const) {
    const a = sampleMask(pi, { kind, interval: 0, key: [0, 1], density: 0.5 }).dataSync();
    const b = sampleMask(pi, { kind, interval: 0, key: [0, 2], density: 0.5 }).dataSync();
    expect(a).not.toEqual(b);
    expect(a.slice(0, 256)).not.toEqual(a.slice(256));
  }
});

test('random and uniform ignore pi', () => {
  for (const kind of ['random', 'uniform'] as const) {
    const sampler: Sampler = { kind, interval: 0, key: [1], density: 0.35 };
    const a = sampleMask(tf.zeros([1, 40, 40, 1]), sampler);
    const b = sampleMask(tf.ones([1, 40, 40, 1]), sampler);
    expect(a.dataSync()).toEqual(b.dataSync());
    expect(Math.abs(density(a) - 0.35)).toBeLessThan(0.05);
  }
});

test('activation keeps the strongest positions of each image, the first of equal ones', () => {
  const pi = tf.ones([2, 2, 3, 1]) as tf.Tensor4D;
  const scores = tf.tensor4d([5, 1, 4, 4, 2, 3, 0, 0, 7, 0, 0, 0], [2, 2, 3, 1]);
  const mask = (density: number) => Array.from(sampleMask(pi, { kind: 'activation', interval: 0, density }, scores).dataSync());
  expect(mask(1 / 3)).toEqual([1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0]);
  expect(mask(0.5)).toEqual([1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0]);
  expect(mask(0)).toEqual(new Array(12).fill(0));
});

test("density 'matched' is the mean of pi, image by image", () => {
  const pi = tf.concat([tf.fill([1, 30, 30, 1], 0.2), tf.fill([1, 30, 30, 1], 0.7)]) as tf.Tensor4D;
  for (const kind of ['random', 'uniform', 'activation'] as const) {
    const scores = probabilities([2, 30, 30, 1]);
    const shares = tf.mean(sampleMask(pi, { kind, interval: 0, key: [2], density: 'matched' }, scores), [1, 2, 3]).dataSync();
    expect(Math.abs(shares[0] - 0.2)).toBeLessThan(0.05);
    expect(Math.abs(shares[1] - 0.7)).toBeLessThan(0.05);
  }
});

test('the regular grid holds its density and has even gaps', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 8, max: 60 }),
      fc.integer({ min: 8, max: 60 }),
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      (h, w, d) => {
        const cells = regularGrid(h, w, d);
        const total = cells.reduce((a, b) => a + b, 0);
        const rows = Array.from({ length: h }, (_, y) => cells.subarray(y * w, (y + 1) * w)).flatMap((row, y) =>
          row.some(Boolean) ? [y] : [],
        );
        expect(Math.abs(total - d * h * w)).toBeLessThanOrEqual(rows.length / 2 + 1e-6); // the nearest whole number of columns
        const gaps = rows.slice(1).map((y, i) => y - rows[i]);
        if (gaps.length > 0) expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 100, seed: 2 },
  );
  expect(regularGrid(5, 5, 0)).toEqual(new Float32Array(25));
  expect(regularGrid(5, 5, 1)).toEqual(new Float32Array(25).fill(1));
});

test('void and cluster gives a permutation with little power at low frequencies', () => {
  const size = 32;
  const ranks = voidAndCluster(size, 1.9, [1]);
  expect(Array.from(ranks).sort((a, b) => a - b)).toEqual(Array.from({ length: size * size }, (_, i) => i));
  for (const share of [0.1, 0.3, 0.5, 0.8]) {
    const points = Array.from(ranks, (rank) => (rank < share * size * size ? 1 : 0));
    // White noise of this density has power p(1-p) per cell at every frequency.
    const white = share * (1 - share);
    let total = 0;
    for (let fy = 0; fy <= 2; fy++) for (let fx = fy === 0 ? 1 : 0; fx <= 2; fx++) total += power(points, size, fy, fx);
    expect(total / 8).toBeLessThan(0.1 * white);
  }
});

test('blue noise leaves fewer empty windows than white noise at equal density', () => {
  const pi = tf.fill([1, 64, 64, 1], 0.05) as tf.Tensor4D;
  const empty = (kind: SamplerKind) => {
    let total = 0;
    for (let step = 0; step < 8; step++) {
      const mask = sampleMask(pi, { kind, interval: 0, key: [5, step] });
      total += tf
        .maxPool(mask, 7, 1, 'same')
        .dataSync()
        .filter((value) => value === 0).length;
    }
    return total / (8 * 64 * 64);
  };
  expect(empty('blue-noise')).toBeLessThan(empty('stochastic') / 2);
});

test('thresholds lie in [0,1)', () => {
  const thresholds = blueNoiseThresholds(2, 70, 65, [1]);
  expect(thresholds.every((value) => value >= 0 && value < 1)).toBe(true);
});

test('the grid prior keeps soft values elsewhere and returns the same mask at interval 0', () => {
  const mask = probabilities([2, 5, 7, 1]);
  expect(withGridPrior(mask, 0)).toBe(mask);
  const [before, after] = [mask.dataSync(), withGridPrior(mask, 3).dataSync()];
  after.forEach((value, i) => {
    const onGrid = (Math.floor(i / 7) % 5) % 3 === 0 && (i % 7) % 3 === 0;
    expect(value).toBe(onGrid ? 1 : before[i]);
  });
});

test('sampleList holds the flat positions in ascending order; density their share', () => {
  const mask = tf.tensor4d([0, 1, 0, 0.5, 0, 1], [1, 2, 3, 1]);
  expect(sampleList(mask)).toEqual(Int32Array.from([1, 3, 5]));
  expect(density(mask)).toBe(0.5);
  expect(sampleList(tf.zeros([1, 2, 2, 1]))).toEqual(new Int32Array(0));
});

test('errors name the values and the way out', () => {
  const pi = tf.zeros([1, 4, 4, 1]) as tf.Tensor4D;
  expect(() => sampleMask(pi, { kind: 'stochastic', interval: 0 })).toThrow("sampler 'stochastic' needs a noise key");
  expect(() => sampleMask(pi, { kind: 'uniform', interval: 0 })).toThrow("sampler 'uniform' needs a density");
  expect(() => sampleMask(pi, { kind: 'random', interval: 0, key: [1], density: 1.5 })).toThrow(
    'density is 1.5; give a number from 0 to 1',
  );
  expect(() => sampleMask(pi, { kind: 'activation', interval: 0, density: 0.5 })).toThrow(
    'has scores [undefined] for probabilities [1,4,4,1]',
  );
  expect(() => sampleMask(pi, { kind: 'dense', interval: -1 })).toThrow('withGridPrior: interval is -1');
  expect(() => sampleMask(pi, { kind: 'none' as SamplerKind, interval: 0 })).toThrow("unknown kind 'none'");
  expect(() => sampleMask(tf.zeros([4, 4, 1]) as unknown as tf.Tensor4D, { kind: 'dense', interval: 0 })).toThrow('[N,H,W,1]');
});

test('no tensor is left behind', () => {
  const pi = probabilities([1, 8, 8, 1]);
  const before = tf.memory().numTensors;
  for (const kind of KINDS) sampleMask(pi, { kind, interval: 3, key: [1], density: 0.3 }, pi).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

/** |DFT|^2 / cells at one frequency. */
function power(points: number[], size: number, fy: number, fx: number): number {
  let re = 0;
  let im = 0;
  points.forEach((value, i) => {
    const angle = (2 * Math.PI * (fy * Math.floor(i / size) + fx * (i % size))) / size;
    re += value * Math.cos(angle);
    im += value * Math.sin(angle);
  });
  return (re * re + im * im) / points.length;
}
