// Dense export in onnxruntime against the TensorFlow.js network: stems, odd sizes, free and fixed, plain and pruned.
import type { ResNetConfig } from '@stint/backbones';
import { compareExport, describeModel } from '../testing/compare.ts';
import { decodeModel } from '../testing/decode.ts';
import { runOnnx, testImage, testModel } from '../testing/run.ts';
import { exportOnnx } from './index.ts';

const small: ResNetConfig = { stem: { kind: 'small', widths: [4, 8] }, layers: [1, 2], planes: [8, 12], expansion: 2 };
const imagenet: ResNetConfig = { stem: { kind: 'imagenet', width: 8 }, layers: [2, 1, 1], planes: [4, 8, 12], classes: 5 };
const sizes: [number, number][] = [
  [64, 96],
  [45, 34],
  [33, 97],
  [7, 5],
  [1, 1],
];

test.each([
  ['small stem', small],
  ['imagenet stem', imagenet],
])('%s: one model serves every image size', async (_, config) => {
  await compareExport(testModel(config, 1, { channels: 6 }), sizes);
});

test.each([
  ['all levels and one more', { channels: 6, extraMaxPool: true, outputs: 3 }],
  ['the finest level', { channels: 6, outputs: 1 }],
  ['narrow laterals', { channels: 6, inner: 4 }],
])('pyramid: %s', async (_, fpn) => {
  await compareExport(testModel(imagenet, 2, fpn), [[47, 70]]);
});

test('a fixed image size', async () => {
  const model = testModel(imagenet, 3, { channels: 6 });
  await compareExport(model, [[50, 71]], { inputSize: [50, 71] });
  const fixed = exportOnnx(describeModel(model), model.named, { inputSize: [50, 71] });
  const { input, output, node } = decodeModel(fixed).graph;
  const shapes = Object.fromEntries(
    [...input, ...output].map(({ name, type }) => [name, type.tensorType.shape.dim.map((d) => Object.values(d)[0])]),
  );
  expect(shapes).toEqual({ image: [1, 3, 50, 71], p2: [1, 6, 13, 18], p3: [1, 6, 7, 9], p4: [1, 6, 4, 5], p5: [1, 6, 2, 3] });
  expect(new Set(node.map(({ opType }) => opType))).toEqual(new Set(['Conv', 'Relu', 'MaxPool', 'Add', 'Resize']));
  await expect(runOnnx(fixed, { image: testImage(50, 72, 1).onnx })).rejects.toThrow(/invalid dimensions/);
});

test('a pruned network', async () => {
  const widths = { conv1: 3, conv2: 7, 'layer1.0.conv1': 3, 'layer1.0.conv2': 2, 'layer2.1.conv2': 1, layer1: 9, layer2: 5 };
  await compareExport(testModel({ ...small, widths }, 4, { channels: 6 }), [[33, 50]]);
});

test('a network with masks, exported dense, is the network without them', async () => {
  const interpolation = { kind: 'rbf' as const, window: 7, sigma: 3 };
  const model = testModel({ ...small, sampling: { integration: 'two-masks', interval: 11, interpolation, bias: 3 } }, 5);
  await compareExport(model, [[33, 50]]);
});
