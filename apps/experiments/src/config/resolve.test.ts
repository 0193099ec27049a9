import fc from 'fast-check';
import { isLatency } from '../latency/resolve.ts';
import { experimentNames, findWorkspace } from './catalog.ts';
import { problemLines, TINY, workspaceWith } from './fixture.ts';
import { configHash, contentHash, pretrainKey, trainingKey } from './hash.ts';
import { resolveExperiment } from './resolve.ts';

const resolveTiny = (more: string, options = {}) => resolveExperiment('tiny', workspaceWith({ 'tiny.yaml': TINY + more }), options);

describe('the runs of an experiment', () => {
  test('every arm runs at every sweep point with every seed, with defaults filled in', () => {
    const experiment = resolveTiny('sweep: { loss.sparseWeight: [0.1, 1], train.lr: [0.01] }\nseeds: [3, 5]\n');
    expect(experiment.runs.map((run) => run.name)).toEqual([
      'rbf/sparseWeight=0.1-lr=0.01-seed3',
      'rbf/sparseWeight=0.1-lr=0.01-seed5',
      'rbf/sparseWeight=1-lr=0.01-seed3',
      'rbf/sparseWeight=1-lr=0.01-seed5',
      'zeros/sparseWeight=0.1-lr=0.01-seed3',
      'zeros/sparseWeight=0.1-lr=0.01-seed5',
      'zeros/sparseWeight=1-lr=0.01-seed3',
      'zeros/sparseWeight=1-lr=0.01-seed5',
    ]);
    const { config, sweep } = experiment.runs[7];
    expect(sweep).toEqual({ 'loss.sparseWeight': 1, 'train.lr': 0.01 });
    expect(config).toMatchObject({ seed: 5, loss: { sparseWeight: 1 }, train: { lr: 0.01, clip: null }, pretrain: null });
    expect(config.model.sampling.interpolation).toEqual({ kind: 'zeros', window: 7, sigma: 3 });
  });

  test('a resolved configuration is frozen to the leaves', () => {
    const { config } = resolveTiny('').runs[0];
    expect(() => Object.assign(config.model.backbone, { planes: [] })).toThrow(TypeError);
    expect(() => config.model.backbone.planes.push(1)).toThrow(TypeError);
  });

  test('seeds and arms can be chosen; sweep keys that end alike keep their whole name', () => {
    const experiment = resolveTiny('sweep: { train.steps: [1], train.lr: [1] }\n', { seeds: [9], arms: ['zeros'] });
    expect(experiment.runs.map((run) => run.name)).toEqual(['zeros/steps=1-lr=1-seed9']);
    const alike = resolveTiny(
      'sweep: { data.seed: [1], pretrain.seed: [2] }\npretrain: { steps: 1, batchSize: 1, lr: 1, optimizer: { kind: sgd }, schedule: { kind: constant } }\n',
    );
    expect(alike.runs[0].name).toBe('rbf/data.seed=1-pretrain.seed=2-seed1');
  });
});

describe('layers', () => {
  test('profile over file, arm over profile, sweep over arm, override over all', () => {
    const more = `profiles:
  quick: { train: { steps: 10, lr: 0.2 }, loss: { sparseWeight: 7 } }
  other: { arms: [zeros] }
`;
    expect(resolveTiny(more).profile).toBe('quick');
    expect(resolveTiny(more).runs[0].config.train).toMatchObject({ steps: 10, lr: 0.2, batchSize: 2 });
    expect(resolveTiny(more, { overrides: ['train.steps=11', 'arms.rbf.train.lr=0.3'] }).runs[0].config.train).toMatchObject({
      steps: 11,
      lr: 0.3,
    });
    expect(resolveTiny(more, { profile: 'other' }).runs.map((run) => run.arm)).toEqual(['zeros']);
    expect(resolveTiny(`${more}sweep: { loss.sparseWeight: [1] }\n`).runs[0].config.loss.sparseWeight).toBe(1);
  });

  test('a mapping of another kind replaces, of the same kind merges', () => {
    const step = ['train.schedule={kind: step, milestones: [0.5]}'];
    expect(resolveTiny('', { overrides: step }).runs[0].config.train.schedule).toMatchObject({
      kind: 'step',
      milestones: [0.5],
      factor: 0.1,
    });
    const warm = ['train.schedule.warmupSteps=4', 'train.schedule={kind: constant, warmupFactor: 0}'];
    expect(resolveTiny('', { overrides: warm }).runs[0].config.train.schedule).toEqual({
      kind: 'constant',
      warmupSteps: 4,
      warmupFactor: 0,
    });
  });

  test('setting a swept key pins the sweep; sweep.KEY replaces its values', () => {
    const sweep = 'sweep: { loss.sparseWeight: [0.1, 1] }\n';
    const pinned = resolveTiny(sweep, { overrides: ['loss.sparseWeight=0.5'] });
    expect(pinned.runs.map((run) => run.config.loss.sparseWeight)).toEqual([0.5, 0.5]);
    const replaced = resolveTiny(sweep, { overrides: ['sweep.loss.sparseWeight=[2, 3, 4]'], arms: ['rbf'] });
    expect(replaced.runs.map((run) => run.config.loss.sparseWeight)).toEqual([2, 3, 4]);
  });

  test('an arm may have a sweep of its own; setting its key pins it too', () => {
    const more = '  resized: { sweep: { evaluate.scale: [1, 0.5] } }\n  once: { sweep: {} }\nsweep: { loss.sparseWeight: [0.1, 1] }\n';
    expect(resolveTiny(more, { arms: ['rbf', 'resized', 'once'] }).runs.map((run) => run.name)).toEqual([
      'rbf/sparseWeight=0.1-seed1',
      'rbf/sparseWeight=1-seed1',
      'resized/scale=1-seed1',
      'resized/scale=0.5-seed1',
      'once/seed1',
    ]);
    const pinned = resolveTiny(more, { arms: ['resized'], overrides: ['evaluate.scale=0.25'] });
    expect(pinned.runs.map(({ name, config }) => [name, config.evaluate.scale])).toEqual([['resized/seed1', 0.25]]);
    expect(problemLines(() => resolveTiny('  x: { sweep: { evaluate.scale: 3 } }\n'))).toEqual([
      'experiments/tiny.yaml:12:33: arms.x.sweep.evaluate.scale must be a list with at least one entry, found 3',
    ]);
    expect(problemLines(() => resolveTiny('  x: { sweep: { evaluate.scael: [3] } }\n'))).toEqual([
      'experiments/tiny.yaml:12:17: unknown key "scael" in evaluate (nearest: "scale")',
    ]);
  });

  test('null takes an optional value back', () => {
    const objects = 'profiles: { quick: { data: { objects: [1, 2] } } }\n';
    expect(resolveTiny(objects).runs[0].config.data).toMatchObject({ objects: [1, 2] });
    expect(resolveTiny(objects, { overrides: ['data.objects=null'] }).runs[0].config.data).toMatchObject({ objects: undefined });
  });

  test('bases: relative to the file that names them, later ones win, the file itself last', () => {
    const workspace = workspaceWith({
      'x.yaml': '_base_: [bases/one.yaml, bases/two.yaml]\ntrain: { lr: 3 }\n',
      'bases/one.yaml': `_base_: deep/tiny.yaml\nloss: { sparseWeight: 1 }\ntrain: { lr: 1, steps: 1 }\n`,
      'bases/deep/tiny.yaml': TINY,
      'bases/two.yaml': 'loss: { sparseWeight: 2 }\ntrain: { lr: 2 }\n',
    });
    expect(experimentNames(workspace)).toEqual(['x']);
    const { config } = resolveExperiment('x', workspace).runs[0];
    expect([config.loss.sparseWeight, config.train.lr, config.train.steps, config.train.batchSize]).toEqual([2, 3, 1, 2]);
  });
});

describe('problems', () => {
  test('all problems of a file at once, each with file, line, column and the nearest key or allowed range', () => {
    const more = `loss: { gama: 3, sparseWeight: -1 }
evaluate:
  sampler: stocastic
sweep: { train.lrr: [1] }
claims:
  - { better: rbf, than: zeroes, in: AP }
  - { equal: [rbf, zeros], in: AP, withn: 1 }
profiles:
  quick: { train: { steps: many } }
  other: { model: { sampling: { interpolation: { window: 4 } } } }
`;
    expect(problemLines(() => resolveTiny(more))).toEqual([
      'experiments/tiny.yaml:12:9: unknown key "gama" in loss (known: sparseWeight, sparse, blockWeights, distillation, tasks)',
      'experiments/tiny.yaml:12:32: loss.sparseWeight must be a number from 0 to 1000, found -1',
      'experiments/tiny.yaml:14:12: evaluate.sampler must be one of stochastic, deterministic, random, uniform, blue-noise, activation, dense, found "stocastic" (nearest: "stochastic")',
      'experiments/tiny.yaml:15:10: unknown key "lrr" in train (nearest: "lr")',
      'experiments/tiny.yaml:18:5: key "within" is missing in claims.1 (a number, at least 0)',
      'experiments/tiny.yaml:18:36: unknown key "withn" in claims.1 (nearest: "within")',
      'experiments/tiny.yaml:20:28: train.steps must be a whole number, at least 1, found "many"',
      'experiments/tiny.yaml:21:58: model.sampling.interpolation.window must be odd, found 4',
    ]);
  });

  test('a claim about an arm that does not exist', () => {
    expect(problemLines(() => resolveTiny('claims: [{ better: rbf, than: zeroes, in: AP }]\n'))).toEqual([
      'experiments/tiny.yaml:12:31: the claim names an unknown arm "zeroes" (nearest: "zeros")',
    ]);
  });

  test('what does not go together is refused where it is said', () => {
    const more = `  late: { train: { order: training }, model: { sampling: { interpolation: { kind: zeros } } } }
  three: { model: { sampling: { integration: three-masks } }, loss: { blockWeights: [0.5, 0.5] } }
  taught: { loss: { distillation: { kind: logits, weight: 1 } } }
`;
    expect(problemLines(() => resolveTiny(more))).toEqual([
      'experiments/tiny.yaml:12:27: train.order cannot be chosen for interpolation zeros in blocks of two-masks, found "training"',
      'experiments/tiny.yaml:13:85: loss.blockWeights needs 3 values for three-masks, found [0.5,0.5]',
      'experiments/tiny.yaml:14:21: loss.distillation needs a pretrained network (pretrain) as its teacher, found {"kind":"logits","weight":1}',
    ]);
    const empty = 'model: { sampling: { interpolation: { kind: reuse, empty: mean } } }\n';
    expect(
      problemLines(() => resolveExperiment('x', workspaceWith({ 'x.yaml': `_base_: b/tiny.yaml\n${empty}`, 'b/tiny.yaml': TINY }))),
    ).toContain('experiments/x.yaml:2:59: model.sampling.interpolation.empty goes with the kinds rbf and average only, found "mean"');
  });

  test('a missing key points at the mapping that lacks it', () => {
    expect(problemLines(() => resolveTiny('pretrain:\n  steps: 3\n')).slice(0, 2)).toEqual([
      'experiments/tiny.yaml:12:1: key "batchSize" is missing in pretrain (a whole number from 1 to 4096)',
      'experiments/tiny.yaml:12:1: key "optimizer" is missing in pretrain (a mapping)',
    ]);
  });

  test('an error in a base points into the base', () => {
    const files = { 'x.yaml': '_base_: b/tiny.yaml\ntrain: { batchSize: 0 }\n', 'b/tiny.yaml': `${TINY}engine: { treads: 1 }\n` };
    expect(problemLines(() => resolveExperiment('x', workspaceWith(files)))).toEqual([
      'experiments/b/tiny.yaml:12:11: unknown key "treads" in engine (nearest: "threads")',
      'experiments/x.yaml:2:21: train.batchSize must be a whole number from 1 to 4096, found 0',
    ]);
  });

  test('the kind decides which keys are known', () => {
    const overrides = ['train.optimizer.kind=adamw', 'train.optimizer.momentum=0.5', 'data.kind=coko'];
    expect(problemLines(() => resolveTiny('', { overrides }))).toEqual([
      'override data.kind=coko: data.kind must be one of emoji, coco, emoji-segmentation, label-folders, cityscapes, emoji-crops, image-folders, found "coko" (nearest: "coco")',
      'override train.optimizer.momentum=0.5: unknown key "momentum" in train.optimizer (known: kind, beta1, beta2, epsilon, weightDecay)',
    ]);
  });

  test('overrides: unknown keys, bad values, bad YAML and bad form name the override', () => {
    expect(problemLines(() => resolveTiny('', { overrides: ['trian.steps=3', 'train.steps=-1', 'arms.rbf=3'] }))).toEqual([
      'override arms.rbf=3: arms.rbf must be a mapping or null, found 3',
      'override trian.steps=3: unknown key "trian" (nearest: "train")',
      'override train.steps=-1: train.steps must be a whole number, at least 1, found -1',
    ]);
    const [form, yaml] = problemLines(() => resolveTiny('', { overrides: ['train..lr=1', 'train.lr=[1'] }));
    expect(form).toBe('override train..lr=1: must look like key.path=value, for example train.steps=200');
    expect(yaml).toMatch(/^override train\.lr=\[1: the value is not YAML: /);
  });

  test('unknown names offer the nearest', () => {
    expect(() => resolveExperiment('tony', workspaceWith({ 'tiny.yaml': TINY }))).toThrow('no experiment "tony" (nearest: "tiny")');
    expect(() => resolveTiny('profiles: { quick: , standard: }\n', { profile: 'standart' })).toThrow(
      'tiny has no profile "standart" (nearest: "standard")',
    );
    expect(() => resolveTiny('', { arms: ['zero'] })).toThrow('no arm "zero" (nearest: "zeros")');
    expect(problemLines(() => resolveTiny('profiles: { quick: { arms: [zero] }, b: 3 }\n'))).toEqual([
      'experiments/tiny.yaml:12:29: no arm "zero" (nearest: "zeros")',
      'experiments/tiny.yaml:12:41: profiles.b must be a mapping or null, found 3',
    ]);
  });
});

describe('absurd values', () => {
  test.each([
    ['seeds: [1, 2, 1]', 'seeds must be different numbers, found [1,2,1]'],
    ['seeds: []', 'seeds must be a list with at least one entry, each a whole number, at least 0, found []'],
    ['sweep: { train.lr: [] }', 'sweep.train.lr must be a list with at least one entry, found []'],
    ['sweep: { train.lr: [1, 1.0] }', 'sweep.train.lr must be different values, found [1,1]'],
    ['sweep: { seed: [1, 2] }', 'not "seed": give the list as seeds'],
    [
      `sweep: { ${['train.lr', 'train.clip', 'loss.sparseWeight'].map((key) => `${key}: [${Array.from({ length: 99 }, (_, i) => i + 1)}]`)} }`,
      'the sweep has 970299 points, more than the 10000 runs',
    ],
    ['evaluate: { scale: .nan }', 'evaluate.scale must be a number from 0.05 to 4, found NaN'],
    ['loss: { sparseWeight: .inf }', 'loss.sparseWeight must be a number from 0 to 1000, found Infinity'],
    ['evaluate: { batchSize: -1 }', 'evaluate.batchSize must be a whole number from 1 to 4096, found -1'],
    ['evaluate: { batchSize: 1e308 }', 'found 1e+308'],
    ['loss: { tasks: { constructor: x } }', 'loss.tasks.constructor must be a number from 0 to 1000, found "x"'],
    ['toString: 1', 'unknown key "toString"'],
    [`${'k'.repeat(1000)}: 1`, 'unknown key "kkkk'],
    ['profiles: { quick: { data: { train: 1e9 } } }', 'data.train must be a whole number from 1 to 1000000, found 1000000000'],
  ])('%s', (text, message) => {
    const lines = problemLines(() => resolveTiny(`${text}\n`));
    expect(lines.join('\n')).toContain(message);
    expect(lines.join('\n').length).toBeLessThan(4000);
  });

  test('more runs than anyone means, and folders that are one', () => {
    const seeds = Array.from({ length: 6000 }, (_, i) => i);
    expect(() => resolveTiny('', { seeds })).toThrow('tiny:default has 12000 runs, at most 10000 are allowed');
    expect(() =>
      resolveTiny('sweep: { evaluate.sampler: [dense], data.variant: [small] }\n', { overrides: ['sweep.data.variant=[small]'] }),
    ).not.toThrow();
    const weights = (names: string) => resolveTiny(`sweep: { model.backbone.weights: [${names}] }\n`);
    expect(() => weights('a/b, a_b')).toThrow('two runs would share the folder rbf/weights=a_b-seed1');
    expect(() => weights('x'.repeat(300))).toThrow('has a name that is too long');
  });
});

describe('identity', () => {
  const { config } = resolveTiny('pretrain: { steps: 1, batchSize: 1, lr: 1, optimizer: { kind: sgd }, schedule: { kind: constant } }\n')
    .runs[0];

  test('the hash does not depend on the order of keys, and changes with every value', () => {
    const reversed = Object.fromEntries(Object.entries(config).reverse()) as typeof config;
    expect(configHash(reversed)).toBe(configHash(config));
    expect(configHash({ ...config, seed: 2 })).not.toBe(configHash(config));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = contentHash(a) === contentHash(b);
        expect(same).toBe(contentHash({ x: a }) === contentHash({ x: b }));
        expect(contentHash({ p: a, q: b })).toBe(contentHash({ q: b, p: a }));
      }),
    );
  });

  test('runs share a training unless more than their evaluation differs', () => {
    const key = trainingKey(config);
    const evaluate = { ...config.evaluate, sampler: 'blue-noise' as const, shift: 2 };
    expect(trainingKey({ ...config, evaluate, data: { ...config.data, val: 99 } as typeof config.data })).toBe(key);
    expect(trainingKey({ ...config, seed: 7 })).not.toBe(key);
    expect(trainingKey({ ...config, loss: { ...config.loss, sparseWeight: 9 } })).not.toBe(key);
  });

  test('runs share a pretrained network unless its data, network or recipe differ', () => {
    const key = pretrainKey(config);
    const { sampling } = config.model;
    expect(pretrainKey({ ...config, seed: 7, model: { ...config.model, sampling: { ...sampling, interval: 0 } } })).toBe(key);
    expect(pretrainKey({ ...config, data: { ...config.data, val: 99 } as typeof config.data })).toBe(key);
    expect(pretrainKey({ ...config, data: { ...config.data, train: 99 } as typeof config.data })).not.toBe(key);
    expect(pretrainKey({ ...config, pretrain: null })).toBeNull();
  });
});

test('every experiment of this project that trains resolves at every profile', () => {
  const workspace = findWorkspace();
  for (const name of experimentNames(workspace).filter((name) => !isLatency(name, workspace))) {
    for (const profile of resolveExperiment(name, workspace).profiles) {
      expect(resolveExperiment(name, workspace, { profile }).runs.length).toBeGreaterThan(0);
    }
  }
});
