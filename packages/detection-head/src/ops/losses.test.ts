// Losses against torch's values and gradients, against written-out formulas, and against finite differences.
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose, type FixtureTensor, readFixture, type Tolerance } from '../../../../tools/jest/fixtures.ts';
import { expectGradient } from '../../../../tools/jest/gradient.ts';
import tolerances from '../../fixtures/tolerances.json';
import { binaryCrossEntropy, crossEntropy, giouLoss, sigmoidFocalLoss, smoothL1 } from './losses.ts';

const { tensors } = readFixture(path.join(__dirname, '../../fixtures/detection_ops.safetensors'));
const tolerance: Record<string, Tolerance> = tolerances.detection_ops;
const tensor = (key: string) => tf.tensor(tensors[key].data, tensors[key].shape);
const near = (got: tf.Tensor, key: string) => expectClose(got.dataSync(), tensors[key].data, tolerance[key], key);

/** Rows [n, K] of an NCHW tensor. */
const rows = (entry: FixtureTensor) =>
  tf.reshape(tf.transpose(tf.tensor(entry.data, entry.shape), [0, 2, 3, 1]), [-1, entry.shape[1]]) as tf.Tensor2D;

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

test.each([
  [1 / 9, '0.1111'],
  [0.5, '0.5000'],
  [1, '1.0000'],
])('smooth L1 with beta %d', (beta, name) => {
  const target = tensor('smooth_l1/target');
  near(smoothL1(tensor('smooth_l1/pred'), target, beta), `smooth_l1/beta${name}/none`);
  const { value, grad } = tf.valueAndGrad((x) => tf.sum(smoothL1(x, target, beta)))(tensor('smooth_l1/pred'));
  near(value, `smooth_l1/beta${name}/sum`);
  near(grad, `smooth_l1/beta${name}/dpred_of_sum`);
});

test('smooth L1 with beta 0 is the distance', () => {
  expect([...smoothL1(tf.tensor1d([-2, 0, 3]), tf.zeros([3]), 0).dataSync()]).toEqual([2, 0, 3]);
});

test("binary cross-entropy is torch's, also where the sigmoid is saturated", () => {
  const { value, grad } = tf.valueAndGrad((x) => tf.mean(binaryCrossEntropy(x, tensor('bce/target'))))(tensor('bce/logits'));
  near(value, 'bce/mean');
  near(grad, 'bce/dlogits');
});

test('cross-entropy leaves out the ignored rows', () => {
  const labels = tf.tensor1d(tensors['cross_entropy/target'].data as Int32Array, 'int32');
  const { value, grad } = tf.valueAndGrad((x) => crossEntropy(x as tf.Tensor2D, labels, 255))(rows(tensors['cross_entropy/logits']));
  near(value, 'cross_entropy/mean');
  const want = rows({ ...tensors['cross_entropy/dlogits'] });
  expectClose(grad.dataSync(), want.dataSync(), tolerance['cross_entropy/dlogits'], 'gradient');
});

test('cross-entropy of ignored rows alone is 0 with no gradient; unlike lengths are refused', () => {
  const { value, grad } = tf.valueAndGrad((x) => crossEntropy(x as tf.Tensor2D, tf.tensor1d([9, 9], 'int32'), 9))(tf.ones([2, 3]));
  expect([...value.dataSync(), ...grad.dataSync()].every((number) => Math.abs(number) === 0)).toBe(true);
  expect(() => crossEntropy(tf.zeros([2, 3]), tf.zeros([4], 'int32'))).toThrow('2 rows of logits do not match 4 labels');
});

describe('sigmoid focal loss', () => {
  const logits = [-9, -2, -0.3, 0, 0.7, 4, 11];
  const targets = [0, 1, 0, 1, 1, 0, 1];

  test.each([
    [0.25, 2],
    [0.6, 1.5],
  ])('alpha %d, gamma %d: the formula of the paper', (alpha, gamma) => {
    const want = logits.map((x, i) => {
      const p = 1 / (1 + Math.exp(targets[i] ? -x : x));
      return -(targets[i] ? alpha : 1 - alpha) * (1 - p) ** gamma * Math.log(p);
    });
    const got = sigmoidFocalLoss(tf.tensor1d(logits), tf.tensor1d(targets), { alpha, gamma });
    expectClose(got.dataSync(), want, { rtol: 1e-4, atol: 1e-6 });
  });

  test('gradient', () => {
    expectGradient((x) => tf.sum(sigmoidFocalLoss(x, tf.tensor1d(targets))), tf.tensor1d(logits), { step: 1e-2, atol: 2e-3 });
  });

  test('saturated logits give finite values and gradients', () => {
    const { value, grad } = tf.valueAndGrad((x) => tf.sum(sigmoidFocalLoss(x, tf.tensor1d([0, 1, 0, 1]))))(tf.tensor1d([-90, -90, 90, 90]));
    expectClose(value.dataSync(), [0.75 * 90 + 0.25 * 90], { rtol: 1e-5, atol: 0 });
    expect(grad.dataSync().every(Number.isFinite)).toBe(true);
  });
});

describe('GIoU loss', () => {
  const boxes = tf.tensor2d([0, 0, 4, 4, 0, 0, 2, 2, 1, 1, 5, 4, 0, 0, 3, 3], [4, 4]);
  const targets = tf.tensor2d([0, 0, 4, 4, 4, 0, 6, 2, 2, 0, 6, 5, 1, 1, 2, 2], [4, 4]);

  test('equal, apart, crossing and nested boxes by hand', () => {
    const want = [0, 1 - (0 - (12 - 8) / 12), 1 - (9 / 23 - (25 - 23) / 25), 1 - 1 / 9];
    expectClose(giouLoss(boxes, targets).dataSync(), want, { rtol: 1e-5, atol: 1e-6 });
  });

  test('gradient, apart boxes included', () => {
    // Shifted, so that no edge lies on an edge of the other box, where the loss has a kink.
    const start = tf.add(boxes, tf.tensor2d([[0.11, -0.17, 0.23, -0.29]])) as tf.Tensor2D;
    expectGradient((x) => tf.sum(giouLoss(x as tf.Tensor2D, targets)), start, { step: 1e-2, atol: 2e-3 });
  });
});
