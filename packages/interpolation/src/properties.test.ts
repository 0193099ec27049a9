// Interpolation against its definition written out as loops in float64, on random shapes; finite differences; the cut of the window.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { type InterpolationSpec, interpolate } from './interpolate.ts';
import { rbfRadius } from './kernel.ts';

type Shape = [number, number, number, number];

/** Deterministic values in [-1,1) from a seed. */
function values(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const t = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (t - Math.floor(t)) - 1;
  });
}

/** OUT by the definition. `weight(dy, dx, c)`: the kernel; `normalise`: divide by its sum over the mask + 1e-5. */
function oracle(
  features: Float32Array,
  mask: Float32Array,
  [n, h, w, c]: Shape,
  radius: number,
  weight: (dy: number, dx: number, channel: number) => number,
  normalise: boolean,
  emptyMean = false,
): Float64Array {
  const out = new Float64Array(features.length);
  const sampleMean = (b: number, k: number) => {
    let [total, count] = [0, 0];
    for (let cell = b * h * w; cell < (b + 1) * h * w; cell++) {
      total += mask[cell] * features[cell * c + k];
      count += mask[cell];
    }
    return total / Math.max(count, 1e-5);
  };
  for (let b = 0; b < n; b++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        for (let k = 0; k < c; k++) {
          let sum = emptyMean ? 1e-5 * sampleMean(b, k) : 0;
          let norm = 1e-5;
          for (let dy = -radius; dy <= radius; dy++)
            for (let dx = -radius; dx <= radius; dx++) {
              const [yy, xx] = [y + dy, x + dx];
              if (yy < 0 || yy >= h || xx < 0 || xx >= w) continue;
              const cell = (b * h + yy) * w + xx;
              sum += weight(dy, dx, k) * mask[cell] * features[cell * c + k];
              norm += weight(dy, dx, k) * mask[cell];
            }
          const cell = (b * h + y) * w + x;
          const filled = normalise ? sum / norm : sum;
          out[cell * c + k] = mask[cell] * features[cell * c + k] + (1 - mask[cell]) * filled;
        }
  return out;
}

const shapes = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 4 }),
);
const cases = fc.record({
  shape: shapes,
  seed: fc.integer({ min: 1, max: 1000 }),
  radius: fc.integer({ min: 0, max: 4 }),
  sigma: fc.double({ min: 0.3, max: 4, noNaN: true }),
  soft: fc.boolean(),
});

function inputs(shape: Shape, seed: number, soft: boolean) {
  const features = values(shape[0] * shape[1] * shape[2] * shape[3], seed);
  const mask = values(shape[0] * shape[1] * shape[2], seed + 1).map((v) => (soft ? (v + 1) / 2 : v > 0 ? 1 : 0));
  return { features, mask, f: tf.tensor4d(features, shape), m: tf.tensor4d(mask, [shape[0], shape[1], shape[2], 1]) };
}

function expectNear(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    if (!(Math.abs(got[i] - want[i]) <= tolerance)) throw new Error(`element ${i}: ${got[i]}, expected ${want[i]}`);
  }
}

test('rbf, average and convolution follow their definitions', () => {
  fc.assert(
    fc.property(cases, ({ shape, seed, radius, sigma, soft }) => {
      tf.tidy(() => {
        const { features, mask, f, m } = inputs(shape, seed, soft);
        const window = 2 * radius + 1;
        const gaussian = (dy: number, dx: number) =>
          ((sigma * sigma) / (2 * Math.PI)) * Math.exp(-0.5 * sigma * sigma * (dy * dy + dx * dx));
        const rbf = oracle(features, mask, shape, radius, gaussian, true);
        expectNear(interpolate(f, m, { kind: 'rbf', window, sigma: tf.scalar(sigma) }).dataSync(), rbf, 1e-5);
        expectNear(interpolate(f, m, { kind: 'rbf', window, sigma }).dataSync(), rbf, 1e-4); // the cut window
        const withMean = oracle(features, mask, shape, radius, gaussian, true, true);
        expectNear(interpolate(f, m, { kind: 'rbf', window, sigma: tf.scalar(sigma), empty: 'mean' }).dataSync(), withMean, 1e-5);
        expectNear(interpolate(f, m, { kind: 'rbf', window, sigma, empty: 'mean' }).dataSync(), withMean, 1e-4); // the cut window
        const average = interpolate(f, m, { kind: 'average', window }).dataSync();
        expectNear(
          average,
          oracle(features, mask, shape, radius, () => 1, true),
          1e-5,
        );
        const filter = values(window * window * shape[3], seed + 2);
        const weight = (dy: number, dx: number, c: number) => filter[((dy + radius) * window + dx + radius) * shape[3] + c];
        const spec: InterpolationSpec = { kind: 'convolution', window, filter: tf.tensor4d(filter, [window, window, shape[3], 1]) };
        expectNear(interpolate(f, m, spec).dataSync(), oracle(features, mask, shape, radius, weight, false), 1e-4);
      });
    }),
    { numRuns: 60, seed: 3 },
  );
});

test('support hard: M F + (1 - M) Fhat with Fhat over the points whose mask is at least 1/2, and its gradients', () => {
  const shape: Shape = [2, 6, 5, 2];
  const { features, mask, f, m } = inputs(shape, 11, true);
  const sampled = mask.map((value) => (value >= 0.5 ? value : 0));
  const gaussian = (dy: number, dx: number) => (1 / (2 * Math.PI)) * Math.exp(-0.5 * (dy * dy + dx * dx));
  for (const [spec, weight] of [
    [{ kind: 'rbf', window: 5, sigma: tf.scalar(1), support: 'hard' }, gaussian],
    [{ kind: 'average', window: 5, support: 'hard' }, () => 1],
  ] as [InterpolationSpec, (dy: number, dx: number) => number][]) {
    const filled = oracle(features, sampled, shape, 2, weight, true);
    const wanted = filled.map((value, i) => {
      const at = Math.floor(i / shape[3]);
      return sampled[at] > 0 ? value : mask[at] * features[i] + (1 - mask[at]) * value;
    });
    expectNear(interpolate(f, m, spec).dataSync(), wanted, 1e-5);
    const hard = tf.tensor4d(mask.map(Math.round), m.shape);
    const soft = { ...spec, support: undefined } as InterpolationSpec;
    expectNear(interpolate(f, hard, spec).dataSync(), interpolate(f, hard, soft).dataSync(), 0);
    // The gradient of a mask below 1/2 is what computing its point changes; of the others, finite differences (away from the jump at 1/2).
    const upstream = tf.tensor4d(values(features.length, 17), shape);
    const loss = (x: tf.Tensor4D) => tf.sum(tf.mul(interpolate(f, x, spec), upstream));
    const gradient = tf
      .grad((x) => loss(x as tf.Tensor4D))(m)
      .dataSync();
    for (const cell of [0, 7, 13, 22, 31, 44, 59]) {
      const step = Float32Array.from(mask, (_, i) => (i === cell ? 1e-3 : 0));
      const moved = (sign: number) => loss(tf.add(m, tf.mul(tf.tensor4d(step, m.shape), sign)) as tf.Tensor4D).dataSync()[0];
      expect(gradient[cell]).toBeCloseTo((moved(1) - moved(-1)) / 2e-3, 2);
      if (sampled[cell] > 0) continue;
      const change = [0, 1].map((c) => 2 * cell + c).map((i) => upstream.dataSync()[i] * (features[i] - filled[i]));
      expect(gradient[cell]).toBeCloseTo(change[0] + change[1], 4);
    }
  }
  const wrong = { kind: 'rbf', window: 5, sigma: 1, support: 'firm' } as unknown as InterpolationSpec;
  expect(() => interpolate(f, m, wrong)).toThrow("support is 'firm'; give soft or hard");
});

test('a hard mask: sampled points are kept exactly, empty windows are 0', () => {
  const shape: Shape = [1, 15, 15, 2];
  const { f } = inputs(shape, 5, false);
  const cells = new Float32Array(225);
  cells[0] = 1;
  const m = tf.tensor4d(cells, [1, 15, 15, 1]);
  const far = ((0.7 * 0.7) / (2 * Math.PI)) * Math.exp(-0.5 * 0.7 * 0.7 * 18); // the kernel between (0,0) and (3,3)
  for (const [spec, kernel] of [
    [{ kind: 'rbf', window: 7, sigma: 0.7 }, far],
    [{ kind: 'average', window: 7 }, 1],
  ] as [InterpolationSpec, number][]) {
    const out = interpolate(f, m, spec).arraySync();
    const kept = f.arraySync()[0][0][0];
    expect(out[0][0][0]).toEqual(kept);
    expect(out[0][3][3][0] / kept[0]).toBeCloseTo(kernel / (kernel + 1e-5), 5); // the only sample of the window
    expect(out[0][4][0]).toEqual([0, 0]);
    expect(out[0][14][14]).toEqual([0, 0]);
  }
});

test("empty 'mean': an empty window is the mean of the samples; interpolation then commutes with affine maps everywhere", () => {
  const shape: Shape = [2, 15, 15, 2];
  const { f } = inputs(shape, 5, false);
  const cells = new Float32Array(450);
  for (const cell of [0, 1, 16]) cells[cell] = 1; // samples of the first image, in its corner; none in the second
  const m = tf.tensor4d(cells, [2, 15, 15, 1]);
  const matrix = tf.tensor4d([1, 2, -1, 0.5, 3, 0.25], [1, 1, 2, 3]);
  const affine = (x: tf.Tensor4D) => tf.add(tf.conv2d(x, matrix, 1, 'same'), [1, -2, 3]) as tf.Tensor4D;
  for (const spec of [
    { kind: 'rbf', window: 7, sigma: 3, empty: 'mean' },
    { kind: 'average', window: 7, empty: 'mean' },
  ] as InterpolationSpec[]) {
    const out = interpolate(f, m, spec).arraySync();
    const samples = [out[0][0][0], out[0][0][1], out[0][1][1]];
    for (const c of [0, 1]) expect(out[0][14][14][c]).toBeCloseTo((samples[0][c] + samples[1][c] + samples[2][c]) / 3, 5);
    expect(out[1][3][3]).toEqual([0, 0]);
    const [before, after] = [interpolate(affine(f), m, spec), affine(interpolate(f, m, spec))];
    const first = (x: tf.Tensor4D) => tf.slice(x, 0, [1, -1, -1, -1]).dataSync();
    expectNear(first(before), first(after), 1e-4);
  }
});

test('zeros and reuse', () => {
  const { f, m } = inputs([2, 4, 5, 3], 7, true);
  const source = tf.tensor4d(values(120, 8), [2, 4, 5, 3]);
  const [fs, ms, ss] = [f.dataSync(), m.dataSync(), source.dataSync()];
  expectNear(
    interpolate(f, m, { kind: 'zeros' }).dataSync(),
    fs.map((v, i) => v * ms[Math.floor(i / 3)]),
    1e-7,
  );
  const mixed = fs.map((v, i) => v * ms[Math.floor(i / 3)] + ss[i] * (1 - ms[Math.floor(i / 3)]));
  expectNear(interpolate(f, m, { kind: 'reuse', source }).dataSync(), mixed, 1e-6);
  const gradient = tf.grad((s: tf.Tensor) => tf.sum(interpolate(f, m, { kind: 'reuse', source: s as tf.Tensor4D })))(source);
  expectNear(
    gradient.dataSync(),
    fs.map((_, i) => 1 - ms[Math.floor(i / 3)]),
    1e-6,
  );
});

const differentiated = ['rbf', 'average', 'convolution', 'reuse', 'zeros', 'rbf mean', 'average mean'] as const;

describe.each(differentiated)('gradients of %s by finite differences', (name) => {
  const [kind, empty] = name.split(' ') as [InterpolationSpec['kind'], 'mean' | undefined];
  const shape: Shape = [2, 5, 6, 2];
  const { f, m } = inputs(shape, 11, true);
  const extra =
    kind === 'rbf'
      ? tf.scalar(1.2)
      : kind === 'convolution'
        ? tf.tensor4d(values(18, 4), [3, 3, 2, 1])
        : tf.tensor4d(values(120, 4), shape);
  const upstream = tf.tensor4d(values(120, 9), shape);
  const specOf = (e: tf.Tensor): InterpolationSpec => {
    if (kind === 'rbf') return { kind, window: 3, sigma: e, empty };
    if (kind === 'convolution') return { kind, window: 3, filter: e as tf.Tensor4D };
    if (kind === 'reuse') return { kind, source: e as tf.Tensor4D };
    return kind === 'average' ? { kind, window: 3, empty } : { kind: 'zeros' };
  };
  const loss = (...[a, b, e]: tf.Tensor[]) =>
    tf.sum(tf.mul(interpolate(a as tf.Tensor4D, b as tf.Tensor4D, specOf(e)), upstream)) as tf.Scalar;
  const takesExtra = kind !== 'average' && kind !== 'zeros';
  const names = ['features', 'mask', ...(takesExtra ? ['its own parameter'] : [])];

  test.each(names.map((name, i) => [name, i] as const))('wrt %s', (_name, which) => {
    const all = [f, m, extra];
    const gradient = tf.grad((x: tf.Tensor) => loss(...all.map((t, i) => (i === which ? x : t))))(all[which]);
    expect(gradient.shape).toEqual(all[which].shape);
    const direction = tf.tensor(values(all[which].size, 21), all[which].shape);
    const step = 2e-3;
    const at = (sign: number) => loss(...all.map((t, i) => (i === which ? tf.add(t, tf.mul(direction, sign * step)) : t))).dataSync()[0];
    const numeric = (at(1) - at(-1)) / (2 * step);
    const analytic = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
    expect(Math.abs(numeric - analytic)).toBeLessThan(5e-3 * Math.max(1, Math.abs(analytic)));
  });
});

test('a sigma variable of shape [1] or [] learns; its gradient has its shape', () => {
  const { f, m } = inputs([1, 6, 6, 3], 2, true);
  for (const shape of [[], [1]]) {
    const sigma = tf.variable(tf.fill(shape, 3));
    const { grads } = tf.variableGrads(() => tf.sum(interpolate(f, m, { kind: 'rbf', window: 7, sigma })) as tf.Scalar, [sigma]);
    expect(grads[sigma.name].shape).toEqual(shape);
    expect(grads[sigma.name].dataSync()[0]).not.toBe(0);
    sigma.dispose();
  }
});

test('the window is cut where the kernel falls below 1e-8 of its value at a neighbour', () => {
  expect(rbfRadius(7, 3)).toBe(2);
  expect(rbfRadius(7, 0.7)).toBe(3);
  expect(rbfRadius(1, 3)).toBe(0);
  expect(rbfRadius(7, 100)).toBe(1);
  for (const sigma of [0.5, 1, 2, 3, 5]) {
    const radius = rbfRadius(99, sigma);
    const ratio = (d: number) => Math.exp((-sigma * sigma * (d * d - 1)) / 2);
    expect(ratio(radius)).toBeGreaterThanOrEqual(1e-8);
    expect(ratio(radius + 1)).toBeLessThan(1e-8);
  }
});

test('no tensor is left behind, forward or backward', () => {
  const { f, m } = inputs([2, 6, 6, 3], 2, true);
  const sigma = tf.tensor1d([2]);
  const filter = tf.ones([3, 3, 3, 1]) as tf.Tensor4D;
  const before = tf.memory().numTensors;
  for (const spec of [
    { kind: 'rbf', window: 5, sigma },
    { kind: 'average', window: 5 },
    { kind: 'rbf', window: 5, sigma, empty: 'mean' },
    { kind: 'average', window: 5, empty: 'mean' },
    { kind: 'convolution', window: 3, filter },
  ] as InterpolationSpec[]) {
    interpolate(f, m, spec).dispose();
    tf.dispose(tf.grads((a: tf.Tensor, b: tf.Tensor) => interpolate(a as tf.Tensor4D, b as tf.Tensor4D, spec))([f, m]));
    expect(tf.memory().numTensors).toBe(before);
  }
});

test('errors name the operation, the shapes and the way out', () => {
  const f = tf.zeros([1, 16, 16, 64]) as tf.Tensor4D;
  const m = tf.zeros([1, 16, 16, 1]) as tf.Tensor4D;
  expect(() => interpolate(f, tf.zeros([1, 32, 32, 1]), { kind: 'zeros' })).toThrow(
    'interpolate: mask [1,32,32,1] does not match features [1,16,16,64]',
  );
  expect(() => interpolate(f, m, { kind: 'average', window: 4 })).toThrow('window 4; give an odd whole number');
  expect(() => interpolate(f, m, { kind: 'rbf', window: 7, sigma: 0 })).toThrow('sigma is 0');
  expect(() => interpolate(f, m, { kind: 'rbf', window: 7, sigma: tf.ones([2]) })).toThrow('sigma is a tensor of shape [2]');
  expect(() => interpolate(f, m, { kind: 'convolution', window: 7, filter: tf.ones([7, 7, 32, 1]) })).toThrow('give [7,7,64,1]');
  expect(() => interpolate(f, m, { kind: 'reuse', source: tf.ones([1, 16, 16, 32]) })).toThrow('source [1,16,16,32]');
  expect(() => interpolate(f, m, { kind: 'average', window: 3, empty: 'nearest' } as unknown as InterpolationSpec)).toThrow(
    "empty is 'nearest'; give zero or mean",
  );
  expect(() => interpolate(f, m, { kind: 'cubic' } as unknown as InterpolationSpec)).toThrow("unknown kind 'cubic'");
});
