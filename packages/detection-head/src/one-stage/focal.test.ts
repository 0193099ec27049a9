// The written-out sum and gradient against the composed focal loss, whose gradient is automatic.
import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from '../../../../tools/jest/fixtures.ts';
import { sigmoidFocalLoss } from '../ops/losses.ts';
import { focalLossSum } from './focal.ts';

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const logits = [-9, -2, -0.3, 0, 0.7, 4, 11, 1.5];
const objects = [0, 1, 0, 1, 1, 0, 1, 0];
const signs = () => tf.tensor1d(objects.map((object) => (object ? -1 : 1)));
const weights = (counts: number[]) => tf.tensor1d(objects.map((object, i) => counts[i] * (object ? 0.25 : 0.75)));

test('value and gradient of the sum, with a cell left out', () => {
  const counts = [1, 1, 1, 1, 1, 1, 1, 0];
  const got = tf.valueAndGrad((x) => tf.mul(focalLossSum(x, signs(), weights(counts)), 3))(tf.tensor1d(logits));
  const want = tf.valueAndGrad((x) => tf.mul(tf.sum(tf.mul(sigmoidFocalLoss(x, tf.tensor1d(objects)), counts)), 3))(tf.tensor1d(logits));
  expectClose(got.value.dataSync(), want.value.dataSync(), { rtol: 1e-5, atol: 1e-6 });
  expectClose(got.grad.dataSync(), want.grad.dataSync(), { rtol: 1e-4, atol: 1e-6 });
  expect(got.grad.dataSync()[7]).toBe(0);
});

test('saturated logits: the loss grows linearly, nothing is NaN', () => {
  const { value, grad } = tf.valueAndGrad((x) => focalLossSum(x, tf.tensor1d([1, -1, 1, -1]), tf.tensor1d([0.75, 0.25, 0.75, 0.25])))(
    tf.tensor1d([90, -90, -90, 90]),
  );
  expectClose(value.dataSync(), [90 * (0.75 + 0.25)], { rtol: 1e-5, atol: 0 });
  expectClose(grad.dataSync(), [0.75, -0.25, 0, 0], { rtol: 1e-5, atol: 1e-6 });
});
