import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectGradients, generator, uniform } from '../../test/finite-differences.ts';
import { registerGradients } from './index.ts';

beforeAll(() => registerGradients());

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  height: fc.integer({ min: 3, max: 6 }),
  width: fc.integer({ min: 3, max: 6 }),
  count: fc.integer({ min: 1, max: 3 }),
  crop: fc.tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 4 })),
  seed: fc.nat(),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

const SAFE = 0.05; // of a cell

/** Whether every sample of an axis lies clear of the grid lines, where bilinear sampling has a kink. */
function isSmooth(from: number, to: number, cells: number, samples: number): boolean {
  return Array.from({ length: samples }, (_, i) => (from + ((to - from) * i) / (samples - 1)) * (cells - 1)).every(
    (at) => Math.abs(at - Math.round(at)) > SAFE,
  );
}

/** Boxes that may hang over the border or be flipped, with every sample in the smooth range. */
function drawBoxes({ height, width, count, crop }: Case, random: () => number): tf.Tensor2D {
  const interval = (cells: number, samples: number): [number, number] => {
    for (;;) {
      const [from, to] = [random() * 1.4 - 0.2, random() * 1.4 - 0.2];
      if (isSmooth(from, to, cells, samples)) return [from, to];
    }
  };
  const boxes = Array.from({ length: count }, () => {
    const [y1, y2] = interval(height, crop[0]);
    const [x1, x2] = interval(width, crop[1]);
    return [y1, x1, y2, x2];
  });
  return tf.tensor2d(boxes);
}

test('cropAndResize: in the image and in the boxes', () => {
  fc.assert(
    fc.property(cases, (drawn) => {
      const random = generator(drawn.seed);
      const image = uniform<tf.Rank.R4>([drawn.batch, drawn.height, drawn.width, 2], random);
      const boxes = drawBoxes(drawn, random);
      const owners = tf.tensor1d(
        Array.from({ length: drawn.count }, () => Math.floor(random() * drawn.batch)),
        'int32',
      );
      const cut = (x: tf.Tensor, b: tf.Tensor) => tf.image.cropAndResize(x as tf.Tensor4D, b as tf.Tensor2D, owners, drawn.crop);
      expectGradients((x) => cut(x, boxes), [image], { random });
      // Linear in each coordinate between grid lines, and a step of .002 crosses none.
      expectGradients((b) => cut(image, b), [boxes], { step: 0.002, rtol: 5e-3, atol: 5e-3, random });
    }),
    { numRuns: 20, seed: 9 },
  );
});

test('nearest: in the image only', () => {
  const image = uniform<tf.Rank.R4>([1, 4, 4, 1], generator(2));
  const boxes = tf.tensor2d([[0.1, 0.1, 0.9, 0.8]]);
  const owners = tf.tensor1d([0], 'int32');
  const cut = (x: tf.Tensor, b: tf.Tensor) => tf.image.cropAndResize(x as tf.Tensor4D, b as tf.Tensor2D, owners, [3, 2], 'nearest');
  expectGradients((x) => cut(x, boxes), [image]);
  expect(() => tf.grad((b) => tf.sum(cut(image, b)))(boxes)).toThrow(/'nearest' has no gradient in the boxes/);
});
