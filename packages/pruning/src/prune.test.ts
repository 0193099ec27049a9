import { resnet50Config, resnetLayout } from '@stint/backbones/plain';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { toEntries, weights } from '../testing/networks.ts';
import { channelGroups, globalCounts, highest, keepChannels, keptCount, pruneCheckpoint, slimmingScales } from './plain.ts';
import type { ModelDescription, PruneOptions } from './types.ts';

const description: ModelDescription = {
  backbone: { stem: { kind: 'small', widths: [6, 8] }, layers: [2, 1], planes: [4, 6], expansion: 2, classes: 3 },
};
const entries = weights(description);
const named = <T extends { name: string }>(list: readonly T[]): Record<string, T> => Object.fromEntries(list.map((one) => [one.name, one]));
const keptOf = (options: PruneOptions, d = description, e = entries) =>
  Object.fromEntries(pruneCheckpoint(e, d, options).groups.map(({ name, kept }) => [name, kept.length]));

describe('groups', () => {
  test('ResNet-50: 16 x 2 inside the blocks, 4 residual streams, the stem; every axis of every filter is in one', () => {
    const backbone = { ...resnet50Config({ classes: 1000 }) };
    const groups = channelGroups({ backbone, readers: {} });
    expect(groups.length).toBe(1 + 16 * 2 + 4);
    const { layers, members, fixed } = named(groups).layer4;
    expect(layers.sort()).toEqual(['layer4.0.conv3', 'layer4.0.downsample.0', 'layer4.1.conv3', 'layer4.2.conv3']);
    const scales = ['layer4.0.bn3', 'layer4.0.downsample.1', 'layer4.1.bn3', 'layer4.2.bn3'].map((norm) => `${norm}.weight`);
    expect(
      members
        .filter(({ use }) => use === 'scale')
        .map(({ parameter }) => parameter)
        .sort(),
    ).toEqual(scales);
    const read = members.filter(({ parameter, axis }) => axis === 2 || parameter === 'fc.weight').map(({ parameter }) => parameter);
    expect(read.sort()).toEqual(['fc.weight', 'layer4.1.conv1.weight', 'layer4.2.conv1.weight']);
    expect(fixed).toBeUndefined();
    const axes = groups.flatMap((group) => group.members.map(({ parameter, axis }) => `${parameter} ${axis}`));
    const wanted = resnetLayout(backbone).parameters.flatMap(({ name, shape }) => {
      if (name === 'fc.weight') return [`${name} 0`];
      if (name === 'fc.bias') return [];
      if (shape.length === 1) return [`${name} 0`];
      return name === 'conv1.weight' ? [`${name} 3`] : [`${name} 2`, `${name} 3`];
    });
    expect(axes.sort()).toEqual(wanted.sort());
  });

  test('without a projection the stem belongs to the residual stream; mask heads, filters and pyramid read it', () => {
    const sampling = {
      integration: 'two-masks' as const,
      interval: 5,
      interpolation: { kind: 'convolution' as const, window: 3, sigma: 3 },
      bias: 3,
    };
    const fpn = { inChannels: [8, 12], channels: 5, inner: 4 };
    const groups = named(
      channelGroups({ backbone: { ...description.backbone, classes: undefined, sampling }, fpn, prefix: { backbone: '', fpn: 'fpn.' } }),
    );
    expect(Object.keys(groups)).toEqual([
      'conv1',
      'conv2+layer1',
      'layer1.0.conv1',
      'layer1.0.conv2',
      'layer1.1.conv1',
      'layer1.1.conv2',
      'layer2.0.conv1',
      'layer2.0.conv2',
      'layer2',
      'fpn.inner',
      'fpn',
    ]);
    const axes = groups['conv2+layer1'].members.map(({ parameter, axis }) => `${parameter} ${axis}`);
    for (const member of [
      'layer1.1.conv2_mask.weight 2',
      'layer1.0.conv2_filter 2',
      'layer2.0.conv1_mask.weight 2',
      'fpn.inner_blocks.0.0.weight 2',
    ])
      expect(axes).toContain(member);
    expect(groups['layer1.0.conv1'].members).toContainEqual({ parameter: 'layer1.0.conv1_filter', axis: 2, repeat: 1, use: 'other' });
    expect(groups['fpn.inner'].layers).toEqual(['fpn.inner_blocks.0.0', 'fpn.inner_blocks.1.0']);
    expect([groups['fpn.inner'].channels, groups.fpn.channels]).toEqual([4, 5]);
    expect(groups.fpn.fixed).toBe("who reads 'fpn' is not known (give readers)");
  });

  test("with interpolation 'reuse' only conv2 is free where the block input is averaged", () => {
    const sampling = {
      integration: 'two-masks' as const,
      interval: 5,
      interpolation: { kind: 'reuse' as const, window: 3, sigma: 3 },
      bias: 3,
    };
    const groups = channelGroups({ backbone: { ...description.backbone, planes: [4, 4], sampling } });
    expect(groups.filter(({ fixed }) => !fixed).map(({ name }) => name)).toEqual([
      'conv1',
      'layer1.0.conv2',
      'layer1.1.conv2',
      'layer2.0.conv2',
      'layer2',
    ]);
  });

  test('who reads the maps: unknown without readers, nobody else with them', () => {
    const bare = { backbone: { ...description.backbone, classes: undefined } };
    const fixed = (d: ModelDescription) => channelGroups(d).flatMap((group) => (group.fixed ? [group.name] : []));
    expect(fixed(bare)).toEqual(['conv2+layer1', 'layer2']);
    expect(fixed({ ...bare, readers: { layer2: [{ parameter: 'head.weight', axis: 0 }] } })).toEqual([]);
    expect(fixed(description)).toEqual([]);
  });
});

describe('how many stay', () => {
  test('a share of each layer, ties to even, never none', () => {
    const cases: [number, number, number][] = [
      [8, 0, 8],
      [8, 0.5, 4],
      [5, 0.5, 3],
      [7, 0.5, 3],
      [3, 0.9, 1],
      [1, 0.9, 1],
      [64, 0.7, 19],
    ];
    for (const [channels, ratio, want] of cases) expect([channels, ratio, keptCount(channels, ratio)]).toEqual([channels, ratio, want]);
  });

  test('multiples of roundTo, or all', () => {
    const counts = [20, 24, 6, 100, 100].map((channels, i) => keptCount(channels, [0.5, 0.1, 0.5, 0.99, 0][i], 8));
    expect(counts).toEqual([8, 24, 6, 8, 100]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        (c, ratio, to) => {
          const kept = keptCount(c, ratio, to);
          expect(kept >= 1 && kept <= c && (kept % to === 0 || kept === c)).toBe(true);
          const wanted = c - ratio * c;
          if (kept < c && kept > to) expect(Math.abs(kept - wanted)).toBeLessThanOrEqual(to / 2 + 0.5);
        },
      ),
    );
  });

  test('per layer: everywhere the same share but where another is given; protected groups are whole', () => {
    const kept = keptOf({
      criterion: 'l1',
      ratio: 0.5,
      ratios: { 'layer2.0.conv2': 0.34, 'layer2.0.conv3': 0 },
      protect: ['layer1', /^layer1\.1/],
    });
    expect(kept).toEqual({
      conv1: 3,
      'conv2+layer1': 8,
      'layer1.0.conv1': 2,
      'layer1.0.conv2': 2,
      'layer1.1.conv1': 4,
      'layer1.1.conv2': 4,
      'layer2.0.conv1': 3,
      'layer2.0.conv2': 4,
      layer2: 12,
    });
    const { groups } = pruneCheckpoint(entries, description, { criterion: 'l1', ratio: 0.5, protect: ['layer1'] });
    expect(named(groups)['conv2+layer1'].fixed).toBe('protected');
  });

  test('global: floor(ratio total) + 1 of all channels go, the lowest scales, one stays in each group', () => {
    const scaled = new Map(entries);
    const set = (name: string, values: number[]) => scaled.set(name, { shape: [values.length], data: Float32Array.from(values) });
    // Everything is far above, but for four channels of one layer (all of it) and two of another.
    for (const [name, { shape }] of entries)
      if (/(bn\d|downsample\.1)\.weight$/.test(name))
        set(
          name,
          Array(shape[0])
            .fill(0)
            .map((_, i) => 2 + i / 10),
        );
    set('layer1.0.bn1.weight', [0.01, -0.02, 0.04, -0.03]);
    set('layer1.1.bn2.weight', [5, 0.05, -6, 0.06]);
    const { groups } = pruneCheckpoint(scaled, description, { criterion: 'slimming', ratio: 5 / 54, scope: 'global' });
    expect(groups.reduce((sum, { channels }) => sum + channels, 0)).toBe(54);
    expect(named(groups)['layer1.0.conv1'].kept).toEqual([2]);
    expect(named(groups)['layer1.1.conv2'].kept).toEqual([0, 2]);
    expect(groups.filter(({ channels, kept }) => kept.length < channels).length).toBe(2);
  });

  test('a residual channel stays while one of its batch norms wants it', () => {
    const scaled = new Map(entries);
    const set = (name: string, values: number[]) => scaled.set(name, { shape: [8], data: Float32Array.from(values) });
    set('bn2.weight', [9, 0, 0, 0, 0, 0, 0, 0]);
    set('layer1.0.bn3.weight', [0, 0, 0, -9, 0, 0, 0, 0]);
    set('layer1.1.bn3.weight', [0, 0.1, 0, 0, 0, 9, 0, 0.1]);
    const { groups } = pruneCheckpoint(scaled, description, { criterion: 'slimming', ratio: 5 / 8 });
    expect(named(groups)['conv2+layer1'].kept).toEqual([0, 3, 5]);
  });

  test('global by L1: the unit of a layer does not matter', () => {
    const louder = new Map(entries);
    const { shape, data } = entries.get('layer1.0.conv2.weight')!;
    louder.set('layer1.0.conv2.weight', { shape, data: data.map((value) => 50 * value) });
    const options = { criterion: 'l1' as const, ratio: 0.4, scope: 'global' as const };
    expect(pruneCheckpoint(louder, description, options).groups).toEqual(pruneCheckpoint(entries, description, options).groups);
  });

  test('equal scores: the lower index stays, in one layer as in all', () => {
    expect(highest([1, 2, 1, 2, 1], 3)).toEqual([0, 1, 3]);
    expect(
      globalCounts(
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
        0.5,
      ),
    ).toEqual([1, 1]);
    expect(
      globalCounts(
        [
          [1, 2],
          [3, 4],
        ],
        0,
      ),
    ).toEqual([2, 2]);
    // Three of five go: the last three of the longer list.
    expect(globalCounts([[1], [1, 1, 1, 1]], 0.4)).toEqual([1, 1]);
  });

  test('random: a pure function of the seed, different from group to group and seed to seed, every channel as likely', () => {
    const kept = (seed: number) =>
      pruneCheckpoint(entries, description, { criterion: 'random', ratio: 0.5, seed }).groups.map((group) => group.kept);
    expect(kept(1)).toEqual(kept(1));
    expect(kept(1)).not.toEqual(kept(2));
    const counts = new Array(8).fill(0);
    const alike = Array.from({ length: 400 }, (_, seed) => kept(seed)).filter((lists) => String(lists[2]) === String(lists[4])).length;
    for (let seed = 0; seed < 400; seed++) for (const c of kept(seed)[1]) counts[c]++;
    // Binomial with mean 200 and deviation 10; two lists of C(4,2) are alike one time in six (67, deviation 7.5).
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(45);
    expect(Math.abs(alike - 67)).toBeLessThan(34);
  });
});

test('ratio 0 changes nothing, not even the description; nothing given is changed', () => {
  const before = new Map([...entries].map(([name, { data }]) => [name, data.slice()]));
  for (const scope of ['layer', 'global'] as const) {
    const same = pruneCheckpoint(entries, description, { criterion: 'slimming', ratio: 0, scope, roundTo: 8 });
    expect(same.description).toEqual(description);
    expect([...same.entries]).toEqual([...entries]);
  }
  pruneCheckpoint(entries, description, { criterion: 'l1', ratio: 0.7 });
  expect(new Map([...entries].map(([name, { data }]) => [name, data]))).toEqual(before);
});

test('channels that come back to the rule leave no width behind', () => {
  const selection = { conv1: [1, 2], 'layer1.0.conv1': [0, 3] };
  const { description: narrow } = keepChannels(entries, description, selection);
  expect(narrow.backbone.widths).toEqual({ conv1: 2, 'layer1.0.conv1': 2 });
  const wide = { backbone: { ...description.backbone, widths: { 'layer1.0.conv2': 6 } } };
  const { groups, ...back } = pruneCheckpoint(weights(wide), wide, { criterion: 'l1', ratio: 0, ratios: { 'layer1.0.conv2': 1 / 3 } });
  expect(back.description).toEqual(description);
  expect(groups.length).toBe(9);
});

test('without batch norm slimming has no measure; the pyramid stays whole under it', () => {
  const d: ModelDescription = { ...description, fpn: { channels: 4 }, prefix: { backbone: '', fpn: 'fpn.' }, readers: {} };
  const { groups } = pruneCheckpoint(weights(d), d, { criterion: 'slimming', ratio: 0.5 });
  expect(named(groups)['fpn.inner']).toMatchObject({ kept: [0, 1, 2, 3], fixed: "criterion 'slimming' has no measure for it" });
  expect(keptOf({ criterion: 'l1', ratio: 0.5 }, d, weights(d))).toMatchObject({ 'fpn.inner': 2, fpn: 2 });
});

test('names of a detector by default; what else the description says is handed on', () => {
  const d = { backbone: { ...description.backbone, classes: undefined }, fpn: { channels: 4, outputs: 1 }, categories: ['cat'] };
  const whole = weights(d);
  whole.set('head.cls_logits.weight', { shape: [3, 3, 4, 1], data: new Float32Array(36) });
  const pruned = pruneCheckpoint(whole, d, { criterion: 'l1', ratio: 0.5 });
  expect(pruned.description.categories).toEqual(['cat']);
  expect(pruned.description.fpn).toEqual({ channels: 4, inner: 2, outputs: 1 });
  expect(pruned.entries.get('backbone.fpn.inner_blocks.1.0.weight')!.shape).toEqual([1, 1, 6, 2]);
  expect(pruned.entries.get('backbone.body.layer2.0.conv2.weight')!.shape).toEqual([3, 3, 3, 3]);
  expect(pruned.entries.get('head.cls_logits.weight')).toBe(whole.get('head.cls_logits.weight'));
});

test('scales for the penalty: of groups that may lose channels', () => {
  expect(slimmingScales(description, { protect: [/^layer1/] }).sort()).toEqual([
    'bn1.weight',
    'layer2.0.bn1.weight',
    'layer2.0.bn2.weight',
    'layer2.0.bn3.weight',
    'layer2.0.downsample.1.weight',
  ]);
  expect(slimmingScales(description).length).toBe(2 + 2 * 3 + 4);
});

describe('errors name the values and the way out', () => {
  const prune =
    (options: Partial<PruneOptions>, d = description, e = entries) =>
    () =>
      pruneCheckpoint(e, d, { criterion: 'l1', ratio: 0.5, ...options } as PruneOptions);

  test('options', () => {
    expect(prune({ ratio: 1 })).toThrow('ratio 1; give a share of the channels, 0 <= share < 1');
    expect(prune({ ratios: { layer2: -1 } })).toThrow('layer2 -1; give a share');
    expect(prune({ roundTo: 0 })).toThrow('roundTo 0; give a whole number');
    expect(prune({ protect: ['layer9'] })).toThrow('layer9 names no group of channels; there are conv1, conv2+layer1, layer1.0.conv1');
    expect(prune({ protect: [/^stage/] })).toThrow('/^stage/ names no group');
    expect(prune({ scope: 'global', ratios: { layer2: 0.1 } })).toThrow("ratios for layer2 in scope 'global'");
    expect(prune({ criterion: 'random' })).toThrow("criterion 'random' with seed undefined");
    const bare = { backbone: { ...description.backbone, classes: undefined } };
    expect(prune({ ratios: { layer2: 0.1 } }, bare)).toThrow(
      "a ratio for layer2, which keeps its channels: who reads 'layer2' is not known",
    );
  });

  test('weights: everything that does not fit, at once', () => {
    const wrong = new Map(entries);
    wrong.delete('bn1.bias');
    wrong.set('layer1.0.conv2.weight', toEntries({ w: tf.zeros([3, 3, 4, 5]) }).get('w')!);
    wrong.set('layer1.0.conv1_mask.weight', toEntries({ w: tf.zeros([3, 3, 8, 1]) }).get('w')!);
    wrong.set('layer1.0.bn1.num_batches_tracked', { shape: [], data: Float32Array.of(1) });
    const readers = {
      layer2: [
        { parameter: 'fc.weight', axis: 0 },
        { parameter: 'absent', axis: 0 },
        { parameter: 'odd', axis: 1, repeat: 2 },
      ],
    };
    wrong.set('odd', { shape: [1, 12], data: new Float32Array(12) });
    expect(prune({}, { ...description, readers }, wrong)).toThrow(
      [
        'pruning: the weights do not fit the description:',
        'bn1.bias is missing, expected [6]',
        'layer1.0.conv2.weight is [3,3,4,5], expected [3,3,4,4]',
        'axis 0 of fc.weight has two readers',
        'absent, which reads layer2, is missing',
        'odd is [1,12], expected 2 x 12 on axis 1, the channels of layer2',
        'layer1.0.conv1_mask.weight is not in the description',
      ].join('\n  '),
    );
  });

  test('descriptions and selections', () => {
    expect(prune({}, { ...description, fpn: { inChannels: [8, 10], channels: 4 } })).toThrow(
      'a pyramid over [8,10] channels on a backbone that gives [8,12]',
    );
    expect(prune({}, { ...description, readers: { layer3: [] } })).toThrow(
      "readers of 'layer3', which is not handed out; there are layer1, layer2",
    );
    const keep =
      (selection: Record<string, number[]>, d = description) =>
      () =>
        keepChannels(entries, d, selection);
    expect(keep({ layer3: [0] })).toThrow("no group 'layer3'; there are conv1");
    expect(keep({ layer2: [] })).toThrow('channels [] of layer2; give at least one of 0..11, ascending');
    expect(keep({ layer2: [3, 3] })).toThrow('channels [3,3] of layer2');
    expect(keep({ layer2: [12] })).toThrow('channels [12] of layer2');
    const bare = { backbone: { ...description.backbone, classes: undefined } };
    expect(keep({ layer2: [0] }, bare)).toThrow('layer2 keeps its channels');
  });
});
