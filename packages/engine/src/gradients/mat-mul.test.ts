import * as tf from '@tensorflow/tfjs-core';
import { expectGradients, generator, uniform } from '../../test/finite-differences.ts';
import { registerGradients } from './index.ts';

const batches: [number[], number[]][] = [
  [[], []],
  [[2], [2]],
  [[2], []],
  [[], [3]],
  [[2, 1], [3]],
  [
    [1, 3],
    [2, 1],
  ],
];

test('tfjs does not sum over broadcast batch dimensions', () => {
  const product = (a: tf.Tensor, b: tf.Tensor) => tf.sum(tf.matMul(a, b)) as tf.Scalar;
  expect(() => tf.grads(product)([tf.ones([2, 3, 4]), tf.ones([4, 5])])).toThrow(/shape/);
});

describe('the registered gradient', () => {
  beforeAll(() => registerGradients());

  for (const [batchA, batchB] of batches)
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ])
      test(`batches [${batchA}] x [${batchB}], transposed ${transposeA}, ${transposeB}`, () => {
        const random = generator(11);
        const a = uniform([...batchA, ...(transposeA ? [2, 3] : [3, 2])], random);
        const b = uniform([...batchB, ...(transposeB ? [4, 2] : [2, 4])], random);
        expectGradients((x, y) => tf.matMul(x, y, transposeA, transposeB), [a, b]);
      });
});
