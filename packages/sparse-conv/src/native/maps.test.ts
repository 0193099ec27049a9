import { uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectClose } from '../../../../tools/jest/fixtures.ts';
import { maxPool3x3, nativeEngine, nativeInfo, upsampleAdd } from './index.ts';

const engines = nativeInfo().available.flatMap((isa) => [1, 2].map((threads) => nativeEngine({ isa, threads })));
const random = (count: number, ...key: number[]) => uniformValues(count, key).map((value) => 2 * value - 1);
const side = fc.integer({ min: 1, max: 12 });
const shapes = fc.tuple(fc.integer({ min: 1, max: 2 }), side, side, fc.constantFrom(1, 3, 8, 17, 64));

test('max pooling equals that of TensorFlow over a map surrounded by less than everything', () => {
  fc.assert(
    fc.property(shapes, fc.integer(), (shape, seed) => {
      const input = random(shape[0] * shape[1] * shape[2] * shape[3], seed);
      const want = tf.tidy(() => {
        const padded = tf.pad(tf.tensor4d(input, shape), [[0, 0], [1, 1], [1, 1], [0, 0]], -1e30); // biome-ignore format: a line
        return tf.maxPool(padded, 3, 2, 'valid').dataSync();
      });
      for (const engine of engines) expectClose(maxPool3x3(engine, { input, shape }), want, { rtol: 0, atol: 0 });
    }),
    { numRuns: 40, seed: 1 },
  );
});

test('nearest up-sampling and addition, by hand; the output may be the fine map', () => {
  fc.assert(
    fc.property(shapes, side, side, fc.integer(), (shape, coarseHeight, coarseWidth, seed) => {
      const [n, h, w, c] = shape;
      const [ch, cw] = [Math.min(coarseHeight, h), Math.min(coarseWidth, w)];
      const coarse = random(n * ch * cw * c, seed, 1);
      const fine = random(n * h * w * c, seed, 2);
      const want = fine.map((value, i) => {
        const [x, y, image] = [Math.floor(i / c) % w, Math.floor(i / c / w) % h, Math.floor(i / c / w / h)];
        const at = ((image * ch + Math.floor((y * ch) / h)) * cw + Math.floor((x * cw) / w)) * c + (i % c);
        return Math.fround(value + coarse[at]);
      });
      for (const engine of engines) {
        const options = { coarse, coarseSize: [ch, cw] as const, fine, shape };
        expectClose(upsampleAdd(engine, options), want, { rtol: 0, atol: 0 });
        const output = fine.slice();
        expectClose(upsampleAdd(engine, { ...options, fine: output, output }), want, { rtol: 0, atol: 0 });
      }
    }),
    { numRuns: 40, seed: 2 },
  );
});
