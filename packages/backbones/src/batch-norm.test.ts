import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { batchNorm, EPSILON } from './batch-norm.ts';

/** Batch norm and the gradients of sum(upstream * y), in float64, straight from the definition. */
function reference(x: number[][], scale: number[], shift: number[], upstream: number[][]) {
  const m = x.length;
  return scale.map((gamma, c) => {
    const column = x.map((row) => row[c]);
    const dy = upstream.map((row) => row[c]);
    const mean = column.reduce((a, b) => a + b, 0) / m;
    const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / m;
    const inv = 1 / Math.sqrt(variance + EPSILON);
    const normalised = column.map((value) => (value - mean) * inv);
    const dShift = dy.reduce((a, b) => a + b, 0);
    const dScale = dy.reduce((a, b, i) => a + b * normalised[i], 0);
    const dx = dy.map((b, i) => gamma * inv * (b - dShift / m - (normalised[i] * dScale) / m));
    return { y: normalised.map((value) => gamma * value + shift[c]), dx, dScale, dShift, mean, unbiased: (variance * m) / (m - 1) };
  });
}

test('values, gradients and running statistics equal a float64 computation, also far from mean 0', () => {
  const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const scene = fc.record({
    size: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 5 })),
    channels: fc.integer({ min: 1, max: 4 }),
    offset: real(-20, 20),
    seed: fc.integer({ min: 1, max: 1e6 }),
  });
  fc.assert(
    fc.property(scene, ({ size: [n, h, w], channels, offset, seed }) => {
      tf.tidy(() => {
        const x = tf.add(tf.randomNormal([n, h, w, channels], 0, 1, 'float32', seed), offset) as tf.Tensor4D;
        const scale = tf.randomNormal([channels], 1, 0.3, 'float32', seed + 1) as tf.Tensor1D;
        const shift = tf.randomNormal([channels], 0, 1, 'float32', seed + 2) as tf.Tensor1D;
        const upstream = tf.randomNormal(x.shape, 0, 1, 'float32', seed + 3);
        const running = { mean: tf.zeros([channels]) as tf.Tensor1D, variance: tf.ones([channels]) as tf.Tensor1D };
        const updates: { mean: number[]; variance: number[] }[] = [];
        const apply = (x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) =>
          batchNorm(x as tf.Tensor4D, scale as tf.Tensor1D, shift as tf.Tensor1D, running, 0.1, ({ mean, variance }) => {
            updates.push({ mean: Array.from(mean.dataSync()), variance: Array.from(variance.dataSync()) });
            tf.dispose([mean, variance]);
          });
        const y = apply(x, scale, shift);
        const [dx, dScale, dShift] = tf.grads(apply)([x, scale, shift], upstream);
        const rows = (tensor: tf.Tensor) => tf.reshape(tensor, [-1, channels]).arraySync() as number[][];
        const want = reference(rows(x), Array.from(scale.dataSync()), Array.from(shift.dataSync()), rows(upstream));
        const m = n * h * w;
        // float32 keeps 2^-24 |offset| of x; variance of few values can be small and magnify it.
        want.forEach((channel, c) => {
          const tolerance = (size: number) => 1e-4 * size + (4e-5 * (1 + Math.abs(offset))) / Math.sqrt(channel.unbiased + EPSILON) ** 2;
          rows(y).forEach((row, i) => {
            expect(Math.abs(row[c] - channel.y[i])).toBeLessThan(tolerance(Math.abs(channel.y[i])));
            expect(Math.abs(rows(dx)[i][c] - channel.dx[i])).toBeLessThan(m * tolerance(1 + Math.abs(channel.dx[i])));
          });
          expect(Math.abs(dScale.dataSync()[c] - channel.dScale)).toBeLessThan(m * tolerance(1));
          expect(dShift.dataSync()[c]).toBeCloseTo(channel.dShift, 3);
          expect(updates[0].mean[c]).toBeCloseTo(0.1 * channel.mean, 4);
          expect(updates[0].variance[c]).toBeCloseTo(0.9 + 0.1 * channel.unbiased, 4);
        });
      });
    }),
    { numRuns: 40 },
  );
});

test('one value a channel is refused', () => {
  const one = tf.ones([1]) as tf.Tensor1D;
  expect(() => batchNorm(tf.ones([1, 1, 1, 1]), one, one, { mean: one, variance: one }, 0.1, () => {})).toThrow(
    'one value a channel in [1,1,1,1]',
  );
});
