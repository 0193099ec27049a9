import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectGradients, generator, uniform } from '../../test/finite-differences.ts';
import { registerGradients } from './index.ts';

beforeAll(() => registerGradients());

const shapes = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  depth: fc.integer({ min: 1, max: 4 }),
  lead: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
  seed: fc.nat(),
});

/** Index tuples [..lead, depth] into `shape`, repeats allowed. */
function indexTuples(lead: number[], shape: number[], depth: number, random: () => number): tf.Tensor {
  const count = lead.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, () => shape.slice(0, depth).map((size) => Math.floor(random() * size)));
  return tf.tensor(values.flat(), [...lead, depth], 'int32');
}

test('gatherND: any shape, index depth and repeats', () => {
  fc.assert(
    fc.property(shapes, ({ shape, depth, lead, seed }) => {
      const random = generator(seed);
      const indices = indexTuples(lead, shape, Math.min(depth, shape.length), random);
      expectGradients((x) => tf.gatherND(x, indices), [uniform(shape, random)], { random });
    }),
    { numRuns: 25, seed: 3 },
  );
});

test('scatterND: updates that meet in one place each get its gradient', () => {
  fc.assert(
    fc.property(shapes, ({ shape, depth, lead, seed }) => {
      const random = generator(seed);
      const k = Math.min(depth, shape.length);
      const indices = indexTuples(lead, shape, k, random);
      expectGradients((x) => tf.scatterND(indices, x, shape), [uniform([...lead, ...shape.slice(k)], random)], { random });
    }),
    { numRuns: 25, seed: 4 },
  );
});

test('tensorScatterUpdate: in the tensor and in the updates', () => {
  const random = generator(5);
  const indices = tf.tensor2d([3, 0, 4], [3, 1], 'int32');
  expectGradients((x, updates) => tf.tensorScatterUpdate(x, indices, updates), [uniform([5, 3], random), uniform([3, 3], random)]);
});

test.each([
  ['gatherND', (x: tf.Tensor, place: tf.Tensor) => tf.gatherND(x, place), [0, 1, 0]],
  ['scatterND', (x: tf.Tensor, place: tf.Tensor) => tf.scatterND(place, tf.slice(x, 2, 1), [3]), [0, 0, 1]],
  ['tensorScatterUpdate', (x: tf.Tensor, place: tf.Tensor) => tf.tensorScatterUpdate(x, place, tf.zeros([1])), [1, 0, 1]],
] as const)('%s: indices computed from the variable do not stop backpropagation', (_name, f, want) => {
  const place = (x: tf.Tensor) => tf.reshape(tf.argMax(x), [1, 1]) as tf.Tensor;
  expect([
    ...tf
      .grad((x) => tf.sum(f(x, place(x))))(tf.tensor1d([1, 5, 2]))
      .dataSync(),
  ]).toEqual(want);
});
