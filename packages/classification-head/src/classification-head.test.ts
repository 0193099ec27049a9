import { importTorchWeights, type Params, type ResNetConfig, resnet } from '@stint/backbones';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from '../../../tools/jest/fixtures.ts';
import golden from '../fixtures/golden.json';
import torchvision from '../fixtures/torchvision.json';
import { classificationHead } from './index.ts';

const tolerance = { rtol: 1e-4, atol: 1e-6 };
const labels = Int32Array.from(golden.labels);

/** OIHW or NCHW -> channels last; a matrix transposed. */
const ours = ({ shape, data }: { shape: number[]; data: number[] }): tf.Tensor => {
  const tensor = tf.tensor(data, shape);
  return shape.length === 4 ? tf.transpose(tensor, [0, 2, 3, 1]) : shape.length === 2 ? tf.transpose(tensor) : tensor;
};
const features = ours(golden.inputs.features) as tf.Tensor4D;
const params: Params = { 'fc.weight': ours(golden.inputs.weight), 'fc.bias': ours(golden.inputs.bias) };
const head = classificationHead({ channels: 5, classes: 7 });

describe("torch's numbers", () => {
  test('logits, probabilities and ranking', () => {
    expectClose(head.forward(params, [features]).dataSync(), golden.logits.data, tolerance);
    const found = head.predict(params, [features]);
    expectClose(
      found.flatMap(({ scores }) => Array.from(scores)),
      golden.scores.data,
      tolerance,
    );
    expect(found.flatMap(({ ranking }) => Array.from(ranking))).toEqual(golden.ranking.data);
  });

  test.each(golden.losses)('loss and gradients with smoothing $smoothing', ({ smoothing, loss, gradients }) => {
    const smooth = classificationHead({ channels: 5, classes: 7, labelSmoothing: smoothing });
    const { value, grads } = tf.valueAndGrads((map: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => {
      return smooth.losses({ 'fc.weight': weight, 'fc.bias': bias }, [map as tf.Tensor4D], { labels }).cls_loss;
    })([features, params['fc.weight'], params['fc.bias']]);
    expectClose(value.dataSync(), [loss], tolerance);
    Object.values(gradients).forEach((want, i) => {
      expectClose(grads[i].dataSync(), ours(want).dataSync(), tolerance);
    });
  });
});

describe('one classifier, two homes: fc of a whole ResNet and this head', () => {
  const config: ResNetConfig = { stem: { kind: 'imagenet', width: 8 }, layers: [1, 1], planes: [4, 6] };
  const [whole, body] = [resnet({ ...config, classes: 7 }), resnet(config)];
  const own = classificationHead({ channels: body.outChannels.at(-1)!, classes: 7 });

  test('the same names, shapes, roles and order; the same logits, bit by bit', () => {
    expect([...body.parameters, ...own.parameters]).toEqual(whole.parameters);
    const values = { ...body.initialise(1), ...own.initialise(2) };
    const x = tf.randomNormal([2, 32, 40, 3], 0, 1, 'float32', 3) as tf.Tensor4D;
    const { features: maps } = body.forward(values, x, { mode: 'dense' });
    const { logits } = whole.forward(values, x, { mode: 'dense' });
    expect(own.forward(values, maps).arraySync()).toEqual(logits!.arraySync());
  });

  test("torchvision's logits from torchvision's last map and weights", () => {
    const { c5, logits, tolerance, ...weights } = torchvision;
    const last = classificationHead({ channels: c5.shape[1], classes: logits.shape[1] });
    const values = importTorchWeights(weights, last.parameters);
    expectClose(last.forward(values, [ours(c5) as tf.Tensor4D]).dataSync(), logits.data, tolerance);
  });
});

test('starting values: uniform within 1 / sqrt(inputs), a pure function of the seed', () => {
  const wide = classificationHead({ channels: 400, classes: 100 });
  const start = wide.initialise(3);
  for (const [name, count] of Object.entries({ 'fc.weight': 40000, 'fc.bias': 100 })) {
    const values = start[name].dataSync() as Float32Array;
    const [least, most] = [Math.min(...values), Math.max(...values)];
    expect(values.length).toBe(count);
    expect(Math.max(-least, most)).toBeLessThanOrEqual(0.05);
    expect(Math.min(-least, most)).toBeGreaterThan(0.045);
    // Variance of U(-b, b): b^2 / 3; its standard error is 6 % for 100 values.
    const variance = values.reduce((sum, value) => sum + value * value, 0) / count;
    expect(Math.abs(variance / (0.05 ** 2 / 3) - 1)).toBeLessThan(0.25);
  }
  expect(start['fc.bias'].arraySync()).toEqual(wide.initialise(3)['fc.bias'].arraySync());
  expect(start['fc.bias'].arraySync()).not.toEqual(wide.initialise(4)['fc.bias'].arraySync());
});

test('reads the coarsest map only; equal scores rank by class', () => {
  const finer = tf.ones([3, 8, 12, 2]) as tf.Tensor4D;
  expect(head.forward(params, [finer, features]).arraySync()).toEqual(head.forward(params, [features]).arraySync());
  const flat = { 'fc.weight': tf.zeros([5, 7]), 'fc.bias': tf.tensor([0, 0, 1, 0, 1, 0, 0]) };
  expect(Array.from(head.predict(flat, [features])[1].ranking)).toEqual([2, 4, 0, 1, 3, 5, 6]);
});

test('learns: a few steps down its gradient separate what can be separated', () => {
  const maps = tf.tensor4d([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0], [3, 1, 1, 4]);
  const small = classificationHead({ channels: 4, classes: 3, labelSmoothing: 0.1 });
  let current = small.initialise(1);
  const targets = { labels: Int32Array.of(2, 0, 1) };
  const loss = (weight: tf.Tensor, bias: tf.Tensor) => small.losses({ 'fc.weight': weight, 'fc.bias': bias }, [maps], targets).cls_loss;
  for (let step = 0; step < 60; step++) {
    const [dw, db] = tf.grads(loss)([current['fc.weight'], current['fc.bias']]);
    current = { 'fc.weight': tf.sub(current['fc.weight'], dw), 'fc.bias': tf.sub(current['fc.bias'], db) };
  }
  const found = small.predict(current, [maps]);
  expect(found.map(({ ranking }) => ranking[0])).toEqual([2, 0, 1]);
  // The least loss puts 1 - s + s/K on the right class.
  for (const [i, { scores }] of found.entries()) expect(scores[targets.labels[i]]).toBeCloseTo(1 - 0.1 + 0.1 / 3, 1);
});

test('leaves no tensor behind', () => {
  const before = tf.memory().numTensors;
  head.predict(params, [features]);
  tf.dispose(head.losses(params, [features], { labels }));
  expect(tf.memory().numTensors).toBe(before);
});

test('errors name the values and the way out', () => {
  expect(() => classificationHead({ channels: 0, classes: 7 })).toThrow('channels 0; give a whole number');
  expect(() => classificationHead({ channels: 5, classes: 7, labelSmoothing: 1 })).toThrow('labelSmoothing 1; give a share');
  expect(() => head.forward(params, [tf.ones([1, 2, 2, 4])])).toThrow('features [1,2,2,4] do not have the 5 channels');
  expect(() => head.forward(params, [])).toThrow('features [none]');
  expect(() => head.forward({ 'fc.weight': params['fc.weight'] }, [features])).toThrow("parameter 'fc.bias' is missing");
  expect(() => head.losses(params, [features], { labels: Int32Array.of(1, 2) })).toThrow('2 labels do not match logits [3,7]');
  expect(() => head.losses(params, [features], { labels: Int32Array.of(1, 7, 2) })).toThrow('label 7 of image 1 is not in 0..6');
});
