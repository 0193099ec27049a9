import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectClose, readFixture, relayout, type Tolerance } from '../../../tools/jest/fixtures.ts';
import { expectGradient } from '../../../tools/jest/gradient.ts';
import tolerances from '../fixtures/tolerances.json';
import { pixelCrossEntropy } from './cross-entropy.ts';

const { tensors } = readFixture(path.join(__dirname, '../fixtures/ops.safetensors'));
const tolerance: Record<string, Tolerance> = tolerances;

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

test("torch's value and gradient with ignored pixels", () => {
  const { data, shape } = relayout(tensors['cross_entropy/logits'], 'NHWC');
  const labels = tensors['cross_entropy/target'].data;
  const { value, grad } = tf.valueAndGrad((x) => pixelCrossEntropy(x as tf.Tensor4D, labels))(tf.tensor4d(data, shape));
  expectClose(value.dataSync(), tensors['cross_entropy/mean'].data, tolerance['cross_entropy/mean'], 'mean');
  const want = relayout(tensors['cross_entropy/dlogits'], 'NHWC').data;
  expectClose(grad.dataSync(), want, tolerance['cross_entropy/dlogits'], 'gradient');
});

const IGNORED = 77;
const problem = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 4 }))
  .chain(([n, h, w, k]) =>
    fc.record({
      shape: fc.constant([n, h, w, k] as [number, number, number, number]),
      logits: fc.array(fc.integer({ min: -400, max: 400 }), { minLength: n * h * w * k, maxLength: n * h * w * k }),
      labels: fc.array(fc.oneof(fc.integer({ min: 0, max: k - 1 }), fc.constant(IGNORED)), { minLength: n * h * w, maxLength: n * h * w }),
      weights: fc.option(fc.array(fc.constantFrom(0.25, 1, 3), { minLength: k, maxLength: k }), { nil: undefined }),
    }),
  );

test('equals the definition in float64, value and gradient', () => {
  fc.assert(
    fc.property(problem, ({ shape, logits: steps, labels, weights }) => {
      const k = shape[3];
      const logits = steps.map((value) => value / 100);
      let [sum, total] = [0, 0];
      const gradient = new Float64Array(logits.length);
      labels.forEach((label, pixel) => {
        if (label === IGNORED) return;
        const row = logits.slice(pixel * k, (pixel + 1) * k).map(Math.exp);
        const whole = row.reduce((a, b) => a + b);
        const weight = weights?.[label] ?? 1;
        sum -= weight * Math.log(row[label] / whole);
        total += weight;
        row.forEach((value, c) => {
          gradient[pixel * k + c] = weight * (value / whole - Number(c === label));
        });
      });
      tf.tidy(() => {
        const f = (x: tf.Tensor) => pixelCrossEntropy(x as tf.Tensor4D, labels, { ignoreLabel: IGNORED, classWeights: weights });
        const { value, grad } = tf.valueAndGrad(f)(tf.tensor4d(logits, shape));
        expectClose(value.dataSync(), [total === 0 ? 0 : sum / total], { rtol: 1e-5, atol: 1e-5 }, 'value');
        expectClose(
          grad.dataSync(),
          gradient.map((value) => (total === 0 ? 0 : value / total)),
          { rtol: 1e-4, atol: 1e-6 },
          'gradient',
        );
      });
    }),
    { seed: 6, numRuns: 150 },
  );
});

test('finite differences, with weights and an upstream factor', () => {
  const labels = [0, 2, 255, 1, 1, 2];
  const logits = tf.tensor4d(
    Array.from({ length: 18 }, (_, i) => Math.sin(2 * i)),
    [1, 2, 3, 3],
  );
  const f = (x: tf.Tensor) => tf.mul(pixelCrossEntropy(x as tf.Tensor4D, labels, { classWeights: [0.5, 2, 0] }), 7);
  expectGradient(f, logits, { step: 0.02, atol: 2e-3 });
});

test('only ignored pixels: 0 and no gradient; huge logits: finite', () => {
  const none = tf.valueAndGrad((x) => pixelCrossEntropy(x as tf.Tensor4D, [255, 255]))(tf.ones([1, 1, 2, 3]));
  expect([...none.value.dataSync(), ...none.grad.dataSync()].every((value) => value === 0)).toBe(true);
  const huge = tf.valueAndGrad((x) => pixelCrossEntropy(x as tf.Tensor4D, [0]))(tf.tensor4d([-900, 900], [1, 1, 1, 2]));
  expect([...huge.value.dataSync(), ...huge.grad.dataSync()]).toEqual([1800, -1, 1]);
});

test('wrong labels and weights are named', () => {
  const logits = tf.zeros([2, 2, 3, 4]) as tf.Tensor4D;
  const labels = new Uint8Array(12);
  labels[10] = 4;
  expect(() => pixelCrossEntropy(logits, labels)).toThrow('label 4 in image 1 at x 1, y 1 is not in 0..3 and not 255 (ignored)');
  expect(() => pixelCrossEntropy(tf.zeros([1, 1, 1, 1]), [0])).toThrow('logits [1,1,1,1] have 1 class; give two or more');
  expect(() => pixelCrossEntropy(logits, [1])).toThrow('1 labels do not match logits [2,2,3,4]; give one a pixel, 12');
  for (const classWeights of [
    [1, 1],
    [1, 1, 1, -1],
    [1, 1, 1, Number.NaN],
    [0, 0, 0, 0],
  ])
    expect(() => pixelCrossEntropy(logits, new Uint8Array(12), { classWeights })).toThrow(
      `classWeights [${classWeights}] must be 4 finite numbers`,
    );
});
