// The head decides the task; data, pyramid and evaluation must go with it.
import { problemLines, TINY, workspaceWith } from './fixture.ts';
import { resolveExperiment } from './resolve.ts';

const SEGMENTATION = TINY.replace(/^data: .*$/m, 'data: { kind: emoji-segmentation, train: 8, val: 4, imageSize: 64 }').replace(
  'head: { kind: one-stage }',
  'head: { kind: fcn, classWeights: { background: 0.1 } }',
);
const CLASSIFICATION = TINY.replace(/^data: .*$/m, 'data: { kind: emoji-crops, train: 8, val: 4 }')
  .replace('head: { kind: one-stage }', 'head: { kind: linear }')
  .replace('  fpn: { channels: 8 }\n', '');
const problems = (text: string, overrides: string[] = []) =>
  problemLines(() => resolveExperiment('tiny', workspaceWith({ 'tiny.yaml': text }), { overrides }));
const config = (text: string) => resolveExperiment('tiny', workspaceWith({ 'tiny.yaml': text })).runs[0].config;

test('each task resolves, with its defaults', () => {
  expect(config(SEGMENTATION)).toMatchObject({
    data: { variant: 'thin', flip: true, scale: [1, 1] },
    model: { head: { kind: 'fcn', convs: 1, level: 0, norm: 'group', classWeights: { background: 0.1 } } },
  });
  const { data, model } = config(CLASSIFICATION);
  expect([data, model.head]).toMatchObject([{ imageSize: 96, flip: true }, { labelSmoothing: 0 }]);
  const folders = CLASSIFICATION.replace(/^data: .*$/m, 'data: { kind: image-folders, root: a }');
  expect(config(folders).data).toMatchObject({ train: 'train', val: 'val', resize: 256, crop: 224, area: [0.08, 1] });
});

test('weights of classes are merged by name; null takes one back', () => {
  const more = 'profiles: { other: { model: { head: { classWeights: { background: null, wire: 3 } } } } }\n';
  expect(config(SEGMENTATION + more).model.head).toMatchObject({ classWeights: { wire: 3 } });
  expect(config(SEGMENTATION + more).model.head).not.toHaveProperty('classWeights.background');
});

test('data of another task are refused where they are written', () => {
  expect(problems(SEGMENTATION.replace('emoji-segmentation', 'emoji'))).toEqual([
    'experiments/tiny.yaml:2:15: data.kind must be one of emoji-segmentation, label-folders, cityscapes, for the head fcn is for segmentation, found "emoji"',
  ]);
  expect(problems(CLASSIFICATION.replace(/^data: .*$/m, 'data: { kind: cityscapes, root: a }'))).toEqual([
    'experiments/tiny.yaml:2:15: data.kind must be one of emoji-crops, image-folders, for the head linear is for classification, found "cityscapes"',
  ]);
});

test('a pyramid where one is read, none where none is', () => {
  expect(problems(SEGMENTATION.replace('  fpn: { channels: 8 }\n', ''))).toEqual([
    'experiments/tiny.yaml:3:1: model.fpn is missing: the head fcn reads a pyramid',
    'experiments/tiny.yaml:10:12: model.fpn is missing: the head fcn reads a pyramid', // as the arm zeros has it
  ]);
  expect(problems(CLASSIFICATION.replace('  head:', '  fpn: { channels: 8 }\n  head:'))).toEqual([
    'experiments/tiny.yaml:5:3: model.fpn does not go with the head linear, which reads the backbone\'s last map (set it to null), found {"channels":8}',
  ]);
});

test('windows and crops of segmentation may have any size, as those of mmsegmentation for Cityscapes', () => {
  const sizes = ['evaluate.sliding={size: [769, 769], stride: [513, 513]}', 'data.crop=[513, 769]'];
  const { runs } = resolveExperiment('tiny', workspaceWith({ 'tiny.yaml': SEGMENTATION }), { overrides: sizes });
  expect(runs[0].config).toMatchObject({ data: { crop: [513, 769] }, evaluate: { sliding: { size: [769, 769], stride: [513, 513] } } });
  expect(problems(SEGMENTATION, ['evaluate.sliding={size: [31, 64], stride: [1, 1]}'])[0]).toContain(
    'sliding.size.0 must be a whole number from 32',
  );
});

test('windows and resolutions go with some tasks only', () => {
  expect(problems(TINY, ['evaluate.sliding={size: [64, 64], stride: [32, 32]}'])[0]).toContain(
    'evaluate.sliding is for segmentation, the head one-stage is for detection',
  );
  expect(problems(SEGMENTATION, ['evaluate.sliding={size: [64, 64], stride: [96, 32]}'])[0]).toContain(
    'evaluate.sliding.stride must not exceed size',
  );
  const pretrain =
    '{ steps: 1, batchSize: 1, lr: 1, optimizer: { kind: sgd }, schedule: { kind: constant }, resolutions: [32], scales: [0.5] }';
  expect(problems(SEGMENTATION, [`pretrain=${pretrain}`])[0]).toContain('pretrain.resolutions does not resize labels: use pretrain.scales');
  expect(problems(CLASSIFICATION.replace(/^data: .*$/m, 'data: { kind: image-folders, root: a, resize: 128, crop: 160 }'))).toEqual([
    'experiments/tiny.yaml:2:58: data.crop must not exceed resize, found 160',
  ]);
});
