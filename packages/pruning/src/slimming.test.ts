import { resnet } from '@stint/backbones';
import * as tf from '@tensorflow/tfjs-core';
import { slimmingPenalty, slimmingScales } from './index.ts';

const backbone = {
  stem: { kind: 'small' as const, widths: [3, 4] as [number, number] },
  layers: [1],
  planes: [2],
  expansion: 2,
  classes: 2,
};
const network = resnet(backbone);
const params = network.initialise(1);
params['bn1.weight'] = tf.tensor([0.5, -2, 0]);

test('sum of |gamma| of all batch norms, and of nothing else', () => {
  // bn1 as above; bn2 4, layer1.0: bn1 2, bn2 2, bn3 4 channels at 1. The stem is as wide as the stage: no projection.
  expect(slimmingPenalty(params).dataSync()[0]).toBe(2.5 + 4 + 2 + 2 + 4);
  const inner = slimmingScales({ backbone }, { protect: ['layer1', 'conv1'] });
  expect(slimmingPenalty(params, inner).dataSync()[0]).toBe(4);
});

test('the gradient is the sign, 0 at 0, and only scales have one', () => {
  const names = ['bn1.weight', 'bn1.bias', 'conv1.weight'];
  const of = (...values: tf.Tensor[]) => slimmingPenalty({ ...params, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) });
  const [scale, shift, filter] = tf.grads((...values: tf.Tensor[]) =>
    tf.add(of(...values), tf.mul(0, tf.sum(tf.addN(values.map((v) => tf.sum(v)))))),
  )(names.map((name) => params[name]));
  expect(Array.from(scale.dataSync())).toEqual([1, -1, 0]);
  for (const none of [shift, filter]) expect(tf.max(tf.abs(none)).dataSync()[0]).toBe(0);
});

test('descending on it brings scales to 0 at the same speed, whatever their size', () => {
  let scale: tf.Tensor = tf.tensor([1, -0.3, 0.05]);
  for (let step = 0; step < 4; step++) scale = tf.sub(scale, tf.mul(0.05, tf.grad((x) => slimmingPenalty({ 'bn.weight': x }))(scale)));
  expect(Array.from(scale.dataSync(), (value) => Math.round(1000 * value) / 1000)).toEqual([0.8, -0.1, 0]);
});

test('leaves no tensor behind, and says what is missing', () => {
  const before = tf.memory().numTensors;
  slimmingPenalty(params).dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(() => slimmingPenalty({ 'fc.weight': tf.zeros([2, 2]) })).toThrow('no batch norm among 1 parameters');
  expect(() => slimmingPenalty(params, ['bn9.weight', 'conv1.weight'])).toThrow('no scale bn9.weight, conv1.weight among');
});
