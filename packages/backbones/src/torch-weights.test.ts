import * as tf from '@tensorflow/tfjs-core';
import { resnet } from './resnet.ts';
import type { TorchTensor } from './torch-layout.ts';
import { exportTorchWeights, importTorchWeights } from './torch-weights.ts';
import type { InterpolationKind } from './types.ts';

const network = (kind?: InterpolationKind) =>
  resnet({
    stem: { kind: 'small', widths: [4, 8] },
    layers: [1],
    planes: [4],
    classes: 3,
    sampling: kind && { integration: 'two-masks', interval: 11, interpolation: { kind, window: 5, sigma: 3 }, bias: 3 },
  });

test('a filter lands where PyTorch reads it: index by index', () => {
  const at = (shape: number[]) => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
  const specs = [
    { name: 'conv.weight', shape: [3, 2, 4, 5], role: 'weight' },
    { name: 'fc.weight', shape: [4, 6], role: 'weight' },
    { name: 'block.conv2_filter', shape: [5, 5, 3, 1], role: 'filter' },
  ];
  const shapes: Record<string, number[]> = { 'conv.weight': [5, 4, 3, 2], 'fc.weight': [6, 4], 'block.conv2_filter': [3, 1, 5, 5] };
  const entries = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, data: at(shape) }]));
  const params = importTorchWeights(entries, specs);
  const value = (name: string, index: number[]) => (params[name].bufferSync() as tf.TensorBuffer<tf.Rank>).get(...index);
  expect(value('conv.weight', [2, 1, 3, 4])).toBe(((4 * 4 + 3) * 3 + 2) * 2 + 1);
  expect(value('fc.weight', [2, 5])).toBe(5 * 4 + 2);
  expect(value('block.conv2_filter', [4, 1, 2, 0])).toBe((2 * 5 + 4) * 5 + 1);
});

test.each(['rbf', 'convolution'] as const)('export and import are inverse, %s', (kind) => {
  const { parameters, initialise } = network(kind);
  const params = initialise(1);
  const before = tf.memory().numTensors;
  const exported = exportTorchWeights(params, parameters);
  expect(tf.memory().numTensors).toBe(before);
  expect([...exported.keys()]).toEqual(parameters.map(({ name }) => name));
  expect(exported.get('conv2.weight')!.shape).toEqual([8, 4, 3, 3]);
  const back = importTorchWeights(exported, parameters);
  expect(tf.memory().numTensors).toBe(before + parameters.length);
  for (const { name } of parameters) expect([name, back[name].arraySync()]).toEqual([name, params[name].arraySync()]);
});

test('prefix, num_batches_tracked, and what may be missing or unexpected', () => {
  const dense = network();
  const weights = exportTorchWeights(dense.initialise(1), dense.parameters);
  const entries = new Map<string, TorchTensor>([...weights].map(([name, tensor]) => [`module.${name}`, tensor]));
  entries.set('module.bn1.num_batches_tracked', { shape: [], data: [7] });
  entries.set('module.extra.weight', { shape: [1], data: [7] });
  entries.set('other.weight', { shape: [1], data: [7] });
  const sparse = network('rbf').parameters;
  const params = importTorchWeights(entries, sparse, { prefix: 'module.', allowMissing: /_mask|_sigma/, allowUnexpected: /^extra/ });
  expect(Object.keys(params).sort()).toEqual(dense.parameters.map(({ name }) => name).sort());
});

test('one error lists everything that does not fit', () => {
  const { parameters, initialise } = network();
  const entries = exportTorchWeights(initialise(1), parameters);
  entries.delete('fc.bias');
  entries.delete('bn1.weight');
  entries.set('layer9.0.conv1.weight', { shape: [1], data: new Float32Array(1) });
  entries.set('conv1.weight', { shape: [4, 3, 7, 7], data: new Float32Array(588) });
  const message = () => importTorchWeights(entries, parameters);
  expect(message).toThrow('missing (2): bn1.weight, fc.bias');
  expect(message).toThrow('unexpected (1): layer9.0.conv1.weight');
  expect(message).toThrow('of another shape (1): conv1.weight: [4,3,7,7], expected [4,3,3,3]');
  expect(() => importTorchWeights(entries, parameters, { prefix: 'module.' })).toThrow("(prefix 'module.')");
  expect(() => exportTorchWeights({}, parameters)).toThrow("'conv1.weight' is [missing], expected [3,3,3,4]");
});
