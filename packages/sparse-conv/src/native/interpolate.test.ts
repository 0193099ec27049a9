// The compiled interpolation against the golden numbers of @stint/interpolation and against its reference in tfjs.
import { uniformValues } from '@stint/core-sampling';
import { interpolate as reference } from '@stint/interpolation';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectClose, readFixture, relayout, type Tolerance } from '../../../../tools/jest/fixtures.ts';
import tolerances from '../../fixtures/tolerances.json';
import { interpolate, type NativeFill, nativeEngine, nativeInfo } from './index.ts';

const engines = nativeInfo().available.flatMap((isa) => [1, 2].map((threads) => nativeEngine({ isa, threads })));
const random = (count: number, ...key: number[]) => uniformValues(count, key).map((value) => 2 * value - 1);

describe('golden numbers', () => {
  const { tensors } = readFixture(`${__dirname}/../../fixtures/interpolation.safetensors`);
  const hard = Object.keys(tensors).filter((key) => /^\w+\/(binary|zeros|ones)\/.*\/out$/.test(key));
  const tolerance = tolerances as Record<string, Tolerance>;

  test('every kind is there', () => {
    for (const kind of ['rbf', 'avg', 'plain']) expect(hard.some((key) => key.startsWith(kind))).toBe(true);
  });

  test.each(hard)('%s', (key) => {
    const [kind, maskName, windowName, sigmaName] = key.split('/');
    const window = Number(windowName.slice(1));
    const features = relayout(tensors.F, 'NHWC');
    const mask = Uint8Array.from(tensors[`mask/${maskName}`].data);
    let fill: NativeFill = { kind: 'average', window };
    if (kind === 'rbf') fill = { kind, window, sigma: Number(sigmaName.slice(1)) };
    // [C,1,k,k] -> [k,k,1,C]
    if (kind === 'plain') fill = { kind: 'convolution', window, filter: relayout(tensors[`plain_weight/${windowName}`], 'HWIO').data };
    for (const engine of engines) {
      const got = interpolate(engine, { features: features.data, shape: features.shape, mask, fill });
      expectClose(got, relayout(tensors[key], 'NHWC').data, tolerance[key], `${engine.isa} ${key}`);
    }
  });
});

type Shape = [number, number, number, number];
const side = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 14 }));
const cases = fc.record({
  shape: fc.tuple(
    fc.integer({ min: 1, max: 2 }),
    side,
    side,
    fc.constantFrom(1, 3, 4, 8, 15, 16, 17, 37, 64, 70, 130),
  ) as fc.Arbitrary<Shape>,
  density: fc.constantFrom(0, 0.05, 0.35, 0.8, 1),
  kind: fc.constantFrom('rbf' as const, 'average' as const, 'convolution' as const, 'zeros' as const),
  window: fc.constantFrom(1, 3, 5, 7),
  sigma: fc.constantFrom(0.3, 0.7, 1.5, 3, 6),
  residual: fc.boolean(),
  relu: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

test('equals the reference, residual and ReLU included; in place too', () => {
  fc.assert(
    fc.property(cases, ({ shape, density, kind, window, sigma, relu, seed, ...rest }) => {
      const [n, h, w, c] = shape;
      const size = n * h * w * c;
      const features = random(size, seed, 1);
      const mask = Uint8Array.from(uniformValues(n * h * w, [seed, 2]), (u) => Number(u < density));
      const filter = random(window * window * c, seed, 3);
      const residual = rest.residual ? random(size, seed, 4) : undefined;
      const fill = { kind, window, sigma, filter } as NativeFill;
      const interpolated = tf.tidy(() => {
        const spec =
          kind === 'convolution' ? { kind, window, filter: tf.tensor4d(filter, [window, window, c, 1]) } : { kind, window, sigma };
        return reference(tf.tensor4d(features, shape), tf.tensor4d(mask, [n, h, w, 1], 'float32'), spec as never).dataSync();
      });
      const want = Float32Array.from(interpolated, (value, i) => {
        const sum = value + (residual?.[i] ?? 0);
        return relu ? Math.max(0, sum) : sum;
      });
      for (const engine of engines) {
        const label = `${engine.isa} ${JSON.stringify({ shape, density, kind, window, sigma, seed })}`;
        expectClose(interpolate(engine, { features, shape, mask, fill, residual, relu }), want, { rtol: 1e-5, atol: 1e-5 }, label);
        const inPlace = features.slice();
        interpolate(engine, { features: inPlace, shape, mask, fill, output: inPlace });
        expectClose(inPlace, interpolated, { rtol: 1e-5, atol: 1e-5 }, `in place ${label}`);
      }
    }),
    { numRuns: 120, seed: 6 },
  );
});

test.each(engines)('only where it is asked for: $isa, $threads threads', (engine) => {
  const shape: Shape = [1, 9, 9, 20];
  const features = random(81 * 20, 1);
  const mask = Uint8Array.from(uniformValues(81, [2]), (u) => Number(u < 0.3));
  const where = Uint8Array.from(uniformValues(81, [3]), (u) => Number(u < 0.5));
  const fill: NativeFill = { kind: 'rbf', window: 7, sigma: 1 };
  const everywhere = interpolate(engine, { features, shape, mask, fill });
  const output = features.slice();
  interpolate(engine, { features: output, shape, mask, fill, where, output });
  expect(output).toEqual(everywhere.map((value, i) => (mask[Math.floor(i / 20)] || where[Math.floor(i / 20)] ? value : features[i])));
});

test.each(engines)('unsampled features are not read, the residual may be the output: $isa, $threads threads', (engine) => {
  const features = Float32Array.from([1, Number.NaN, 3, Number.NaN]);
  const residual = Float32Array.from([10, 20, 30, 40]);
  const fill: NativeFill = { kind: 'average', window: 3 };
  interpolate(engine, { features, shape: [1, 1, 4, 1], mask: Uint8Array.from([1, 0, 1, 0]), fill, residual, output: residual });
  expectClose(residual, [11, 22, 33, 43], { rtol: 1e-5, atol: 0 });
});
