// Exported graphs in onnxruntime against golden numbers: torchvision's ResNet and pyramid, the bottleneck of the paper's authors.
import path from 'node:path';
import { expectClose, type FixtureTensor, readFixture, relayout } from '../../../tools/jest/fixtures.ts';
import tolerances from '../fixtures/tolerances.json';
import { runOnnx, type Values } from '../testing/run.ts';
import { pyramid } from './ends.ts';
import { createGraph } from './graph.ts';
import { exportOnnx } from './index.ts';
import { maskOf } from './masks.ts';
import type { Block } from './network.ts';
import type { Lookup, Parameter } from './parameters.ts';
import { maskedBlock, sampledBlock } from './sampled-block.ts';
import type { Scope } from './units.ts';

function golden(name: keyof typeof tolerances) {
  const { tensors, params } = readFixture(path.join(__dirname, '../fixtures', `${name}.safetensors`));
  const limits = tolerances[name] as Record<string, { rtol: number; atol: number }>;
  /** The n-th image of a batch, or row of a matrix. */
  const image = (key: string, n: number): Values => {
    const { shape, data } = tensors[key];
    const size = data.length / shape[0];
    return { dims: [1, ...shape.slice(1)], data: Float32Array.from(data.subarray(n * size, (n + 1) * size)) };
  };
  const compare = (got: Values, key: string, n: number) => {
    expect([key, ...got.dims]).toEqual([key, ...image(key, n).dims]);
    expectClose(got.data, image(key, n).data, limits[key], `${name} ${key}[${n}]`);
  };
  const parameters = Object.entries(tensors)
    .filter(([key]) => key.startsWith('param/') && !key.endsWith('num_batches_tracked'))
    .map(([key, tensor]): [string, Parameter] => [key.slice('param/'.length), inside(tensor)]);
  return { params, image, compare, parameters: new Map(parameters) };
}

/** OIHW -> HWIO, [out,in] -> [in,out]. */
function inside(tensor: FixtureTensor): Parameter {
  const { shape, data } = tensor;
  if (shape.length === 4) return relayout(tensor, 'HWIO');
  if (shape.length !== 2) return { shape, data: data as Float32Array };
  const [outputs, inputs] = shape;
  return { shape: [inputs, outputs], data: Float32Array.from(data, (_, i) => data[(i % outputs) * inputs + Math.floor(i / outputs)]) };
}

const lookupIn =
  (parameters: Map<string, Parameter>, prefix = ''): Lookup =>
  (name, shape) => {
    const found = parameters.get(name.slice(prefix.length))!;
    expect([name, ...found.shape]).toEqual([name, ...shape]);
    return found.data;
  };

test.each([true, false])("06: torchvision's ResNet under its bare names; batch norm folded: %s", async (foldBatchNorm) => {
  const { params, image, compare, parameters } = golden('06_resnet_tiny_torchvision');
  const { layers, widths: planes, stem: width, num_classes: classes } = params;
  const backbone = { stem: { kind: 'imagenet' as const, width }, layers, planes, classes };
  const bytes = exportOnnx({ backbone }, parameters, { outputs: ['features', 'logits'], foldBatchNorm });
  for (const n of [0, 1]) {
    const got = await runOnnx(bytes, { image: image('x', n) });
    for (const key of ['c2', 'c3', 'c4', 'c5', 'logits']) compare(got[key], key, n);
  }
});

test.each(['fixed', 'dynamic'])("08: torchvision's pyramid, odd sizes, %s", async (kind) => {
  const { params, image, compare, parameters } = golden('08_fpn');
  const graph = createGraph();
  const scope: Scope = { graph, body: lookupIn(new Map()), pyramid: lookupIn(parameters), fold: true };
  const features = (params.in_channels as number[]).map((channels, i) => {
    const size = kind === 'fixed' ? params.sizes[i] : [`H${i}`, `W${i}`];
    return { value: graph.input(`c${i + 2}`, [1, channels, ...size]), channels, size };
  });
  const levels = pyramid(scope, { inChannels: params.in_channels, channels: params.out_channels }, features);
  expect(levels).toEqual(['p2', 'p3', 'p4', 'p5', 'p6']);
  for (const level of levels) graph.output(level, [1, params.out_channels, `${level}.H`, `${level}.W`]);
  const bytes = graph.encode({ name: 'pyramid', opset: 17, metadata: {} });
  for (const n of [0, 1]) {
    const got = await runOnnx(bytes, Object.fromEntries(features.map(({ value }) => [value, image(value, n)])));
    for (const level of levels) compare(got[level], level, n);
  }
});

describe.each(['04_block_s1', '04_block_s2'] as const)("%s: the authors' bottleneck in inference order", (name) => {
  const { params, image, compare, parameters } = golden(name);
  const { inplanes: inChannels, planes, stride, downsample, window, grid_interval: interval } = params;
  const sampling = { integration: 'two-masks' as const, interval, interpolation: { kind: 'rbf' as const, window, sigma: 3 }, bias: 3 };
  const channels = { inChannels, planes, planes2: planes, outChannels: 4 * planes };
  const resolution = { stride, inStride: 4, outStride: 4 * stride };
  const block: Block = { name: 'block', stage: 1, index: 0, ...channels, ...resolution, downsample, sampling };

  const exported = (build: typeof maskedBlock, masks: 'inputs' | 'deterministic') => {
    const graph = createGraph();
    const scope: Scope = { graph, body: lookupIn(parameters, 'block.'), pyramid: lookupIn(new Map()), fold: true };
    const x = graph.input('x', [1, inChannels, 'H4', 'W4']);
    const [mask1, mask2] = ([1, 2] as const).map((head) => maskOf(scope, block, head, x, masks, 'dynamic'));
    graph.output(build(scope, block, x, { mask1, mask2 }, 'y'), [1, 4 * planes, 'H', 'W']);
    if (masks === 'deterministic') for (const [i, mask] of [mask1, mask2].entries()) graph.output(mask, [1, 1, `H${i}`, `W${i}`]);
    return graph.encode({ name: 'block', opset: 17, metadata: {} });
  };

  test.each([
    ['masked', maskedBlock],
    ['sampled', sampledBlock],
  ])('%s', async (_, build) => {
    const [given, computed] = [exported(build, 'inputs'), exported(build, 'deterministic')];
    for (const n of [0, 1]) {
      const [mask1, mask2] = [image('test_binary/m1', n), image('test_binary/m2', n)];
      const binary = await runOnnx(given, { x: image('x', n), 'block.mask1': mask1, 'block.mask2': mask2 });
      compare(binary.y, 'test_binary/y_intended', n);
      const inside = await runOnnx(computed, { x: image('x', n) });
      compare(inside['block.mask1'], 'test_det/m1', n);
      compare(inside['block.mask2'], 'test_det/m2', n);
      compare(inside.y, 'test_det/y_intended', n);
    }
  });
});
