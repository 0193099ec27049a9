// Fixture 12: norms, thresholds and a pruned block of other implementations.
import path from 'node:path';
import { denseBlock, type Params, type ResNetConfig, resnet } from '@stint/backbones';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose, type FixtureTensor, readFixture, relayout } from '../../../tools/jest/fixtures.ts';
import tolerances from '../fixtures/tolerances.json';
import { toEntries, toParams } from '../testing/networks.ts';
import { globalCounts, highest, keptCount, l1Norms, pruneCheckpoint } from './plain.ts';

const { tensors, params } = readFixture(path.join(__dirname, '../fixtures/12_pruning.safetensors'));
const limits = tolerances['12_pruning'] as Record<string, { rtol: number; atol: number }>;
const expectGolden = (got: ArrayLike<number>, key: string) => expectClose(got, tensors[key].data, limits[key], key);

interface L1Case {
  layer: number;
  ratio: number;
  C: number;
  int_rule: { num_keep: number; keep: number[] };
  torch_round_rule: { num_keep: number; keep: number[] };
}
interface SlimmingCase {
  ratio: number;
  kept: number;
  keep: number[][];
  empty_layers: number[];
}

describe('L1 norm', () => {
  test.each([0, 1, 2])('norms of layer %d', (layer) => {
    expectGolden(l1Norms(relayout(tensors[`l1/conv${layer}/weight`], 'HWIO')), `l1/conv${layer}/norm`);
  });

  test.each(params.l1 as L1Case[])('layer $layer at ratio $ratio: what torch keeps', ({ layer, ratio, C, int_rule, torch_round_rule }) => {
    const norms = l1Norms(relayout(tensors[`l1/conv${layer}/weight`], 'HWIO'));
    expect(keptCount(C, ratio)).toBe(torch_round_rule.num_keep);
    expect(highest(norms, torch_round_rule.num_keep)).toEqual(torch_round_rule.keep);
    expect(highest(norms, int_rule.num_keep)).toEqual(int_rule.keep);
  });
});

test.each(params.slimming as SlimmingCase[])('network slimming at ratio $ratio', ({ ratio, kept, keep, empty_layers }) => {
  const scores = keep.map((_, i) => (tensors[`slimming/bn${i}/weight`].data as Float32Array).map(Math.abs));
  const counts = globalCounts(scores, ratio);
  // The reference lets a layer lose everything; ours leaves it the best.
  keep.forEach((channels, i) => {
    const best = highest(scores[i], 1);
    expect([i, highest(scores[i], counts[i])]).toEqual([i, empty_layers.includes(i) ? best : channels]);
  });
  expect(counts.reduce((a, b) => a + b)).toBe(kept + empty_layers.length);
});

test('a pruned bottleneck: channels, filter and outputs', () => {
  const config: ResNetConfig = { stem: { kind: 'small', widths: [4, 12] }, layers: [1], planes: [6] };
  const before = toEntries(resnet(config).initialise(1));
  for (const [key, tensor] of Object.entries(tensors)) {
    if (!key.startsWith('block/param/')) continue;
    const { shape, data } = tensor.shape.length === 4 ? relayout(tensor, 'HWIO') : (tensor as FixtureTensor & { data: Float32Array });
    before.set(`layer1.0.${key.slice('block/param/'.length)}`, { shape, data });
  }
  const ratios = { 'layer1.0.conv1': 1 / 3, 'layer1.0.conv2': 1 / 2 };
  const { entries, description, groups } = pruneCheckpoint(before, { backbone: config }, { criterion: 'l1', ratio: 0, ratios });
  const kept = Object.fromEntries(groups.map((group) => [group.name, group.kept]));
  expect(kept['layer1.0.conv1']).toEqual(Array.from(tensors['block/keep1'].data));
  expect(kept['layer1.0.conv2']).toEqual(Array.from(tensors['block/keep2'].data));
  expect(description).toEqual({ backbone: { ...config, widths: { 'layer1.0.conv1': 4, 'layer1.0.conv2': 3 } } });
  const filter = entries.get('layer1.0.conv2.weight')!;
  expectGolden(tf.transpose(tf.tensor(filter.data, [...filter.shape]), [3, 2, 0, 1]).dataSync(), 'block/pruned/conv2.weight');
  const { shape, data } = relayout(tensors['block/x'], 'NHWC');
  const output = (weights: Params, c: ResNetConfig) =>
    tf.transpose(denseBlock(weights, resnet(c).blocks[0], tf.tensor4d(data, shape)), [0, 3, 1, 2]).dataSync();
  expectGolden(output(toParams(before), config), 'block/y_unpruned');
  expectGolden(output(toParams(entries), description.backbone), 'block/y_pruned');
});
