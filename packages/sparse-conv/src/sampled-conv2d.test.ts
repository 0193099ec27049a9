import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { outputSize, sampledPositions, tapIndices } from './positions.ts';
import { type SampledConvOptions, sampledConv2d } from './sampled-conv2d.ts';

/** Deterministic values in [-1,1) from a seed. */
function values(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const t = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (t - Math.floor(t)) - 1;
  });
}

const random = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
  tf.tensor(
    values(
      (shape as number[]).reduce((a, b) => a * b, 1),
      seed,
    ),
    shape,
  );

/** The dense convolution that the sampled one must equal at sampled positions. tfjs pads 'same' unevenly at stride 2, hence tf.pad. */
function dense(x: tf.Tensor4D, filter: tf.Tensor4D, mask: tf.Tensor4D, { stride = 1, bias, activation }: SampledConvOptions): tf.Tensor4D {
  const p = filter.shape[0] >> 1;
  const padded = tf.pad(x, [
    [0, 0],
    [p, p],
    [p, p],
    [0, 0],
  ]);
  let y = tf.conv2d(padded, filter, stride, 'valid');
  if (bias) y = tf.add(y, bias);
  if (activation === 'relu') y = tf.relu(y);
  return tf.mul(y, mask);
}

interface Case {
  shape: [number, number, number, number];
  kernel: number;
  stride: number;
  outChannels: number;
  density: number;
  withBias: boolean;
  activation: 'linear' | 'relu';
  seed: number;
}

function build({ shape, kernel, stride, outChannels, density, withBias, activation, seed }: Case) {
  const [n, h, w, c] = shape;
  const maskShape: [number, number, number, number] = [n, outputSize(h, stride), outputSize(w, stride), 1];
  const cells = values(maskShape[0] * maskShape[1] * maskShape[2], seed + 3).map((v) => ((v + 1) / 2 < density ? 1 : 0));
  return {
    x: random<tf.Rank.R4>(shape, seed),
    filter: random<tf.Rank.R4>([kernel, kernel, c, outChannels], seed + 1),
    mask: tf.tensor4d(cells, maskShape),
    options: { stride, activation, ...(withBias ? { bias: random<tf.Rank.R1>([outChannels], seed + 2) } : {}) },
  };
}

const cases: fc.Arbitrary<Case> = fc.record({
  shape: fc.tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 5 }),
  ) as fc.Arbitrary<[number, number, number, number]>,
  kernel: fc.constantFrom(1, 3, 5, 7),
  stride: fc.constantFrom(1, 2, 3),
  outChannels: fc.integer({ min: 1, max: 6 }),
  density: fc.constantFrom(0, 0.1, 0.35, 0.7, 1),
  withBias: fc.boolean(),
  activation: fc.constantFrom('linear', 'relu'),
  seed: fc.integer({ min: 1, max: 10000 }),
});

function expectNear(got: tf.Tensor, want: tf.Tensor, tolerance: number): void {
  expect(got.shape).toEqual(want.shape);
  const [a, b] = [got.dataSync(), want.dataSync()];
  for (let i = 0; i < b.length; i++) {
    if (!(Math.abs(a[i] - b[i]) <= tolerance)) throw new Error(`element ${i}: ${a[i]}, expected ${b[i]}`);
  }
}

test('equals the dense convolution times the mask, with all gradients', () => {
  fc.assert(
    fc.property(cases, (example) => {
      tf.tidy(() => {
        const { x, filter, mask, options } = build(example);
        const want = dense(x, filter, mask, options);
        const upstream = random(want.shape, example.seed + 9);
        const got = sampledConv2d(x, filter, mask, options);
        expectNear(got, want, 2e-5);
        const unsampled = tf.sum(tf.abs(tf.mul(got, tf.sub(1, mask)))).dataSync()[0];
        expect(unsampled).toBe(0);
        const inputs: tf.Tensor[] = options.bias ? [x, filter, options.bias] : [x, filter];
        const gradients = (convolve: typeof dense) =>
          tf.grads((...args: tf.Tensor[]) => {
            const [a, b, c] = args as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D?];
            return convolve(a, b, mask, { ...options, bias: c });
          })(inputs, upstream);
        const wanted = gradients(dense);
        gradients(sampledConv2d).forEach((gradient, i) => {
          expectNear(gradient, wanted[i], 1e-4);
        });
      });
    }),
    { numRuns: 150, seed: 4 },
  );
});

describe('gradients by finite differences', () => {
  const { x, filter, mask, options } = build({
    shape: [2, 7, 6, 3],
    kernel: 3,
    stride: 2,
    outChannels: 4,
    density: 0.6,
    withBias: true,
    activation: 'linear',
    seed: 5,
  });
  const inputs = [x, filter, options.bias as tf.Tensor];
  const loss = (args: tf.Tensor[]) => {
    const [a, b, c] = args as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D];
    // A square makes the loss depend on the values, so that a wrong scale cannot hide.
    return tf.sum(tf.square(sampledConv2d(a, b, mask, { ...options, bias: c }))) as tf.Scalar;
  };
  test.each(['x', 'filter', 'bias'].map((name, i) => [name, i] as const))('wrt %s', (_name, which) => {
    const replaced = (t: tf.Tensor) => inputs.map((input, i) => (i === which ? t : input));
    const gradient = tf.grad((t: tf.Tensor) => loss(replaced(t)))(inputs[which]);
    const direction = random(inputs[which].shape, 31);
    const step = 5e-3;
    const at = (sign: number) => loss(replaced(tf.add(inputs[which], tf.mul(direction, sign * step)))).dataSync()[0];
    const numeric = (at(1) - at(-1)) / (2 * step);
    const analytic = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
    expect(Math.abs(analytic)).toBeGreaterThan(0.1);
    expect(Math.abs(numeric - analytic)).toBeLessThan(5e-3 * Math.max(1, Math.abs(analytic)));
  });
});

test('an empty mask gives zeros and zero gradients; bias does not leak', () => {
  const { x, filter, options } = build({
    shape: [1, 5, 5, 2],
    kernel: 3,
    stride: 1,
    outChannels: 3,
    density: 1,
    withBias: true,
    activation: 'relu',
    seed: 6,
  });
  const empty = tf.zeros([1, 5, 5, 1]) as tf.Tensor4D;
  expect(sampledConv2d(x, filter, empty, options).dataSync()).toEqual(new Float32Array(75));
  const grads = tf.grads((a: tf.Tensor, b: tf.Tensor) => sampledConv2d(a as tf.Tensor4D, b as tf.Tensor4D, empty, options))([x, filter]);
  for (const gradient of grads) expect(gradient.dataSync().every((value) => value === 0)).toBe(true);
});

test('unsampled inputs outside every window are not read', () => {
  const x = tf.tensor4d([1, 2, Number.NaN, 3], [1, 1, 4, 1]);
  const mask = tf.tensor4d([1, 0, 0, 0], [1, 1, 4, 1]);
  const out = sampledConv2d(x, tf.ones([3, 3, 1, 1]), mask).dataSync();
  expect(Array.from(out)).toEqual([3, 0, 0, 0]);
});

test('the mask only selects: a soft value neither scales nor learns', () => {
  const { x, filter } = build({
    shape: [1, 4, 4, 2],
    kernel: 1,
    stride: 1,
    outChannels: 2,
    density: 1,
    withBias: false,
    activation: 'linear',
    seed: 7,
  });
  const soft = tf.fill([1, 4, 4, 1], 0.3) as tf.Tensor4D;
  expect(sampledConv2d(x, filter, soft).dataSync()).toEqual(sampledConv2d(x, filter, tf.onesLike(soft)).dataSync());
  expect(() => tf.grad((m: tf.Tensor) => sampledConv2d(x, filter, m as tf.Tensor4D))(soft)).toThrow('Cannot compute gradient');
});

test('index lists', () => {
  expect(outputSize(7, 2)).toBe(4);
  expect(outputSize(8, 2)).toBe(4);
  expect(outputSize(1, 2)).toBe(1);
  expect(sampledPositions([0, 1, 0.5, 0])).toEqual(Int32Array.from([1, 2]));
  const geometry = { batch: 1, height: 2, width: 3, outHeight: 1, outWidth: 2, kernel: 3, stride: 2 };
  // Output (0,1) looks at columns 1..3 and rows -1..1; 6 stands for the padding.
  expect(tapIndices(Int32Array.from([1]), geometry)).toEqual(Int32Array.from([6, 6, 6, 1, 2, 6, 4, 5, 6]));
});

test('no tensor is left behind, forward or backward', () => {
  const { x, filter, mask, options } = build({
    shape: [1, 6, 6, 2],
    kernel: 3,
    stride: 1,
    outChannels: 3,
    density: 0.5,
    withBias: true,
    activation: 'relu',
    seed: 8,
  });
  const before = tf.memory().numTensors;
  sampledConv2d(x, filter, mask, options).dispose();
  tf.dispose(tf.grads((a: tf.Tensor, b: tf.Tensor) => sampledConv2d(a as tf.Tensor4D, b as tf.Tensor4D, mask, options))([x, filter]));
  expect(tf.memory().numTensors).toBe(before);
});

test('errors name the operation, the shapes and the way out', () => {
  const x = tf.zeros([2, 9, 8, 4]) as tf.Tensor4D;
  const filter = tf.zeros([3, 3, 4, 5]) as tf.Tensor4D;
  const mask = (h: number, w: number) => tf.zeros([2, h, w, 1]) as tf.Tensor4D;
  expect(() => sampledConv2d(x, filter, mask(9, 8), { stride: 2 })).toThrow(
    'sampledConv2d: mask [2,9,8,1] does not match the output of x [2,9,8,4] at stride 2; give [2,5,4,1]',
  );
  expect(() => sampledConv2d(x, tf.zeros([3, 3, 5, 5]), mask(9, 8))).toThrow('filter [3,3,5,5] does not match x [2,9,8,4]');
  expect(() => sampledConv2d(x, tf.zeros([2, 2, 4, 5]), mask(9, 8))).toThrow('odd k');
  expect(() => sampledConv2d(x, filter, mask(9, 8), { bias: tf.zeros([4]) })).toThrow('bias [4] does not match filter [3,3,4,5]; give [5]');
  expect(() => sampledConv2d(x, filter, mask(9, 8), { stride: 0 })).toThrow('stride is 0');
  expect(() => sampledConv2d(x, filter, mask(9, 8), { activation: 'gelu' as 'relu' })).toThrow("unknown activation 'gelu'");
  expect(() => sampledConv2d(tf.zeros([9, 8, 4]) as unknown as tf.Tensor4D, filter, mask(9, 8))).toThrow('x has shape [9,8,4]');
});
