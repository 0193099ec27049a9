// Networks with masks in onnxruntime against TensorFlow.js: masks handed in or thresholded inside, dense times mask or sampled.
import type { InterpolationKind, ResNetConfig } from '@stint/backbones';
import { compareExport, describeModel } from '../testing/compare.ts';
import { decodeModel, withOutputs } from '../testing/decode.ts';
import { runOnnx, testImage, testModel } from '../testing/run.ts';
import { exportOnnx, maskInputs } from './index.ts';

const configOf = (kind: InterpolationKind, interval = 11): ResNetConfig => ({
  stem: { kind: 'small', widths: [4, 8] },
  layers: [2, 1],
  planes: [4, 8],
  sampling: { integration: 'two-masks', interval, interpolation: { kind, window: 7, sigma: 3 }, bias: 3 },
});

const sizes: [number, number][] = [
  [61, 86],
  [32, 20],
];

describe.each(['masked', 'sampled'] as const)('%s', (mode) => {
  test.each(['rbf', 'average', 'convolution', 'zeros', 'reuse'] as const)('%s, masks handed in', async (kind) => {
    const densities = await compareExport(testModel(configOf(kind), 3), sizes, { mode });
    for (const density of densities) expect(density).toBeGreaterThan(0.2);
    for (const density of densities) expect(density).toBeLessThan(0.8);
  });

  test.each([11, 3, 0])('masks thresholded inside, grid prior of %i', async (interval) => {
    const model = testModel(configOf('rbf', interval), 3, { channels: 5 });
    const [density] = await compareExport(model, sizes, { mode, masks: 'deterministic' }, { kind: 'deterministic', interval });
    expect(density).toBeGreaterThan(0.2);
    expect(density).toBeLessThan(0.8);
  });

  test.each([0, 1])('masks of density %i', async (density) => {
    const kinds: InterpolationKind[] = ['rbf', 'zeros'];
    for (const kind of kinds) {
      const got = await compareExport(
        testModel(configOf(kind), 4),
        [[33, 50]],
        { mode },
        { kind: 'random', interval: 0, density, key: [1] },
      );
      expect(got).toEqual([density]);
    }
  });

  test('batch norm as nodes of its own, a fixed size, the imagenet stem, classes', async () => {
    const config: ResNetConfig = { ...configOf('rbf'), stem: { kind: 'imagenet', width: 6 }, classes: 3 };
    await compareExport(testModel(config, 5), [[57, 40]], { mode, foldBatchNorm: false, inputSize: [57, 40] });
  });

  test('a pruned network', async () => {
    const widths = { conv2: 7, layer1: 7, layer2: 5, 'layer1.0.conv1': 3, 'layer1.0.conv2': 2, 'layer2.0.conv2': 1 };
    await compareExport(testModel({ ...configOf('rbf'), expansion: 2, widths }, 6), [[33, 50]], { mode });
  });
});

test('sampled: as many rows are multiplied as positions are sampled, and no block convolves a map', async () => {
  const model = testModel(configOf('rbf'), 7);
  const description = describeModel(model);
  const bytes = exportOnnx(description, model.named, { mode: 'sampled' });
  const products = decodeModel(bytes).graph.node.filter(({ opType }) => opType === 'MatMul');
  expect(products.map(({ output }) => output[0])).toEqual(
    ['layer1.0', 'layer1.1', 'layer2.0'].flatMap((block) => [1, 2, 3].map((i) => `${block}.conv${i}.product`)),
  );
  const convolutions = decodeModel(bytes).graph.node.filter(({ opType }) => opType === 'Conv');
  for (const { output } of convolutions) expect(output[0]).toMatch(/^(conv\d|.*\.downsample\.0|.*\.fill\d\..*)$/);

  const image = testImage(40, 64, 1).onnx;
  const masks = maskInputs(description, [40, 64]).map(({ name, shape }, i) => {
    const data = Float32Array.from({ length: shape[2] * shape[3] }, (_, at) => (at % (i + 2) === 0 ? 1 : 0));
    return [name, { dims: shape, data }] as const;
  });
  const got = await runOnnx(
    withOutputs(
      bytes,
      products.map(({ output }) => output[0]),
    ),
    { image, ...Object.fromEntries(masks) },
  );
  const sampled = Object.fromEntries(masks.map(([name, { data }]) => [name, data.filter((value) => value === 1).length]));
  for (const block of ['layer1.0', 'layer1.1', 'layer2.0']) {
    for (const i of [1, 2, 3]) expect(got[`${block}.conv${i}.product`].dims[0]).toBe(sampled[`${block}.mask${i === 1 ? 1 : 2}`]);
  }
});
