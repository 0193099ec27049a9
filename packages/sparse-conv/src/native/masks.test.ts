// Drawn masks equal those of @stint/core-sampling, position by position; heads and dilation equal plain convolutions.
import { sampleMask, uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectClose, readFixture } from '../../../../tools/jest/fixtures.ts';
import { outputSize, sampledPositions, tapIndices } from '../positions.ts';
import { dilate, drawMask, maskHeads, type NativeSampler, nativeEngine, nativeInfo, packMaskHeads } from './index.ts';

const engines = nativeInfo().available.flatMap((isa) => [1, 2].map((threads) => nativeEngine({ isa, threads })));
const random = (count: number, ...key: number[]) => uniformValues(count, key).map((value) => 2 * value - 1);
const side = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }));
const key = fc.array(fc.oneof(fc.integer(), fc.maxSafeInteger()), { maxLength: 4 });

const SIZE = 64;

/** The tile of @stint/core-sampling, found by bisection: a cell of rank r is sampled exactly when pi >= (r + 1) / SIZE^2. */
function blueNoiseTile(): Int32Array {
  const probe = [17];
  const [shiftY, shiftX] = hashKey([...probe, 0]);
  const seen = new Int32Array(SIZE * SIZE);
  for (let bit = SIZE * SIZE; bit > 1; bit /= 2) {
    const pi = Float32Array.from(seen, (rank) => (rank + bit / 2) / SIZE ** 2);
    const mask = tf.tidy(() => sampleMask(tf.tensor4d(pi, [1, SIZE, SIZE, 1]), { kind: 'blue-noise', interval: 0, key: probe }).dataSync());
    mask.forEach((sampled, i) => {
      if (!sampled) seen[i] += bit / 2;
    });
  }
  const tile = new Int32Array(SIZE * SIZE);
  seen.forEach((rank, i) => {
    const [y, x] = [(Math.floor(i / SIZE) + shiftY) % SIZE, ((i % SIZE) + shiftX) % SIZE];
    tile[y * SIZE + x] = rank;
  });
  return tile;
}

/** The key hash of core-sampling's noise, for small keys. */
function hashKey(parts: number[]): [number, number] {
  const mix = (h: number) => {
    h ^= h >>> 17;
    h = Math.imul(h, 0xed5ad4bb);
    h ^= h >>> 11;
    h = Math.imul(h, 0xac4c1b51);
    h ^= h >>> 15;
    h = Math.imul(h, 0x31848bab);
    return h ^ (h >>> 14);
  };
  let [k0, k1] = [mix(parts.length + 0x9e3779b9), mix(parts.length + 0x7f4a7c15)];
  for (const word of parts.flatMap((part) => [part, 0])) {
    k0 = mix(Math.imul(k0, 5) + word + 0x6a09e667);
    k1 = mix(Math.imul(k1 ^ word, 9) + 0x3c6ef372);
  }
  return [k0 >>> 0, k1 >>> 0];
}

test('draws what sampleMask draws', () => {
  const tile = { ranks: blueNoiseTile(), size: SIZE };
  expect(Array.from(tile.ranks).sort((a, b) => a - b)).toEqual(Array.from({ length: SIZE * SIZE }, (_, i) => i));
  fc.assert(
    fc.property(
      fc.constantFrom('stochastic' as const, 'deterministic' as const, 'random' as const, 'blue-noise' as const),
      fc.tuple(fc.integer({ min: 1, max: 3 }), side, side),
      key,
      fc.constantFrom(0, 0, 1, 5, 11),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (kind, [n, h, w], key, interval, density) => {
        const probability = uniformValues(n * h * w, [...key, 5]);
        const want = tf.tidy(() => sampleMask(tf.tensor4d(probability, [n, h, w, 1]), { kind, interval, key, density }).dataSync());
        const sampler: NativeSampler = { kind, interval, key, density, tile };
        for (const engine of engines) {
          const { mask, positions } = drawMask(engine, { shape: [n, h, w], probability, sampler });
          expect(Array.from(mask)).toEqual(Array.from(want));
          expect(positions).toEqual(sampledPositions(want));
        }
      },
    ),
    { numRuns: 80, seed: 7 },
  );
});

describe('golden numbers: pi >= .5 and the grid', () => {
  const { tensors } = readFixture(`${__dirname}/../../../core-sampling/fixtures/01_sampling.safetensors`);
  test.each([0, 5, 11])('interval %d', (interval) => {
    const { mask } = drawMask(engines[0], {
      shape: [2, 24, 27],
      probability: tensors.pi.data as Float32Array,
      sampler: { kind: 'deterministic', interval },
    });
    expect(Array.from(mask)).toEqual(Array.from(tensors[`det_M_binary/grid${interval}`].data));
  });
});

test('a mask can be written into memory given for it', () => {
  const output = { mask: new Uint8Array(12).fill(9), positions: new Int32Array(12) };
  const { mask, positions } = drawMask(engines[0], { shape: [1, 3, 4], sampler: { kind: 'random', density: 0.5, key: [1] }, output });
  expect(mask).toBe(output.mask);
  expect(positions.buffer).toBe(output.positions.buffer);
  expect(Array.from(positions)).toEqual(Array.from(sampledPositions(mask)));
});

test('dilation: the inputs that the windows of the outputs read', () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 2 }), side, side),
      fc.constantFrom(1, 3, 5),
      fc.constantFrom(1, 2, 3),
      fc.constantFrom(0, 0.05, 0.5, 1),
      fc.integer(),
      ([batch, height, width], kernel, stride, density, seed) => {
        const [outHeight, outWidth] = [outputSize(height, stride), outputSize(width, stride)];
        const drawn = uniformValues(batch * outHeight * outWidth, [seed]).map((u) => Number(u < density));
        const outputs = sampledPositions(drawn);
        const want = new Uint8Array(batch * height * width + 1);
        for (const input of tapIndices(outputs, { batch, height, width, outHeight, outWidth, kernel, stride })) want[input] = 1;
        const got = dilate(engines[0], { positions: outputs, shape: [batch, height, width], kernel, stride });
        expect(got.mask).toEqual(want.subarray(0, -1));
        expect(got.positions).toEqual(sampledPositions(want.subarray(0, -1)));
      },
    ),
    { numRuns: 100, seed: 8 },
  );
});

test('both mask heads equal two 3x3 convolutions and a sigmoid', () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 2 }), side, side, fc.constantFrom(1, 3, 16, 31, 64, 100)),
      fc.constantFrom(1, 2),
      fc.integer(),
      (shape, stride, seed) => {
        const [n, h, w, c] = shape;
        const input = random(n * h * w * c, seed, 1);
        const heads = [2, 3].map((part) => random(9 * c, seed, part).map((value) => value / Math.sqrt(c)));
        const bias: [number, number] = [3, -0.25];
        const want = [1, stride].map((step, i) =>
          tf.tidy(() => {
            const padded = tf.pad(tf.tensor4d(input, shape), [[0, 0], [1, 1], [1, 1], [0, 0]]); // biome-ignore format: a line
            return tf.sigmoid(tf.add(tf.conv2d(padded, tf.tensor4d(heads[i], [3, 3, c, 1]), step, 'valid'), bias[i])).dataSync();
          }),
        );
        for (const engine of engines) {
          const packed = packMaskHeads(engine, heads[0], heads[1], c);
          const { probability1, probability2 } = maskHeads(engine, { input, shape, heads: packed, bias, stride });
          expectClose(probability1, want[0], { rtol: 1e-5, atol: 1e-6 }, `${engine.isa} head 1 of [${shape}]`);
          expectClose(probability2, want[1], { rtol: 1e-5, atol: 1e-6 }, `${engine.isa} head 2 of [${shape}], stride ${stride}`);
        }
      },
    ),
    { numRuns: 60, seed: 9 },
  );
});
