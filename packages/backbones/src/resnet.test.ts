import { sparseLoss } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from '../../../tools/jest/fixtures.ts';
import { hashed, hashedWeight } from '../../../tools/jest/hashed.ts';
import { golden } from '../testing/golden.ts';
import { resnet, resnet50, resnet101 } from './resnet.ts';
import type { TorchTensor } from './torch-layout.ts';
import { importTorchWeights } from './torch-weights.ts';
import type { ForwardContext, ResNetConfig } from './types.ts';

const sampling = { integration: 'two-masks' as const, interval: 11, interpolation: { kind: 'rbf' as const, window: 7, sigma: 3 }, bias: 3 };

describe("06, torchvision's blocks", () => {
  const fixture = golden('06_resnet_tiny_torchvision');
  const { layers, widths, stem, num_classes } = fixture.params;
  const network = resnet({ stem: { kind: 'imagenet', width: stem }, layers, planes: widths, classes: num_classes });
  const params = fixture.weights(network.parameters);
  const x = fixture.features('x');

  test('features and logits with frozen statistics', () => {
    const { features, logits, samples } = network.forward(params, x, { mode: 'dense' });
    for (const [s, map] of features.entries()) fixture.expectFeatures(map, `c${s + 2}`);
    fixture.expectValues(logits!.dataSync(), 'logits');
    expect(samples).toEqual([]);
    expect(features.map(({ shape }) => shape[3])).toEqual(network.outChannels);
    expect(features.map(({ shape }) => 64 / shape[1])).toEqual(network.strides);
  });

  test('statistics of the batch: loss, gradients, running statistics, none of them lost to tidy', () => {
    const running: Record<string, tf.Tensor> = {};
    const before = tf.memory().numTensors;
    const update = (name: string, value: tf.Tensor) => {
      running[name] = value;
    };
    const batchNorm = { mode: 'train' as const, momentum: 0.1, update };
    const names = network.parameters.filter(({ trainable }) => trainable).map(({ name }) => name);
    const loss = (...values: tf.Tensor[]) => {
      const varied = { ...params, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) };
      const { logits } = network.forward(varied, x, { mode: 'dense', batchNorm });
      const targets = tf.oneHot([0, 1], num_classes);
      return tf.mean(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits!), targets), 1))) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => params[name]));
    fixture.expectValues(value.dataSync(), 'trainbn/loss');
    for (const key of fixture.keys.filter((key) => key.startsWith('trainbn/grad/'))) {
      fixture.expectParameter(grads[names.indexOf(key.slice('trainbn/grad/'.length))], key);
    }
    for (const key of fixture.keys.filter((key) => key.includes('running') && key.startsWith('trainbn/'))) {
      fixture.expectValues(running[key.slice('trainbn/'.length)].dataSync(), key);
    }
    const statistics = network.parameters.filter(({ role }) => role === 'norm-mean' || role === 'norm-variance').map(({ name }) => name);
    expect(Object.keys(running).sort()).toEqual(statistics.sort());
    tf.dispose([value, grads, running]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("05, the authors' SparseResNet", () => {
  const fixture = golden('05_sparse_resnet_tiny');
  const { layers, widths, stem, tau_train } = fixture.params;
  const network = resnet({ stem: { kind: 'imagenet', width: stem }, layers, planes: widths, sampling });
  const params = fixture.weights(network.parameters);
  const x = fixture.features('x');
  const noise: ForwardContext['noise'] = (block, head) => ({
    u: fixture.features(`noise/${block}.u${head}`),
    v: fixture.features(`noise/${block}.u${head}_prime`),
  });
  const probabilities = (samples: { probability1: tf.Tensor; probability2: tf.Tensor }[]) =>
    samples.map(({ probability1, probability2 }) => ({ mask1: probability1, mask2: probability2 }));

  test('training: features, sparse loss and gradients', () => {
    const context: ForwardContext = { mode: 'train', temperature: tau_train, noise };
    const { features, samples } = network.forward(params, x, context);
    for (const [s, map] of features.entries()) fixture.expectFeatures(map, `train/c${s + 2}`);
    fixture.expectValues(sparseLoss(probabilities(samples)).dataSync(), 'train/L_sparse');
    const keys = fixture.keys.filter((key) => key.startsWith('train/grad/'));
    const names = keys.map((key) => key.slice('train/grad/'.length));
    const gradients = tf.grads((...values: tf.Tensor[]) => {
      const varied = { ...params, ...Object.fromEntries(names.map((name, i) => [name, values[i]])) };
      const out = network.forward(varied, x, context);
      const terms = out.features.map((map, s) => tf.sum(tf.mul(map, fixture.features(`upstream/c${s + 2}`))));
      return tf.add(tf.addN(terms), tf.mul(sparseLoss(probabilities(out.samples)), 0.1));
    })(names.map((name) => params[name]));
    for (const [i, key] of keys.entries()) fixture.expectParameter(gradients[i], key);
    expect(keys.length).toBeGreaterThan(20);
  });

  test.each(['binary', 'det'])("test, %s masks in the code's order: features, sparse loss, densities", (kind) => {
    const how: Partial<ForwardContext> = kind === 'det' ? { sampler: { kind: 'deterministic', interval: 11 } } : { noise };
    const { features, samples } = network.forward(params, x, { mode: 'inference', order: 'training', ...how });
    for (const [s, map] of features.entries()) fixture.expectFeatures(map, `test_${kind}/c${s + 2}`);
    fixture.expectValues(sparseLoss(probabilities(samples)).dataSync(), `test_${kind}/L_sparse`);
    const densities = samples.flatMap(({ mask1, mask2 }) => [mask1, mask2].map((mask) => tf.mean(mask).dataSync()[0]));
    fixture.expectValues(densities, `test_${kind}/mask_density`);
  });
});

test('07, ResNet-50 of torchvision with hashed weights', () => {
  const fixture = golden('07_resnet_full_hash_weights');
  const network = resnet50({ classes: 1000 });
  const entries = new Map<string, TorchTensor>();
  fixture.params.state_dict.forEach(([name, shape]: [string, number[]], t: number) => {
    if (!name.endsWith('num_batches_tracked')) entries.set(name, { shape, data: hashedWeight(name, shape, t) });
  });
  expectClose(Array.from(entries.get('conv1.weight')!.data).slice(0, 16), fixture.raw('check/conv1.weight_first16').data, {
    rtol: 0,
    atol: 0,
  });
  const params = importTorchWeights(entries, network.parameters);
  const [count, channels, height, width] = fixture.params.input_shape;
  const input = tf.tensor4d(hashed(count * channels * height * width, fixture.params.input_index), [count, channels, height, width]);
  const { features, logits } = network.forward(params, tf.transpose(input, [0, 2, 3, 1]), { mode: 'dense' });
  features.forEach((map, s) => {
    const values = tf.tidy(() => tf.transpose(map, [0, 3, 1, 2]).dataSync());
    fixture.expectValues(
      Array.from(fixture.raw(`c${s + 2}_index`).data, (i) => values[i]),
      `c${s + 2}_values`,
    );
    const { mean, variance } = tf.moments(map);
    const unbiased = variance.dataSync()[0] * (map.size / (map.size - 1));
    fixture.expectValues([mean.dataSync()[0], Math.sqrt(unbiased)], `c${s + 2}_mean_std`);
  });
  fixture.expectValues(logits!.dataSync().slice(0, 20), 'logits_first20');
  tf.dispose(params);
});

test("presets have torchvision's number of parameters", () => {
  const count = (network: { parameters: readonly { shape: number[]; trainable: boolean }[] }) =>
    network.parameters.filter(({ trainable }) => trainable).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  expect(count(resnet50({ classes: 1000 }))).toBe(25557032);
  expect(count(resnet101({ classes: 1000 }))).toBe(44549160);
});

describe('the embedded network', () => {
  const config: ResNetConfig = { stem: { kind: 'small', widths: [8, 16] }, layers: [1, 2], planes: [16, 32], expansion: 2, sampling };
  const network = resnet(config);

  test('sizes, names and starting values', () => {
    const params = network.initialise(5);
    expect(Object.keys(params)).toEqual(network.parameters.map(({ name }) => name));
    for (const { name, shape } of network.parameters) expect(params[name].shape).toEqual(shape);
    expect(params['conv2.weight'].shape).toEqual([3, 3, 8, 16]);
    expect(Array.from(params['layer2.1.conv2_mask.bias'].dataSync())).toEqual([3]);
    expect(Array.from(params['layer2.1.conv2_sigma'].dataSync())).toEqual([3]);
    const { mean, variance } = tf.moments(params['layer2.1.conv2.weight']);
    expect(mean.dataSync()[0]).toBeCloseTo(0, 2);
    expect(variance.dataSync()[0] / (2 / (9 * 32))).toBeCloseTo(1, 1);
    const { features } = network.forward(params, tf.ones([1, 45, 34, 3]), { mode: 'dense' });
    expect(features.map(({ shape }) => shape)).toEqual([
      [1, 12, 9, 32],
      [1, 6, 5, 64],
    ]);
  });

  test('the same seed gives the same parameters, another seed others; no two tensors share noise', () => {
    const first = (seed: number, name: string) => Array.from(network.initialise(seed)[name].dataSync().slice(0, 4));
    expect(first(1, 'layer1.0.conv2.weight')).toEqual(first(1, 'layer1.0.conv2.weight'));
    expect(first(1, 'layer1.0.conv2.weight')).not.toEqual(first(2, 'layer1.0.conv2.weight'));
    const ratio = first(1, 'layer2.0.conv2.weight').map((value, i) => value / first(1, 'layer2.1.conv2.weight')[i]);
    expect(ratio[0]).not.toBeCloseTo(ratio[1], 3);
  });

  test('masks depend on the key, and on nothing else', () => {
    const params = network.initialise(1);
    const x = tf.randomUniform([1, 64, 64, 3], 0, 1, 'float32', 3) as tf.Tensor4D;
    const masks = (context: ForwardContext) => network.forward(params, x, context).samples.map(({ mask2 }) => Array.from(mask2.dataSync()));
    const stochastic = (key: number[]): ForwardContext => ({ mode: 'inference', sampler: { kind: 'stochastic', interval: 11, key } });
    for (const context of [stochastic, (key: number[]): ForwardContext => ({ mode: 'train', key })]) {
      expect(masks(context([4, 2]))).toEqual(masks(context([4, 2])));
      expect(masks(context([4, 2]))).not.toEqual(masks(context([4, 3])));
      const [, second, third] = masks(context([4, 2]));
      expect(second).not.toEqual(third);
    }
  });

  test('forward and backward leave no tensor behind', () => {
    const params = network.initialise(1);
    const trainable = network.parameters.filter((spec) => spec.trainable);
    const variables = trainable.map(({ name }) => tf.variable(params[name]));
    const held = { ...params, ...Object.fromEntries(trainable.map(({ name }, i) => [name, variables[i]])) };
    const x = tf.ones([1, 32, 32, 3]) as tf.Tensor4D;
    const before = tf.memory().numTensors;
    for (const mode of ['dense', 'train', 'inference'] as const) {
      const out = network.forward(held, x, { mode, key: [1], sampler: { kind: 'stochastic', interval: 11, key: [1] } });
      expect(tf.memory().numTensors - before).toBe(out.features.length + 6 * out.samples.length);
      tf.dispose(out as unknown as tf.TensorContainer);
      const { value, grads } = tf.variableGrads(() => {
        const { features } = network.forward(held, x, { mode: mode === 'inference' ? 'dense' : mode, key: [1] });
        return tf.addN(features.map((map) => tf.sum(map))) as tf.Scalar;
      });
      tf.dispose([value, grads as tf.NamedTensorMap]);
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});

test('errors name the values and the way out', () => {
  expect(() => resnet({ stem: { kind: 'small', widths: [4, 8] }, layers: [1, 1], planes: [8] })).toThrow('layers [1,1] and planes [8]');
  const even = { ...sampling, interpolation: { kind: 'rbf' as const, window: 6, sigma: 3 } };
  expect(() => resnet({ stem: { kind: 'small', widths: [4, 8] }, layers: [1], planes: [8], sampling: even })).toThrow(
    'window 6; give an odd',
  );
  const reuse = { ...sampling, interpolation: { kind: 'reuse' as const, window: 7, sigma: 3 } };
  expect(() => resnet({ stem: { kind: 'small', widths: [4, 8] }, layers: [1], planes: [6], sampling: reuse })).toThrow(
    '8 input channels of layer1.0',
  );
  const network = resnet({ stem: { kind: 'small', widths: [4, 8] }, layers: [1], planes: [8] });
  expect(() => network.forward({}, tf.ones([1, 8, 8, 1]), { mode: 'dense' })).toThrow('images [1,8,8,1]; give [N,H,W,3]');
  expect(() => network.forward({}, tf.ones([1, 8, 8, 3]), { mode: 'dense' })).toThrow("parameter 'conv1.weight' is missing");
});
