import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { emptyWindows } from './empty-windows.ts';

test('counts what a search through every window counts', () => {
  fc.assert(
    fc.property(
      fc.record({ n: fc.integer({ min: 1, max: 2 }), h: fc.integer({ min: 1, max: 12 }), w: fc.integer({ min: 1, max: 12 }) }),
      fc.constantFrom(1, 3, 5, 7),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      ({ n, h, w }, window, stream) => {
        // Few samples, soft values among them.
        const values = Float32Array.from({ length: n * h * w }, () => Math.min(1, 0.55 * (stream.next().value as number)));
        let empty = 0;
        for (let i = 0; i < values.length; i++) {
          const [x, y, b] = [i % w, Math.floor(i / w) % h, Math.floor(i / (w * h))];
          const sampled = values.some((value, j) => {
            const near = Math.abs((j % w) - x) <= window >> 1 && Math.abs((Math.floor(j / w) % h) - y) <= window >> 1;
            return value >= 0.5 && near && Math.floor(j / (w * h)) === b;
          });
          if (!sampled) empty++;
        }
        const got = tf.tidy(() => emptyWindows(tf.tensor4d(values, [n, h, w, 1]), window).dataSync()[0]);
        expect(got).toBeCloseTo(empty / values.length, 6);
      },
    ),
    { numRuns: 60, seed: 5 },
  );
});

test('errors', () => {
  expect(() => emptyWindows(tf.ones([1, 4, 4, 1]), 4)).toThrow('window is 4; give an odd number');
  expect(() => emptyWindows(tf.ones([4, 4]) as unknown as tf.Tensor4D, 3)).toThrow('[N,H,W,1]');
});
