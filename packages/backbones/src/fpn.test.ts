import * as tf from '@tensorflow/tfjs-core';
import { golden } from '../testing/golden.ts';
import { fpn } from './fpn.ts';
import { fpnMacs } from './macs.ts';

const fixture = golden('08_fpn');
const { in_channels: inChannels, out_channels: channels } = fixture.params;
const features = [2, 3, 4, 5].map((level) => fixture.features(`c${level}`));

test('08: pyramid and gradients of torchvision, odd sizes', () => {
  const pyramid = fpn({ inChannels, channels });
  const params = fixture.weights(pyramid.parameters);
  const names = pyramid.parameters.map(({ name }) => name);
  const out = pyramid.forward(params, features);
  expect(out.length).toBe(pyramid.levels);
  for (const [i, map] of out.entries()) fixture.expectFeatures(map, `p${i + 2}`);
  const upstream = [2, 3, 4, 5, 6].map((level) => fixture.features(`upstream/p${level}`));
  const gradients = tf.grads((...values: tf.Tensor[]) => {
    const maps = pyramid.forward(
      Object.fromEntries(names.map((name, i) => [name, values[i]])),
      values.slice(names.length) as tf.Tensor4D[],
    );
    return tf.addN(maps.map((map, i) => tf.sum(tf.mul(map, upstream[i]))));
  })([...names.map((name) => params[name]), ...features]);
  for (const [i, name] of names.entries()) fixture.expectParameter(gradients[i], `grad/${name}`);
  for (const [i, _] of features.entries()) fixture.expectFeatures(gradients[names.length + i], `dc${i + 2}`);
});

test('kept levels equal those of the whole pyramid, and only their convolutions exist', () => {
  const whole = fpn({ inChannels, channels });
  const params = fixture.weights(whole.parameters);
  const finest = fpn({ inChannels, channels, outputs: 2 });
  expect(finest.parameters.map(({ name }) => name)).toEqual(
    whole.parameters.map(({ name }) => name).filter((name) => !/layer_blocks\.[23]/.test(name)),
  );
  const before = tf.memory().numTensors;
  const kept = finest.forward(params, features);
  expect([kept.length, finest.levels, tf.memory().numTensors - before]).toEqual([2, 2, 2]);
  for (const [i, map] of kept.entries()) fixture.expectFeatures(map, `p${i + 2}`);
  const withExtra = fpn({ inChannels, channels, outputs: 4, extraMaxPool: true }).forward(params, features);
  fixture.expectFeatures(withExtra[4], 'p6');
});

test('starting values: uniform with variance 1 / fan-in, biases 0', () => {
  const params = fpn({ inChannels: [64], channels: 48 }).initialise(3);
  const { mean, variance } = tf.moments(params['layer_blocks.0.0.weight']);
  expect(mean.dataSync()[0]).toBeCloseTo(0, 2);
  expect(variance.dataSync()[0] * 9 * 48).toBeCloseTo(1, 1);
  expect(tf.max(tf.abs(params['inner_blocks.0.0.bias'])).dataSync()[0]).toBe(0);
});

test('MACs by hand: lateral 1x1 everywhere, output 3x3 where kept', () => {
  const pyramid = fpn({ inChannels: [8, 16], channels: 4, outputs: 1 });
  expect(
    fpnMacs(pyramid, [
      [10, 6],
      [5, 3],
    ]),
  ).toBe(60 * 8 * 4 + 60 * 9 * 4 * 4 + 15 * 16 * 4);
  expect(() => fpnMacs(pyramid, [[10, 6]])).toThrow('1 sizes for 2 levels');
});

test('errors', () => {
  expect(() => fpn({ inChannels: [8, 16], channels: 4, outputs: 3 })).toThrow('outputs 3 of 2 levels');
  expect(() => fpn({ inChannels, channels }).forward({}, features.slice(1))).toThrow('3 feature maps; give 4');
});
