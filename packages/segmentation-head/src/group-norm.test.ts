import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from '../../../tools/jest/fixtures.ts';
import { expectGradient } from '../../../tools/jest/gradient.ts';
import { groupNorm } from './group-norm.ts';

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const shape: [number, number, number, number] = [2, 3, 4, 6];
const wave = (count: number, step: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(step * i) + 0.1 * (i % 6));
const x = wave(144, 1.3);
const scale = wave(6, 2.1);
const shift = wave(6, 0.7);

test.each([1, 2, 3, 6])('%d groups: the definition', (groups) => {
  const per = 6 / groups;
  const member = (i: number) => [Math.floor(i / 72), Math.floor((i % 6) / per)].join();
  const want = Array.from(x, (value, i) => {
    const own = x.filter((_, j) => member(j) === member(i));
    const mean = own.reduce((a, b) => a + b) / own.length;
    const variance = own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / own.length;
    return ((value - mean) / Math.sqrt(variance + 1e-5)) * scale[i % 6] + shift[i % 6];
  });
  expectClose(groupNorm(tf.tensor4d(x, shape), tf.tensor1d(scale), tf.tensor1d(shift), groups).dataSync(), want, {
    rtol: 1e-4,
    atol: 1e-5,
  });
});

test('gradients in x, scale and shift', () => {
  const upstream = tf.tensor4d(wave(144, 3.7), shape);
  const [a, s, b] = [tf.tensor4d(x, shape), tf.tensor1d(scale), tf.tensor1d(shift)];
  const f = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor) =>
    tf.sum(tf.mul(groupNorm(p as tf.Tensor4D, q as tf.Tensor1D, r as tf.Tensor1D, 3), upstream));
  expectGradient((v) => f(v, s, b), a, { step: 0.02, atol: 5e-3, every: 5 });
  expectGradient((v) => f(a, v, b), s, { step: 0.1, atol: 5e-3 });
  expectGradient((v) => f(a, s, v), b, { step: 0.1, atol: 5e-3 });
});

test('a large offset costs no precision', () => {
  const far = tf.tensor4d(
    x.map((value) => value + 1000),
    shape,
  ); // prettier-ignore
  const near = groupNorm(tf.tensor4d(x, shape), tf.tensor1d(scale), tf.tensor1d(shift), 2);
  expectClose(groupNorm(far, tf.tensor1d(scale), tf.tensor1d(shift), 2).dataSync(), near.dataSync(), { rtol: 0, atol: 2e-3 });
});

test('groups that do not divide', () => {
  expect(() => groupNorm(tf.tensor4d(x, shape), tf.tensor1d(scale), tf.tensor1d(shift), 4)).toThrow('4 groups do not divide 6 channels');
});
