// A pruned model through the runtime is the whole one with the removed channels silenced: detections, masks and all.
import { normalValues } from '@stint/core-sampling';
import { compile, type ModelDescription, type NamedTensor, parametersOf, type RunResult } from '@stint/runtime';
import { masked } from './fixture.ts';
import { prunable, pruneModel } from './prune-model.ts';
import { groupNames, type PruneSettings, patternsOf, unknownName } from './settings.ts';

const settings: PruneSettings = { ratio: 0.5, criterion: 'l1', scope: 'layer', roundTo: 1, protect: [], seed: 1 };

const backbone: ModelDescription['backbone'] = {
  stem: { kind: 'small', widths: [6, 8] },
  layers: [2, 1],
  planes: [8, 10],
  expansion: 2,
  sampling: { integration: 'two-masks', interval: 4, bias: 0, interpolation: { kind: 'rbf', window: 7, sigma: 1.5 } },
};
const rpn = { classes: 3, channels: 8, anchorSizes: [[16], [32], [64]], detections: { scoreThreshold: 0 }, roi: { hidden: 12, size: 3 } };
const models: Record<string, ModelDescription> = {
  'one-stage, its tower as wide as the pyramid': {
    backbone,
    fpn: { channels: 8, outputs: 1 },
    head: { kind: 'one-stage', classes: 3, channels: 8, strides: [4], convs: 2, scoreThreshold: 0 },
  },
  'one-stage without a tower': {
    backbone,
    fpn: { channels: 8 },
    head: { kind: 'one-stage', classes: 3, channels: 8, strides: [4, 8, 16], convs: 0, scoreThreshold: 0 },
  },
  'faster-rcnn': { backbone, fpn: { channels: 8 }, head: { kind: 'faster-rcnn', ...rpn } },
  classifier: { backbone: { ...backbone, classes: 5 } },
};

function weights(description: ModelDescription): Map<string, NamedTensor> {
  return new Map(
    parametersOf(description).map(({ name, shape, role }, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const noise = normalValues(size, [3, i]);
      const fan = size / shape[shape.length - 1];
      const value = (z: number) => {
        if (role === 'norm-variance') return 1 + 0.3 * z * z;
        if (role === 'norm-scale') return 1 + 0.3 * z;
        if (role === 'sigma') return 1.5;
        return shape.length > 1 ? z * Math.sqrt(2 / fan) : 0.2 * z;
      };
      return [name, { shape, data: Float32Array.from(noise, value) }];
    }),
  );
}

const image = { data: Float32Array.from(normalValues(64 * 96 * 3, [1])), height: 64, width: 96 };

async function run(description: ModelDescription, tensors: ReadonlyMap<string, NamedTensor>): Promise<RunResult> {
  const model = await compile({ description, tensors, metadata: {}, source: 'test' }, { threads: 1, sampler: { kind: 'deterministic' } });
  try {
    return await model.run(image, { wantMasks: true });
  } finally {
    model.close();
  }
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  const largest = Math.max(...Array.from(want, Math.abs));
  expect(largest).toBeGreaterThan(0);
  for (let i = 0; i < got.length; i++) expect(Math.abs(got[i] - want[i])).toBeLessThan(1e-4 * (1 + largest));
}

test.each(Object.entries(models))('%s', async (name, description) => {
  const entries = weights(description);
  const pruned = pruneModel(entries, description, settings);
  const got = await run(pruned.description, pruned.entries);
  const along: Record<string, string[]> = name === 'faster-rcnn' ? { fpn: ['rpn.head.conv.0.0'] } : {};
  const want = await run(description, masked(entries, pruned.groups, along));
  expect(got.masks).toEqual(want.masks);
  expect(got.macs.denseTotal).toBeLessThan(0.4 * want.macs.denseTotal);
  if (want.logits) expectClose(got.logits!, want.logits);
  else {
    expect(pruned.description.fpn).toMatchObject({ channels: 4 });
    expect(got.detections!.scores.length).toBeGreaterThan(10);
    for (const part of ['scores', 'boxes'] as const) expectClose(got.detections![part], want.detections![part]);
    expect([...got.detections!.labels]).toEqual([...want.detections!.labels]);
  }
});

test('a tower keeps its width; a second pruning starts where the first ended', () => {
  const description = models['one-stage, its tower as wide as the pyramid'];
  const once = pruneModel(weights(description), description, settings);
  expect(once.description.head).toMatchObject({ channels: 4, width: 8 });
  expect(once.entries.get('head.conv.0.weight')!.shape).toEqual([3, 3, 4, 8]);
  const twice = pruneModel(once.entries, once.description, { ...settings, criterion: 'slimming', scope: 'global', protect: ['layer1*'] });
  expect(twice.groups.find((group) => group.name === 'layer1.1.conv2')!.kept).toHaveLength(4);
  for (const { name, shape } of parametersOf(twice.description)) expect([name, twice.entries.get(name)!.shape]).toEqual([name, shape]);
});

test('random channels go with the seed', () => {
  const description = models.classifier;
  const kept = (seed: number) => pruneModel(weights(description), description, { ...settings, criterion: 'random', seed }).groups;
  expect(kept(1)).toEqual(kept(1));
  expect(kept(1)).not.toEqual(kept(2));
});

test('a pyramid without a known head keeps its channels', () => {
  const description = { backbone, fpn: { channels: 8 } };
  const { groups } = pruneModel(weights(description), description, settings);
  expect(groups.find(({ name }) => name === 'fpn')).toMatchObject({ kept: { length: 8 }, fixed: expect.stringContaining('not known') });
});

test('names: feature maps, convolutions, and * for anything', () => {
  const known = groupNames(prunable(models['faster-rcnn']));
  expect(patternsOf(['layer1*', 'fpn'], known).map(({ source }) => source)).toEqual(['^layer1.*$', '^fpn$']);
  for (const name of ['layer2', 'layer1.0.conv2', '*.conv1', 'backbone.body.layer1.0.conv3', 'fpn.inner'])
    expect(unknownName(name, known)).toBeUndefined();
  expect(unknownName('layer1.0.con2', known)).toBe('no channels are named "layer1.0.con2" (nearest: "layer1.0.conv2")');
  expect(unknownName('layer1x0', known)).toContain('no channels are named');
  expect(() => patternsOf(['layer9*'], known)).toThrow('pruning: no channels are named "layer9*"');
});
