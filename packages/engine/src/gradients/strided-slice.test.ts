import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectGradients, generator, uniform } from '../../test/finite-differences.ts';
import { registerGradients } from './index.ts';

beforeAll(() => registerGradients());

const axis = fc.record({
  size: fc.integer({ min: 2, max: 6 }),
  step: fc.constantFrom(-3, -2, -1, 1, 2, 3),
  from: fc.double({ min: 0, max: 0.99, noNaN: true }),
  length: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('stridedSlice: steps forwards and backwards on random shapes', () => {
  fc.assert(
    fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(15), fc.nat(15), (axes, seed, beginMask, endMask) => {
      const begin = axes.map(({ size, from }) => Math.floor(from * size));
      const end = axes.map(({ size, step, length }, i) => {
        const reach = 1 + Math.floor(length * (step > 0 ? size - begin[i] - 1 : begin[i]));
        const last = begin[i] + Math.sign(step) * reach;
        return last < 0 ? -size - 1 : last; // -1 would be read as the last cell
      });
      const strides = axes.map(({ step }) => step);
      const random = generator(seed);
      const x = uniform(
        axes.map(({ size }) => size),
        random,
      );
      expectGradients((v) => tf.stridedSlice(v, begin, end, strides, beginMask, endMask), [x], { random });
    }),
    { numRuns: 30, seed: 2 },
  );
});

test('stridedSlice: an axis dropped, an axis added, an ellipsis', () => {
  const x = uniform([3, 4, 5], generator(1));
  expectGradients((v) => tf.stridedSlice(v, [1, 0, 0], [2, 4, 5], [1, 2, 2], 0, 0, 0, 0, 1), [x]);
  expectGradients((v) => tf.stridedSlice(v, [0, 0, 4], [0, 0, 0], [1, 1, -2], 0, 0, 2, 1, 0), [x]);
});
