import { uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectClose } from '../../../../tools/jest/fixtures.ts';
import { maxPool3x3, meanPool, nativeEngine, nativeInfo, normaliseImage, subsample, upsampleAdd } from './index.ts';

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

test('every stride-th row and column, by hand', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 4 }), fc.integer(), (shape, stride, seed) => {
      const input = random(shape[0] * shape[1] * shape[2] * shape[3], seed);
      const want = tf.tidy(() => tf.stridedSlice(tf.tensor4d(input, shape), [0, 0, 0, 0], shape, [1, stride, stride, 1]).dataSync());
      for (const engine of engines) expectClose(subsample(engine, { input, shape, stride }), want, { rtol: 0, atol: 0 });
    }),
    { numRuns: 40, seed: 3 },
  );
});

test('the mean of all positions; the same whatever the threads', () => {
  fc.assert(
    fc.property(shapes, fc.integer(), (shape, seed) => {
      const input = random(shape[0] * shape[1] * shape[2] * shape[3], seed);
      const want = tf.tidy(() => tf.mean(tf.tensor4d(input, shape), [1, 2]).dataSync());
      for (const engine of engines) expectClose(meanPool(engine, { input, shape }), want, { rtol: 1e-5, atol: 1e-6 });
    }),
    { numRuns: 40, seed: 4 },
  );
  const input = random(50 * 60 * 33, 1);
  for (const isa of nativeInfo().available) {
    const [one, three] = [1, 3].map((threads) => meanPool(nativeEngine({ isa, threads }), { input, shape: [1, 50, 60, 33] }));
    expectClose(one, three, { rtol: 0, atol: 0 });
  }
});

test('an image: each byte normalised and rounded once, zeros right of and below it', () => {
  const [mean, std] = [[123.675, 116.28, 103.53] as const, [58.395, 57.12, 57.375] as const];
  fc.assert(
    fc.property(side, side, fc.nat(3), fc.nat(3), fc.integer(), (height, width, below, right, seed) => {
      const data = Uint8Array.from(uniformValues(height * width * 3, [seed]), (value) => value * 256);
      const [h, w] = [height + below, width + right];
      const want = Float32Array.from({ length: h * w * 3 }, (_, i) => {
        const [channel, x, y] = [i % 3, Math.floor(i / 3) % w, Math.floor(i / 3 / w)];
        return x < width && y < height ? (data[(y * width + x) * 3 + channel] - mean[channel]) / std[channel] : 0;
      });
      for (const engine of engines) {
        const output = new Float32Array(want.length).fill(7);
        const options = { image: { data, height, width }, shape: [1, h, w, 3] as const, mean, std, output };
        expect(normaliseImage(engine, options)).toBe(output);
        expectClose(output, want, { rtol: 0, atol: 0 });
      }
    }),
    { numRuns: 30, seed: 5 },
  );
});
