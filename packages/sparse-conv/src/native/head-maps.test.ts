// What segmentation heads need besides convolutions, against TensorFlow's resizing and against sums in double precision.
import { uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectClose } from '../../../../tools/jest/fixtures.ts';
import { groupNorm, nativeEngine, nativeInfo, nativeProgram, upsampleBilinear } from './index.ts';

const engines = nativeInfo().available.flatMap((isa) => [1, 2].map((threads) => nativeEngine({ isa, threads })));
const random = (count: number, ...key: number[]) => uniformValues(count, key).map((value) => 2 * value - 1);
const side = fc.integer({ min: 1, max: 9 });
const channels = fc.constantFrom(1, 3, 8, 17, 64);
const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

test("bilinear up-sampling is TensorFlow's with half-pixel centres, cut, plus the residual", () => {
  fc.assert(
    fc.property(side, side, channels, fc.constantFrom(1, 2, 4, 3), fc.nat(3), fc.integer(), (h, w, c, factor, cut, seed) => {
      const input = random(2 * h * w * c, seed, 1);
      const [height, width] = [h * factor - (cut % factor), w * factor - ((2 * cut) % factor)];
      const shape = [2, height, width, c] as const;
      const residual = random(product(shape), seed, 2);
      const want = tf.tidy(() => {
        const large = tf.image.resizeBilinear(tf.tensor4d(input, [2, h, w, c]), [h * factor, w * factor], false, true);
        const part = tf.slice(large, [0, 0, 0, 0], [2, height, width, c]);
        return [part.dataSync(), tf.add(part, tf.tensor4d(residual, [...shape])).dataSync()];
      });
      for (const engine of engines) {
        expectClose(upsampleBilinear(engine, { input, factor, shape }), want[0], { rtol: 1e-5, atol: 1e-6 });
        const output = residual.slice();
        expectClose(upsampleBilinear(engine, { input, factor, shape, residual: output, output }), want[1], { rtol: 1e-5, atol: 1e-6 });
      }
    }),
    { numRuns: 40, seed: 1 },
  );
});

/** In double precision. */
function groupNormByHand(input: Float32Array, [n, h, w, c]: readonly number[], groups: number, scale: Float32Array, shift: Float32Array) {
  const out = new Float32Array(input.length);
  const size = c / groups;
  for (let image = 0; image < n; image++) {
    for (let group = 0; group < groups; group++) {
      const at: number[] = [];
      for (let cell = 0; cell < h * w; cell++) for (let k = 0; k < size; k++) at.push((image * h * w + cell) * c + group * size + k);
      const mean = at.reduce((sum, i) => sum + input[i], 0) / at.length;
      const variance = at.reduce((sum, i) => sum + (input[i] - mean) ** 2, 0) / at.length;
      for (const i of at) out[i] = (scale[i % c] * (input[i] - mean)) / Math.sqrt(variance + 1e-5) + shift[i % c];
    }
  }
  return out;
}

test('group norm: each image and group to its own mean and variance; in place and rectified too; the same whatever the threads', () => {
  const groupsOf = { 1: [1], 3: [1, 3], 8: [1, 2, 8], 17: [17], 64: [32] } as Record<number, number[]>;
  fc.assert(
    fc.property(side, side, channels, fc.nat(2), fc.integer(), (h, w, c, pick, seed) => {
      const shape = [2, h, w, c] as const;
      const groups = groupsOf[c][pick % groupsOf[c].length];
      // Far from 0, as no sum of squares forgives.
      const input = random(product(shape), seed, 3).map((value) => value + 50);
      const [scale, shift] = [random(c, seed, 4), random(c, seed, 5)];
      const want = groupNormByHand(input, shape, groups, scale, shift);
      const results = engines.map((engine) => groupNorm(engine, { input, shape, groups, scale, shift }));
      for (const [i, engine] of engines.entries()) {
        expectClose(results[i], want, { rtol: 1e-4, atol: 2e-4 });
        expectClose(results[i], results[0], { rtol: 0, atol: 0 });
        const output = input.slice();
        groupNorm(engine, { input: output, shape, groups, scale, shift, relu: true, output });
        expectClose(
          output,
          results[0].map((value) => Math.max(0, value)),
          { rtol: 0, atol: 0 },
        );
      }
    }),
    { numRuns: 40, seed: 2 },
  );
});

test('as steps of a program they are the operations; scale and shift are copied', async () => {
  const [engine] = engines;
  const [input, residual, scale, shift] = [random(6 * 16, 1), random(15 * 16, 2), random(16, 3), random(16, 4)];
  const span = (offset: number, length: number) => ({ offset, length });
  const program = nativeProgram(engine, {
    arena: 1024,
    inputs: [span(0, 96), span(96, 240)],
    outputs: [span(96, 240), span(336, 240)],
    steps: [
      { op: 'groupNorm', input: span(0, 96), shape: [1, 2, 3, 16], groups: 4, scale, shift, relu: true, output: span(0, 96) },
      { op: 'upsampleBilinear', input: span(0, 96), factor: 2, shape: [1, 3, 5, 16], output: span(336, 240) },
      { op: 'upsampleBilinear', input: span(0, 96), factor: 2, shape: [1, 3, 5, 16], residual: span(96, 240), output: span(96, 240) },
    ],
  });
  const normed = groupNorm(engine, { input, shape: [1, 2, 3, 16], groups: 4, scale, shift, relu: true });
  scale.fill(9);
  const { outputs } = await program.run({ inputs: [input, residual] });
  const exact = { rtol: 0, atol: 0 };
  expectClose(outputs[1], upsampleBilinear(engine, { input: normed, factor: 2, shape: [1, 3, 5, 16] }), exact);
  expectClose(outputs[0], upsampleBilinear(engine, { input: normed, factor: 2, shape: [1, 3, 5, 16], residual }), exact);
});
