// The property that counts: the pruned network computes what the whole one computes with the removed channels silenced.
import { fpn, type ResNetConfig, resnet } from '@stint/backbones';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectSame, masked, toParams, weights } from '../testing/networks.ts';
import { prefixes } from './network.ts';
import { pruneCheckpoint } from './prune.ts';
import type { Entries, ModelDescription } from './types.ts';

const kinds = ['rbf', 'average', 'convolution', 'zeros', 'reuse'] as const;

/** Networks of every shape: both stems, stages with and without a projection at their start, every interpolation, with pyramid or classifier. */
const descriptions = fc
  .record({
    stem: fc.oneof(
      fc.record({ kind: fc.constant('imagenet' as const), width: fc.integer({ min: 2, max: 8 }) }),
      fc.record({ kind: fc.constant('small' as const), widths: fc.tuple(fc.integer({ min: 2, max: 6 }), fc.constantFrom(4, 8)) }),
    ),
    stages: fc.array(fc.record({ blocks: fc.integer({ min: 1, max: 3 }), planes: fc.constantFrom(2, 4) }), { minLength: 1, maxLength: 3 }),
    expansion: fc.constantFrom(2, 4),
    integration: fc.constantFrom('one-mask' as const, 'two-masks' as const, 'three-masks' as const),
    kind: fc.option(fc.constantFrom(...kinds), { nil: undefined }),
    top: fc.constantFrom('pyramid', 'classifier', 'both', 'known readers'),
    outputs: fc.option(fc.constant(1), { nil: undefined }),
  })
  .map(({ stem, stages, expansion, integration, kind, top, outputs }): ModelDescription => {
    // reuse takes means of whole groups of input channels.
    const fitting = kind === 'reuse' && stem.kind === 'imagenet' ? { ...stem, width: 8 } : stem;
    const backbone: ResNetConfig = {
      stem: fitting,
      layers: stages.map(({ blocks }) => blocks),
      planes: stages.map(({ planes }) => planes),
      expansion,
      sampling: kind && { integration, interval: 5, interpolation: { kind, window: 3, sigma: 3 }, bias: 3 },
      classes: top === 'classifier' || top === 'both' ? 3 : undefined,
    };
    if (top === 'classifier') return { backbone };
    if (top === 'known readers') return { backbone, readers: {} };
    return { backbone, fpn: { channels: 5, outputs } };
  });

const contexts = [
  { mode: 'dense' as const },
  { mode: 'train' as const, key: [3], temperature: 0.5 },
  { mode: 'inference' as const, sampler: { kind: 'stochastic' as const, interval: 5, key: [4] } },
  { mode: 'inference' as const, order: 'training' as const, sampler: { kind: 'deterministic' as const, interval: 5 } },
];

/** What a description computes with given entries, apart from feature maps whose channels were taken: those only with the kept ones. */
function run(description: ModelDescription, entries: Entries, x: tf.Tensor4D, c: (typeof contexts)[number]) {
  const { backbone: config, fpn: levels } = description;
  const before = prefixes(description);
  const { features, samples, logits } = resnet(config).forward(toParams(entries, before.backbone), x, c);
  const pyramid = levels && fpn({ inChannels: features.map(({ shape }) => shape[3]), ...levels });
  return { features, samples, logits, maps: pyramid?.forward(toParams(entries, before.fpn), features) };
}

test('pruned = masked, for any network, in every mode', () => {
  let [smaller, alive] = [0, 0];
  const ratio = fc.constantFrom(0.25, 0.5, 0.7);
  const chance = fc.record({ seed: fc.nat(), ratio, scope: fc.constantFrom('layer' as const, 'global' as const) });
  fc.assert(
    fc.property(descriptions, chance, fc.constantFrom(...contexts), (description, options, context) => {
      tf.tidy(() => {
        const entries = weights(description, 2);
        const pruned = pruneCheckpoint(entries, description, { criterion: 'random', ...options });
        const specs = resnet(pruned.description.backbone).parameters;
        for (const { name, shape } of specs)
          expect([name, pruned.entries.get(prefixes(description).backbone + name)!.shape]).toEqual([name, shape]);
        const x = tf.randomNormal([2, 30, 33, 3], 0, 1, 'float32', 7) as tf.Tensor4D;
        const got = run(pruned.description, pruned.entries, x, context);
        const want = run(description, masked(entries, pruned.groups), x, context);
        if (got.logits) expectSame(got.logits, want.logits!);
        got.maps?.forEach((map, i) => {
          expectSame(map, want.maps![i]);
        });
        got.samples.forEach((sample, i) => {
          expectSame(sample.probability1, want.samples[i].probability1);
          expectSame(sample.mask2, want.samples[i].mask2);
        });
        got.features.forEach((map, s) => {
          const { kept } = pruned.groups.find(({ name }) => name.split('+').includes(`layer${s + 1}`))!;
          expectSame(map, tf.gather(want.features[s], kept, 3));
          if (tf.max(tf.abs(map)).dataSync()[0] > 0) alive++;
          if (kept.length < want.features[s].shape[3]) smaller++;
        });
      });
    }),
    { numRuns: 60, seed: 6 },
  );
  // Not a comparison of zeros, nor of networks that lost nothing.
  expect(Math.min(smaller, alive)).toBeGreaterThan(60);
});

test('a pruned network can be pruned again', () => {
  const first: ModelDescription = {
    backbone: { stem: { kind: 'small', widths: [6, 8] }, layers: [2, 1], planes: [8, 8], expansion: 2, classes: 4 },
  };
  const entries = weights(first);
  const once = pruneCheckpoint(entries, first, { criterion: 'l1', ratio: 0.3 });
  const twice = pruneCheckpoint(once.entries, once.description, { criterion: 'slimming', ratio: 0.5, scope: 'global' });
  const x = tf.randomNormal([1, 32, 32, 3], 0, 1, 'float32', 5) as tf.Tensor4D;
  const got = run(twice.description, twice.entries, x, { mode: 'dense' });
  expectSame(got.logits!, run(once.description, masked(once.entries, twice.groups), x, { mode: 'dense' }).logits!);
  expect(twice.description.backbone.widths).not.toEqual(once.description.backbone.widths);
});

test('heads follow: a convolution on the pyramid whose own outputs go along, and a matrix on a pooled grid of it', () => {
  const description: ModelDescription = {
    backbone: { stem: { kind: 'small', widths: [4, 6] }, layers: [1, 1], planes: [4, 4], expansion: 2 },
    fpn: { inChannels: [8, 8], channels: 6, extraMaxPool: true },
    prefix: { backbone: '', fpn: 'fpn.' },
    readers: {
      fpn: [
        { parameter: 'head.conv.weight', axis: 2 },
        { parameter: 'head.fc.weight', axis: 0, repeat: 4 },
      ],
    },
  };
  const entries = weights(description);
  const conv = tf.randomNormal([3, 3, 6, 2], 0, 1, 'float32', 1);
  const fc = tf.randomNormal([4 * 6, 3], 0, 1, 'float32', 2);
  entries.set('head.conv.weight', { shape: conv.shape, data: conv.dataSync() as Float32Array });
  entries.set('head.fc.weight', { shape: fc.shape, data: fc.dataSync() as Float32Array });
  const pruned = pruneCheckpoint(entries, description, { criterion: 'l1', ratio: 0.5 });
  expect(pruned.description.fpn).toEqual({ inChannels: [4, 4], channels: 3, extraMaxPool: true });
  expect(pruned.entries.get('head.fc.weight')!.shape).toEqual([12, 3]);
  const x = tf.randomNormal([1, 32, 32, 3], 0, 1, 'float32', 5) as tf.Tensor4D;
  const heads = (d: ModelDescription, values: Entries) => {
    const [finest] = run(d, values, x, { mode: 'dense' }).maps!;
    const head = toParams(values, 'head.');
    const grid = tf.reshape(tf.slice(finest, [0, 2, 3, 0], [1, 2, 2, -1]), [1, -1]);
    return [tf.conv2d(finest, head['conv.weight'] as tf.Tensor4D, 1, 'same'), tf.matMul(grid, head['fc.weight'] as tf.Tensor2D)];
  };
  const want = heads(description, masked(entries, pruned.groups));
  heads(pruned.description, pruned.entries).forEach((map, i) => {
    expectSame(map, want[i]);
  });
});
