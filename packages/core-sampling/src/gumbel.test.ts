import * as tf from '@tensorflow/tfjs-core';
import { expectClose, readFixture, relayout } from '../../../tools/jest/fixtures.ts';
import tolerances from '../fixtures/tolerances.json';
import { withGridPrior } from './grid-prior.ts';
import { gumbelMask } from './gumbel.ts';
import { uniformNoise } from './noise.ts';
import { maskProbability } from './probability.ts';
import { sampleMask } from './sampler.ts';

const { tensors, params } = readFixture(`${__dirname}/../fixtures/01_sampling.safetensors`);
const extremes = readFixture(`${__dirname}/../fixtures/01b_sampling_extremes.safetensors`);
const tolerance = (key: string) => (tolerances['01_sampling'] as Record<string, { rtol: number; atol: number }>)[key];

function input(key: string, source = tensors): tf.Tensor4D {
  const { shape, data } = relayout(source[key], 'NHWC');
  return tf.tensor4d(data, shape);
}
const noise = () => ({ u: input('u'), v: input('u_prime') });
const check = (got: tf.Tensor, key: string) => expectClose(got.dataSync(), tensors[key].data, tolerance(key), key);

test('the probability is the reference one', () => check(maskProbability(input('logits')), 'pi'));

describe.each(params.taus as number[])('temperature %p', (tau) => {
  const name = Number.isInteger(tau) ? tau.toFixed(1) : String(tau);
  test.each([0, 11, 5])('soft mask and its gradient, grid %p', (interval) => {
    const { value, grad } = tf.valueAndGrad((logits: tf.Tensor) => {
      const mask = withGridPrior(gumbelMask(logits as tf.Tensor4D, noise(), tau), interval);
      check(mask, `train_M/tau${name}_grid${interval}`);
      return tf.sum(tf.mul(mask, input('upstream')));
    })(input('logits'));
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    check(grad, `train_dlogits/tau${name}_grid${interval}`);
    const [count, height, width] = grad.shape as [number, number, number];
    const data = grad.dataSync();
    for (let n = 0; interval > 0 && n < count; n++) {
      for (let y = 0; y < height; y += interval) {
        for (let x = 0; x < width; x += interval) expect(Math.abs(data[(n * height + y) * width + x])).toBe(0);
      }
    }
  });
});

test.each([0, 11, 5])('test-time masks, grid %p', (interval) => {
  const mask = withGridPrior(gumbelMask(input('logits'), noise(), params.tau_test), interval);
  const kept = tf.greaterEqual(mask, params.threshold);
  expect(Array.from(kept.dataSync())).toEqual(Array.from(tensors[`test_M_binary/grid${interval}`].data));
  check(tf.mul(mask, tf.cast(kept, 'float32')), `test_M_soft_kept/grid${interval}`);
  const deterministic = sampleMask(maskProbability(input('logits')), { kind: 'deterministic', interval });
  expect(Array.from(deterministic.dataSync())).toEqual(Array.from(tensors[`det_M_binary/grid${interval}`].data));
});

describe.each([1, 0.03])('ends of the range, temperature %p', (tau) => {
  const name = tau === 1 ? '1.0' : String(tau);
  const from = (key: string) => input(key, extremes.tensors);
  const logits = from('logits');
  const ends = { u: from('u'), v: from('u_prime') };

  test('the mask follows the float64 answer', () => {
    const mask = gumbelMask(logits, ends, tau).dataSync();
    expectClose(mask, extremes.tensors[`M/f64_tau${name}`].data, { rtol: 0, atol: 1e-3 });
    expect(mask.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  test('the gradient follows the float64 answer', () => {
    const gradient = tf
      .grad((x: tf.Tensor) => tf.sum(gumbelMask(x as tf.Tensor4D, ends, tau)))(logits)
      .dataSync();
    expect(gradient.every(Number.isFinite)).toBe(true);
    expectClose(gradient, extremes.tensors[`dsum_dlogits/f64_tau${name}`].data, { rtol: 1e-3, atol: 1e-3 / tau });
  });
});

test('extreme logits give finite gradients', () => {
  const logits = tf.tensor4d([-1e4, -200, -90, 0, 90, 200, 1e4, 3], [1, 2, 4, 1]);
  const half = { u: tf.fill([1, 2, 4, 1], 0.5) as tf.Tensor4D, v: tf.fill([1, 2, 4, 1], 0.25) as tf.Tensor4D };
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(gumbelMask(x as tf.Tensor4D, half, 0.03)))(logits);
  expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
});

test.each([1, 0.03])('P(M >= 1/2) is pi at temperature %p', (tau) => {
  const count = 40000;
  const shape: [number, number, number, number] = [1, 200, 200, 1];
  const mask = gumbelMask(
    tf.fill(shape, 0.8) as tf.Tensor4D,
    { u: uniformNoise<tf.Rank.R4>(shape, [1, 0]), v: uniformNoise<tf.Rank.R4>(shape, [1, 1]) },
    tau,
  );
  const share = mask.dataSync().filter((value) => value >= 0.5).length / count;
  const pi = 1 / (1 + Math.exp(-0.8));
  expect(Math.abs(share - pi)).toBeLessThan(4 * Math.sqrt((pi * (1 - pi)) / count));
});

test('errors name the values', () => {
  const logits = tf.zeros([1, 2, 3, 1]) as tf.Tensor4D;
  const good = { u: logits, v: logits };
  expect(() => maskProbability(tf.zeros([1, 2, 3, 2]) as tf.Tensor4D)).toThrow('maskProbability: logits has shape [1,2,3,2]');
  expect(() => gumbelMask(logits, { u: logits, v: tf.zeros([1, 3, 3, 1]) }, 1)).toThrow(
    'noise v [1,3,3,1] does not match logits [1,2,3,1]',
  );
  expect(() => gumbelMask(logits, good, 0)).toThrow('temperature is 0');
});
