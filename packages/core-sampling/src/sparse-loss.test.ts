import * as tf from '@tensorflow/tfjs-core';
import { expectClose, readFixture } from '../../../tools/jest/fixtures.ts';
import tolerances from '../fixtures/tolerances.json';
import { maskProbability } from './probability.ts';
import { sparseLoss } from './sparse-loss.ts';

const { tensors, params } = readFixture(`${__dirname}/../fixtures/02_sparse_loss.safetensors`);
const tolerance = (key: string) => (tolerances['02_sparse_loss'] as Record<string, { rtol: number; atol: number }>)[key];
const check = (got: tf.Tensor, key: string) => expectClose(got.dataSync(), tensors[key].data, tolerance(key), key);

const names = Array.from({ length: params.B as number }, (_, b) => [`block${b}/logits1`, `block${b}/logits2`]).flat();
// One channel: NCHW and NHWC hold the same data.
const inputs = names.map((name) => {
  const [n, , h, w] = tensors[name].shape;
  return tf.tensor4d(tensors[name].data as Float32Array, [n, h, w, 1]);
});
const blocks = (logits: tf.Tensor[]) =>
  Array.from({ length: logits.length / 2 }, (_, b) => ({
    mask1: maskProbability(logits[2 * b] as tf.Tensor4D),
    mask2: maskProbability(logits[2 * b + 1] as tf.Tensor4D),
  }));

test('the loss of a block and of the network', () => {
  blocks(inputs).forEach((block, b) => {
    check(sparseLoss([block]), `block${b}/loss`);
  });
  check(sparseLoss(blocks(inputs)), 'L_sparse');
});

test('value and gradients of gamma * loss', () => {
  const { value, grads } = tf.valueAndGrads((...logits: tf.Tensor[]) => tf.mul(sparseLoss(blocks(logits)), params.gamma) as tf.Scalar)(
    inputs,
  );
  check(value, 'gamma_L_sparse');
  grads.forEach((grad, i) => {
    check(grad, names[i].replace('logits', 'dlogits'));
  });
});

test('weights make a weighted mean in which only ratios count', () => {
  const two = [
    { mask1: tf.fill([1, 2, 2, 1], 0.2), mask2: tf.fill([1, 2, 2, 1], 0.6) },
    { mask1: tf.fill([1, 1, 1, 1], 1), mask2: tf.fill([1, 1, 1, 1], 0.4) },
  ];
  const [a, b] = [0.25 * 0.2 + 0.75 * 0.6, 0.25 + 0.75 * 0.4];
  expect(sparseLoss(two).dataSync()[0]).toBeCloseTo((a + b) / 2, 6);
  expect(sparseLoss(two, [3, 1]).dataSync()[0]).toBeCloseTo((3 * a + b) / 4, 6);
  expect(sparseLoss(two, [3e9, 1e9]).dataSync()[0]).toBeCloseTo((3 * a + b) / 4, 6);
  expect(sparseLoss(two, [0, 5]).dataSync()[0]).toBeCloseTo(b, 6);
});

test('three masks have their own shares; other shares can be given', () => {
  const [mask1, mask2, mask3] = [0.2, 0.6, 0.9].map((value) => tf.fill([1, 2, 2, 1], value));
  expect(sparseLoss([{ mask1, mask2, mask3 }]).dataSync()[0]).toBeCloseTo(0.25 * 0.2 + 0.5 * 0.6 + 0.25 * 0.9, 6);
  expect(sparseLoss([{ mask1, mask2 }], undefined, [0.5, 0.5]).dataSync()[0]).toBeCloseTo(0.4, 6);
  expect(() => sparseLoss([{ mask1, mask2, mask3 }], undefined, [0.5, 0.5])).toThrow(
    '2 shares for the 3 masks of block 0; give one a mask',
  );
});

test('errors', () => {
  const block = { mask1: tf.ones([1, 1, 1, 1]), mask2: tf.ones([1, 1, 1, 1]) };
  expect(() => sparseLoss([])).toThrow('sparseLoss: no blocks');
  expect(() => sparseLoss([block], [1, 2])).toThrow('2 weights for 1 blocks');
  expect(() => sparseLoss([block], [0])).toThrow('weights [0]');
  expect(() => sparseLoss([block, block], [2, -1])).toThrow('non-negative');
});
