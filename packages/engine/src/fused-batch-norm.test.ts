import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from '../../../tools/jest/fixtures.ts';
import { generator, uniform } from '../test/finite-differences.ts';
import { fusedBatchNormTrain } from './fused-batch-norm.ts';

const EPSILON = 1e-3;
const random = generator(4);
const x = uniform<tf.Rank.R4>([3, 4, 5, 6], random);
const scale = uniform<tf.Rank.R1>([6], random);
const offset = uniform<tf.Rank.R1>([6], random);
const weights = uniform<tf.Rank.R4>(x.shape, random);

/** The definition, from tfjs operations. */
function composition(input: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(input, [0, 1, 2]);
  return tf.add(tf.mul(tf.mul(tf.sub(input, mean), tf.rsqrt(tf.add(variance, EPSILON))), gamma), beta);
}

test('equals the definition', () => {
  const { y, mean, variance } = fusedBatchNormTrain(x, scale, offset, EPSILON);
  expectClose(y.dataSync(), composition(x, scale, offset).dataSync(), { rtol: 1e-5, atol: 1e-5 }, 'y');
  const moments = tf.moments(x, [0, 1, 2]);
  const count = 3 * 4 * 5;
  expectClose(mean.dataSync(), moments.mean.dataSync(), { rtol: 1e-5, atol: 1e-6 }, 'mean');
  expectClose(variance.dataSync(), tf.mul(moments.variance, count / (count - 1)).dataSync(), { rtol: 1e-5, atol: 1e-6 }, 'variance');
});

test('gradients equal those of the definition', () => {
  const through = (f: (...inputs: tf.Tensor[]) => tf.Tensor) =>
    tf.grads((...inputs: tf.Tensor[]) => tf.sum(tf.mul(tf.square(f(...inputs)), weights)) as tf.Scalar)([x, scale, offset]);
  const got = through((a, b, c) => fusedBatchNormTrain(a as tf.Tensor4D, b as tf.Tensor1D, c as tf.Tensor1D, EPSILON).y);
  const want = through(composition);
  want.forEach((gradient, i) => {
    expectClose(got[i].dataSync(), gradient.dataSync(), { rtol: 1e-4, atol: 1e-4 }, `gradient ${i}`);
  });
});

test('leaves no tensors behind', () => {
  const step = () =>
    tf.tidy(() => {
      tf.grad((v) => tf.sum(tf.square(fusedBatchNormTrain(v as tf.Tensor4D, scale, offset).y)))(x);
    });
  step();
  const before = tf.memory().numTensors;
  step();
  expect(tf.memory().numTensors).toBe(before);
});

test('names the shapes that do not match', () => {
  expect(() => fusedBatchNormTrain(x, tf.ones([5]), offset)).toThrow('scale [5] and offset [6] do not match x [3,4,5,6]');
});
