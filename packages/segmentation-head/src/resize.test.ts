import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectClose, readFixture, relayout, type Tolerance } from '../../../tools/jest/fixtures.ts';
import { expectGradient } from '../../../tools/jest/gradient.ts';
import tolerances from '../fixtures/tolerances.json';
import { resizeBilinear, upsample } from './resize.ts';

const { tensors } = readFixture(path.join(__dirname, '../fixtures/ops.safetensors'));
const tolerance: Record<string, Tolerance> = tolerances;

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const values = (count: number, phase: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(3 * i + phase));

test.each(['12x18', '13x5', '3x4'])("to %s: torch's values", (name) => {
  const { data, shape } = relayout(tensors['resize/x'], 'NHWC');
  const [height, width] = name.split('x').map(Number);
  const key = `resize/bilinear_${name}_align0`;
  expectClose(
    resizeBilinear(tf.tensor4d(data, shape), [height, width]).dataSync(),
    relayout(tensors[key], 'NHWC').data,
    tolerance[key],
    key,
  );
});

/** The definition, one value at a time. */
function at(x: ArrayLike<number>, h: number, w: number, i: number, j: number, height: number, width: number): number {
  const place = (index: number, from: number, to: number) => Math.min(Math.max(((index + 0.5) * from) / to - 0.5, 0), from - 1);
  const [y, z] = [place(i, h, height), place(j, w, width)];
  const [top, left] = [Math.floor(y), Math.floor(z)];
  const pixel = (a: number, b: number) => x[Math.min(a, h - 1) * w + Math.min(b, w - 1)];
  const row = (a: number) => pixel(a, left) * (1 - (z - left)) + pixel(a, left + 1) * (z - left);
  return row(top) * (1 - (y - top)) + row(top + 1) * (y - top);
}

const side = fc.integer({ min: 1, max: 9 });

test('value by the definition, gradient as its transpose: <resize x, u> = <x, gradient of u>, at any sizes', () => {
  fc.assert(
    fc.property(side, side, side, side, (h, w, height, width) => {
      tf.tidy(() => {
        const x = values(h * w, 0);
        const u = values(height * width, 1);
        const y = Array.from({ length: height * width }, (_, k) => at(x, h, w, Math.floor(k / width), k % width, height, width));
        const upstream = tf.tensor4d(u, [1, height, width, 1]);
        const got = resizeBilinear(tf.tensor4d(x, [1, h, w, 1]), [height, width]);
        expectClose(got.dataSync(), y, { rtol: 1e-5, atol: 1e-5 }, 'value');
        const gradient = tf
          .grad((v) => tf.sum(tf.mul(resizeBilinear(v as tf.Tensor4D, [height, width]), upstream)))(tf.tensor4d(x, [1, h, w, 1]))
          .dataSync();
        // The transpose by unit vectors.
        const want = Array.from({ length: h * w }, (_, p) => {
          const unit = new Float32Array(h * w);
          unit[p] = 1;
          return u.reduce((sum, value, k) => sum + value * at(unit, h, w, Math.floor(k / width), k % width, height, width), 0);
        });
        expectClose(gradient, want, { rtol: 1e-4, atol: 1e-5 }, 'gradient');
      });
    }),
    { seed: 4, numRuns: 120 },
  );
});

test('batches and channels do not mix', () => {
  const x = tf.tensor4d(values(2 * 3 * 4 * 5, 2), [2, 3, 4, 5]);
  const weight = tf.tensor4d(values(2 * 6 * 7 * 5, 3), [2, 6, 7, 5]);
  expectGradient((v) => tf.sum(tf.mul(resizeBilinear(v as tf.Tensor4D, [6, 7]), weight)), x, { step: 0.25, atol: 1e-3, every: 7 });
});

test("tfjs's own gradient is another one: the reason for this one", () => {
  const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const own = tf.grad((v) => tf.sum(tf.image.resizeBilinear(v as tf.Tensor4D, [4, 4], false, true)))(x);
  expect([...own.dataSync()]).not.toEqual([4, 4, 4, 4]);
  expect([
    ...tf
      .grad((v) => tf.sum(resizeBilinear(v as tf.Tensor4D, [4, 4])))(x)
      .dataSync(),
  ]).toEqual([4, 4, 4, 4]);
});

test('upsampling by a factor keeps the grid and cuts the rest', () => {
  const x = tf.tensor4d([0, 1, 2], [1, 1, 3, 1]);
  const whole = [...upsample(x, 4, [4, 12]).dataSync()].slice(0, 12);
  expect(whole.slice(2, 10)).toEqual([0.125, 0.375, 0.625, 0.875, 1.125, 1.375, 1.625, 1.875]);
  expect([...upsample(x, 4, [1, 9]).dataSync()]).toEqual(whole.slice(0, 9));
  expect(upsample(x, 1, [1, 3])).toBe(x);
});
