import * as tf from '@tensorflow/tfjs-core';
import { expectClose, readFixture, relayout } from '../../../tools/jest/fixtures.ts';
import tolerances from '../fixtures/tolerances.json';
import { type InterpolationSpec, interpolate } from './interpolate.ts';

const { tensors } = readFixture(`${__dirname}/../fixtures/03_interpolation.safetensors`);
const tolerance = (key: string) => (tolerances['03_interpolation'] as Record<string, { rtol: number; atol: number }>)[key];

/** A fixture tensor in NHWC; a depthwise kernel [C,1,k,k] becomes [k,k,C,1]. */
function load(key: string): tf.Tensor4D {
  const { shape, data } = relayout(tensors[key], 'NHWC');
  const nhwc = tf.tensor4d(data, shape);
  return key.includes('weight') ? tf.transpose(nhwc, [1, 2, 0, 3]) : nhwc;
}

function check(got: tf.Tensor, key: string): void {
  const wanted = tensors[key].shape.length === 4 ? load(key) : tf.tensor(tensors[key].data as Float32Array);
  expect(got.shape).toEqual(wanted.shape);
  expectClose(got.dataSync(), wanted.dataSync(), tolerance(key), key);
}

// KIND/MASK/wK[/sS]: every case of the fixture, found by its 'out'.
const cases = Object.keys(tensors).flatMap((key) => (key.endsWith('/out') ? [key.slice(0, -4)] : []));

test('the fixture holds every kind, mask, window and sigma', () => {
  const count = (kind: string) => cases.filter((name) => name.startsWith(`${kind}/`)).length;
  expect([count('rbf'), count('avg'), count('plain')]).toEqual([20, 6, 6]);
});

test.each(cases)('%s', (name) => {
  const [kind, maskName, windowName, sigmaName] = name.split('/');
  const window = Number(windowName.slice(1));
  const inputs: tf.Tensor[] = [load('F'), load(`mask/${maskName}`)];
  const gradients = ['dF', 'dM'];
  let spec: (extra: tf.Tensor) => InterpolationSpec = () => ({ kind: 'average', window });
  if (kind === 'rbf') {
    inputs.push(tf.tensor1d([Number(sigmaName.slice(1))]));
    gradients.push('dsigma');
    spec = (sigma) => ({ kind: 'rbf', window, sigma });
  } else if (kind === 'plain') {
    inputs.push(load(`plain_weight/${windowName}`));
    gradients.push('dweight');
    spec = (filter) => ({ kind: 'convolution', window, filter: filter as tf.Tensor4D });
  }
  const run = (f: tf.Tensor, m: tf.Tensor, extra: tf.Tensor) => interpolate(f as tf.Tensor4D, m as tf.Tensor4D, spec(extra));
  const out = run(inputs[0], inputs[1], inputs[2]);
  check(out, `${name}/out`);
  if (maskName === 'zeros') expect(out.dataSync().every((value) => value === 0)).toBe(true);
  if (maskName === 'ones') expect(out.dataSync()).toEqual(inputs[0].dataSync());
  const grads = tf.grads((f: tf.Tensor, m: tf.Tensor, extra: tf.Tensor) => tf.sum(tf.mul(run(f, m, extra), load('upstream'))))(inputs);
  gradients.forEach((gradient, i) => {
    check(grads[i], `${name}/${gradient}`);
  });
});
