import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectGradients, generator, uniform } from '../../test/finite-differences.ts';
import { registerGradients } from './index.ts';

const lookUp = (x: tf.Tensor, indices: tf.Tensor, axis: number, batchDims: number) =>
  tf.gather(x, indices as tf.Tensor1D, axis, batchDims) as tf.Tensor;

describe('what tfjs has', () => {
  // This file registers later: these tests say why our gradient exists, and fail when tfjs gets its own right.
  const random = generator(1);

  test('is right without batch dimensions', () => {
    const indices = tf.tensor2d([3, 0, 3, 1], [2, 2], 'int32');
    expectGradients((x) => lookUp(x, indices, 1, 0), [uniform([2, 4, 3], random)]);
  });

  test('fails with two batch dimensions', () => {
    expect(() => expectGradients((x) => lookUp(x, tf.zeros([2, 3, 2], 'int32'), 2, 2), [uniform([2, 3, 4, 2], random)])).toThrow();
  });

  test('fails where the indices come from the variable', () => {
    const pick = (v: tf.Tensor) => tf.sum(tf.gather(v, tf.reshape(tf.argMax(v), [1]) as tf.Tensor1D));
    expect(() => tf.grad(pick)(tf.tensor1d([1, 5, 2]))).toThrow(/indices/);
  });
});

describe('the registered gradient', () => {
  beforeAll(() => registerGradients());

  test('any axis, batch dimensions and repeats', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    const trailing = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(sizes, trailing, fc.nat(), fc.nat(), fc.nat(), (shape, tail, axisDraw, batchDraw, seed) => {
        const axis = axisDraw % shape.length;
        const batchDims = batchDraw % (axis + 1);
        const random = generator(seed);
        const indexShape = [...shape.slice(0, batchDims), ...tail];
        const values = Array.from({ length: indexShape.reduce((a, b) => a * b, 1) }, () => Math.floor(random() * shape[axis]));
        const indices = tf.tensor(values, indexShape, 'int32');
        expectGradients((x) => lookUp(x, indices, axis, batchDims), [uniform(shape, random)], { random });
      }),
      { numRuns: 40, seed: 5 },
    );
  });

  test('indices from the variable', () => {
    const pick = (v: tf.Tensor) => tf.sum(tf.gather(v, tf.reshape(tf.argMax(v), [1]) as tf.Tensor1D));
    expect([
      ...tf
        .grad(pick)(tf.tensor1d([1, 5, 2]))
        .dataSync(),
    ]).toEqual([0, 1, 0]);
  });
});
