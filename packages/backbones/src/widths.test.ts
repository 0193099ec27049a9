// Networks whose channel counts differ from block to block, as pruning leaves them.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { fpn } from './fpn.ts';
import { countMacs, fpnMacs } from './macs.ts';
import { resnet } from './resnet.ts';
import { exportTorchWeights, importTorchWeights } from './torch-weights.ts';
import type { ResNetConfig, SamplingConfig } from './types.ts';

const sampling: SamplingConfig = { integration: 'two-masks', interval: 11, interpolation: { kind: 'rbf', window: 7, sigma: 3 }, bias: 3 };
const config: ResNetConfig = {
  stem: { kind: 'small', widths: [6, 8] },
  layers: [2, 1],
  planes: [4, 6],
  expansion: 2,
  sampling,
  classes: 3,
};
const widths = { conv1: 5, conv2: 7, 'layer1.0.conv1': 3, 'layer1.0.conv2': 2, 'layer1.1.conv2': 1, layer1: 7, layer2: 9 };
const pruned: ResNetConfig = { ...config, widths };

test('shapes of all filters, by hand', () => {
  const shapes = Object.fromEntries(resnet(pruned).parameters.map(({ name, shape }) => [name, shape]));
  expect(shapes).toMatchObject({
    'conv1.weight': [3, 3, 3, 5],
    'conv2.weight': [3, 3, 5, 7],
    'bn2.running_var': [7],
    'layer1.0.conv1.weight': [1, 1, 7, 3],
    'layer1.0.conv2.weight': [3, 3, 3, 2],
    'layer1.0.conv3.weight': [1, 1, 2, 7],
    'layer1.1.conv1.weight': [1, 1, 7, 4],
    'layer1.1.conv2.weight': [3, 3, 4, 1],
    'layer1.1.conv1_mask.weight': [3, 3, 7, 1],
    'layer2.0.conv2.weight': [3, 3, 6, 6],
    'layer2.0.conv3.weight': [1, 1, 6, 9],
    'layer2.0.downsample.0.weight': [1, 1, 7, 9],
    'layer2.0.conv2_mask.weight': [3, 3, 7, 1],
    'fc.weight': [9, 3],
  });
  // The stem and stage 1 have 8 channels by the rule: no projection, whatever `widths` says.
  expect(Object.keys(shapes).filter((name) => name.startsWith('layer1.0.downsample'))).toEqual([]);
});

test('a stage whose input has come to be as wide as its output keeps its projection', () => {
  const { blocks } = resnet({ ...config, planes: [8, 6], widths: { layer1: 8 } });
  expect(blocks[0]).toMatchObject({ inChannels: 8, outChannels: 8, downsample: true });
});

test.each(['dense', 'train', 'inference'] as const)('runs in mode %s, with a learned filter on both widths', (mode) => {
  const network = resnet({ ...pruned, sampling: { ...sampling, interpolation: { kind: 'convolution', window: 3, sigma: 3 } } });
  const params = network.initialise(1);
  expect(params['layer1.0.conv1_filter'].shape).toEqual([3, 3, 3, 1]);
  expect(params['layer1.0.conv2_filter'].shape).toEqual([3, 3, 7, 1]);
  const ctx = { mode, key: [1], sampler: { kind: 'stochastic' as const, interval: 11, key: [1] } };
  const { features, logits } = network.forward(params, tf.ones([1, 33, 32, 3]), ctx);
  expect(features.map(({ shape }) => shape)).toEqual([
    [1, 9, 8, 7],
    [1, 5, 4, 9],
  ]);
  expect(network.outChannels).toEqual([7, 9]);
  expect(logits!.shape).toEqual([1, 3]);
});

test('MACs are the weights of each convolution times its positions, for any widths', () => {
  const names = [
    'conv1',
    'layer1.0.conv1',
    'layer1.0.conv2',
    'layer1.1.conv1',
    'layer1.1.conv2',
    'layer2.0.conv1',
    'layer2.0.conv2',
    'layer2',
  ];
  const width = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(fc.tuple(...names.map(() => width)), width, (counts, residual) => {
      const any = { ...Object.fromEntries(names.map((name, i) => [name, counts[i]])), conv2: residual, layer1: residual };
      const network = resnet({ ...config, sampling: undefined, widths: any });
      const size = Object.fromEntries(network.parameters.map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)]));
      // 32x24 pixels; conv1 at half, all else at a quarter, stage 2 at an eighth (its first 1x1 before the stride).
      const positions = (name: string) => (name === 'conv1' ? 192 : /^layer2/.test(name) && name !== 'layer2.0.conv1' ? 12 : 48);
      const report = countMacs(network, [32, 24], 1, { classifier: true });
      for (const { name, macs } of report.layers)
        expect([name, macs]).toEqual([name, size[`${name}.weight`] * (name === 'fc' ? 1 : positions(name))]);
      expect(report.layers.length).toBe(13);
    }),
    { numRuns: 30 },
  );
});

test('interpolation is counted on the channels it runs on', () => {
  const [full, less] = [config, pruned].map((c) =>
    countMacs(resnet(c), [32, 32], 0.5).layers.filter(({ group }) => group === 'interpolation'),
  );
  expect(full.map(({ macs }) => macs)).toEqual(
    [4, 8, 4, 8].map((channels) => 49 * 64 * channels * 0.25).concat(49 * 64 * 6 * 0.25, 49 * 16 * 12 * 0.25),
  );
  expect(less.map(({ macs }) => macs)).toEqual(
    [3, 7, 4, 7].map((channels) => 49 * 64 * channels * 0.25).concat(49 * 64 * 6 * 0.25, 49 * 16 * 9 * 0.25),
  );
});

test('weights of the full network do not fit the pruned one, its own do', () => {
  const [full, less] = [resnet(config), resnet(pruned)];
  const params = less.initialise(2);
  const back = importTorchWeights(exportTorchWeights(params, less.parameters), less.parameters);
  for (const { name } of less.parameters) expect([name, back[name].arraySync()]).toEqual([name, params[name].arraySync()]);
  const exported = exportTorchWeights(full.initialise(2), full.parameters);
  expect(() => importTorchWeights(exported, less.parameters)).toThrow('layer1.0.conv2.weight: [4,4,3,3], expected [2,3,3,3]');
});

test('a pyramid with narrow laterals: shapes, MACs, forward', () => {
  const pyramid = fpn({ inChannels: [7, 9], channels: 8, inner: 5, outputs: 1 });
  const params = pyramid.initialise(1);
  expect(Object.fromEntries(pyramid.parameters.map(({ name, shape }) => [name, shape]))).toMatchObject({
    'inner_blocks.0.0.weight': [1, 1, 7, 5],
    'inner_blocks.1.0.bias': [5],
    'layer_blocks.0.0.weight': [3, 3, 5, 8],
  });
  expect(pyramid.forward(params, [tf.ones([1, 6, 6, 7]), tf.ones([1, 3, 3, 9])]).map(({ shape }) => shape)).toEqual([[1, 6, 6, 8]]);
  const sizes: [number, number][] = [
    [6, 6],
    [3, 3],
  ];
  expect(fpnMacs(pyramid, sizes)).toBe(36 * 7 * 5 + 9 * 9 * 5 + 36 * 9 * 5 * 8);
});

test('errors name the width and the way out', () => {
  expect(() => resnet({ ...config, widths: { 'layer1.0.conv3': 4 } })).toThrow(
    "widths has 'layer1.0.conv3', which is not there; it may have conv1",
  );
  expect(() => resnet({ ...config, widths: { layer2: 0 } })).toThrow("widths has 0 channels for 'layer2'");
  expect(() => resnet({ ...config, widths: { layer1: 7 } })).toThrow(
    "layer1.0 adds its 8 input channels to 7; give 'conv2' and 'layer1' the same width",
  );
});
