// convolve, maxPool3x3, finish and narrowConv3x3 against plain loops or TensorFlow's own operations.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { channelSum, finish } from './activation.ts';
import { convolve, maxPool3x3, subsample } from './convolve.ts';
import { narrowConv3x3 } from './mask-heads.ts';

const normal = (shape: [number, number, number, number], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed) as tf.Tensor4D;
const worst = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);

/** Convolution or maximum over windows with padding k//2, by loops. */
function windows(
  x: tf.Tensor4D,
  size: number,
  stride: number,
  visit: (out: number[], y: number, x: number, tap: number, pixel: number[]) => void,
  channels: number,
) {
  const [n, h, w] = x.shape;
  const values = x.arraySync();
  const radius = size >> 1;
  const [rows, columns] = [Math.floor((h - 1) / stride) + 1, Math.floor((w - 1) / stride) + 1];
  const out = Array.from({ length: n }, (_, b) =>
    Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, j) => {
        const cell = new Array(channels).fill(0);
        for (let t = 0; t < size * size; t++) {
          const [y, x] = [i * stride + Math.floor(t / size) - radius, j * stride + (t % size) - radius];
          if (y >= 0 && y < h && x >= 0 && x < w) visit(cell, y, x, t, values[b][y][x]);
        }
        return cell;
      }),
    ),
  );
  return tf.tensor4d(out);
}

const scene = fc.record({
  size: fc.constantFrom(1, 3, 5, 7),
  stride: fc.constantFrom(1, 2),
  h: fc.integer({ min: 1, max: 9 }),
  w: fc.integer({ min: 1, max: 9 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

test("convolve is PyTorch's convolution with padding k//2, in values and gradients", () => {
  fc.assert(
    fc.property(scene, ({ size, stride, h, w, seed }) => {
      const [x, filter] = [normal([2, h, w, 3], seed), normal([size, size, 3, 2], seed + 1)];
      const taps = tf.reshape(filter, [size * size, 3, 2]).arraySync() as number[][][];
      const want = windows(
        x,
        size,
        stride,
        (out, _y, _x, t, pixel) => {
          for (const [c, v] of pixel.entries()) for (const o of out.keys()) out[o] += v * taps[t][c][o];
        },
        2,
      );
      const got = convolve(x, filter, stride);
      expect(got.shape).toEqual(want.shape);
      expect(worst(got, want)).toBeLessThan(1e-4);
      // The operation is linear in each argument: <dy, f(v)> = <gradient, v>.
      const dy = normal(want.shape, seed + 2);
      const [dx, dw] = tf.grads((x, w) => convolve(x as tf.Tensor4D, w as tf.Tensor4D, stride))([x, filter], dy);
      const inner = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.mul(a, b)).dataSync()[0];
      const [vx, vw] = [normal(x.shape, seed + 3), normal(filter.shape, seed + 4)];
      expect(inner(dx, vx)).toBeCloseTo(inner(dy, convolve(vx, filter, stride)), 2);
      expect(inner(dw, vw)).toBeCloseTo(inner(dy, convolve(x, vw, stride)), 2);
    }),
    { numRuns: 60 },
  );
});

test('maxPool3x3 and subsample, odd and even sizes', () => {
  fc.assert(
    fc.property(scene, ({ h, w, seed }) => {
      const x = tf.relu(normal([1, h, w, 2], seed));
      const largest = windows(
        x,
        3,
        2,
        (out, _y, _x, _t, pixel) => {
          for (const [c, v] of pixel.entries()) out[c] = Math.max(out[c], v);
        },
        2,
      );
      expect(worst(maxPool3x3(x), largest)).toBe(0);
      const every = windows(
        x,
        1,
        2,
        (out, _y, _x, _t, pixel) => {
          for (const [c, v] of pixel.entries()) out[c] = v;
        },
        2,
      );
      expect(worst(subsample(x, 2), every)).toBe(0);
    }),
    { numRuns: 40 },
  );
});

test('narrowConv3x3 is the 3x3 convolution, an output channel after another, in values and gradients', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(1, 2, 3),
      fc.integer({ min: 1, max: 1e6 }),
      (h, w, outputs, seed) => {
        const [x, filter] = [normal([2, h, w, 5], seed), normal([3, 3, 5, outputs], seed + 1)];
        const plain = (x: tf.Tensor, f: tf.Tensor) => tf.transpose(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same'), [3, 0, 1, 2]);
        const narrow = (x: tf.Tensor, f: tf.Tensor) => narrowConv3x3(x as tf.Tensor4D, f as tf.Tensor4D);
        expect(worst(narrow(x, filter), plain(x, filter))).toBeLessThan(1e-4);
        const dy = normal([outputs, 2, h, w], seed + 2);
        const [got, want] = [tf.grads(narrow)([x, filter], dy), tf.grads(plain)([x, filter], dy)];
        got.forEach((gradient, i) => {
          expect(worst(gradient, want[i])).toBeLessThan(1e-3);
        });
      },
    ),
    { numRuns: 40 },
  );
});

test('finish: every combination equals the plain operations, in values and gradients, and survives the loss of z', () => {
  const [z, residual, dy] = [normal([2, 3, 4, 5], 1), normal([2, 3, 4, 5], 2), normal([2, 3, 4, 5], 3)];
  const bias = tf.randomNormal([5], 0, 1, 'float32', 4) as tf.Tensor1D;
  for (const withBias of [false, true])
    for (const withResidual of [false, true])
      for (const activate of [false, true]) {
        const inputs = [z, ...(withBias ? [bias] : []), ...(withResidual ? [residual] : [])];
        const parts = (rest: tf.Tensor[]) => ({
          bias: withBias ? (rest[0] as tf.Tensor1D) : undefined,
          residual: withResidual ? (rest.at(-1) as tf.Tensor4D) : undefined,
        });
        const fused = (z: tf.Tensor, ...rest: tf.Tensor[]) => {
          const own = tf.mul(z, 1) as tf.Tensor4D;
          const y = finish(own, { ...parts(rest), activate });
          own.dispose();
          return y;
        };
        const plain = (z: tf.Tensor, ...rest: tf.Tensor[]) => {
          const sum = tf.addN([z, ...rest.map((part) => tf.add(tf.zerosLike(z), part))]);
          return activate ? tf.relu(sum) : sum;
        };
        expect(worst(fused(z, ...inputs.slice(1)), plain(z, ...inputs.slice(1)))).toBeLessThan(1e-6);
        const [got, want] = [tf.grads(fused)(inputs, dy), tf.grads(plain)(inputs, dy)];
        got.forEach((gradient, i) => {
          expect(worst(gradient, want[i])).toBeLessThan(1e-5);
        });
      }
});

test('channelSum', () => {
  const x = normal([2, 3, 4, 5], 1);
  expect(worst(channelSum(x), tf.sum(x, [0, 1, 2]))).toBeLessThan(1e-5);
});

test('errors', () => {
  expect(() => convolve(normal([1, 4, 4, 3], 1), normal([3, 3, 2, 1], 1))).toThrow('filter [3,3,2,1] does not match features [1,4,4,3]');
  expect(() => convolve(normal([1, 4, 4, 3], 1), normal([2, 2, 3, 1], 1))).toThrow('give an odd square one');
});
