// Against cityscapesScripts 2.3.0 (fixtures/cityscapes), and what the fixtures leave open against numbers worked out by hand.
import fs from 'node:fs';
import path from 'node:path';
import { readGreyPng } from '../../testing/grey-png.ts';
import type { LabelImage } from '../segmentation/label-image.ts';
import { type CityscapesPair, cityscapesEvaluation, cityscapesScores, type NamedScores } from './evaluation.ts';
import { formatCityscapesScores } from './format.ts';
import { CITYSCAPES_CATEGORIES, CITYSCAPES_LABELS } from './labels.ts';

const folder = path.join(__dirname, '../../fixtures/cityscapes');
const expectedOf = (name: string) => JSON.parse(fs.readFileSync(path.join(folder, name, 'expected.json'), 'utf8'));
const pairsOf = (name: string): CityscapesPair[] =>
  expectedOf(name).pairs.map((files: string[]) => {
    const [prediction, label, instances] = files.map((file) => readGreyPng(path.join(folder, name, file)));
    return { prediction, label, instances };
  });

/** null in the fixtures is NaN. */
function expectScores(got: NamedScores, want: Record<string, number | null>, mean: number | null) {
  expect(Object.keys(got.scores)).toEqual(Object.keys(want));
  for (const [name, value] of Object.entries(want)) expectScore(got.scores[name], value, name);
  expectScore(got.mean, mean, 'mean');
}

function expectScore(got: number, want: number | null, name: string) {
  const fits = want === null ? Number.isNaN(got) : Math.abs(got - want) <= 1e-9;
  if (!fits) throw new Error(`${name} is ${got}, expected ${want}`);
}

describe.each(['a_all_classes', 'b_few_classes'])('%s', (name) => {
  const { official, official_confusion_34x34_rows_gt: confusion, train19, ...tables } = expectedOf(name);
  const scores = cityscapesScores(pairsOf(name));

  test('class, category and instance-level IoU are those of cityscapesScripts', () => {
    expect(scores.confusion).toEqual(confusion);
    expectScores(scores.classIoU, official.classScores, official.averageScoreClasses);
    expectScores(scores.categoryIoU, official.categoryScores, official.averageScoreCategories);
    expectScores(scores.instanceIoU.class, official.classInstScores, official.averageScoreInstClasses);
    expectScores(scores.instanceIoU.category, official.categoryInstScores, official.averageScoreInstCategories);
  });

  test('the 19-class variant', () => {
    expectScore(scores.trainId.mIoU, train19.mIoU, 'mIoU');
    expectScore(scores.trainId.aAcc, train19.aAcc, 'aAcc');
    expectScore(scores.trainId.mAcc, train19.mAcc, 'mAcc');
    train19.IoU.forEach((want: number | null, k: number) => {
      expectScore(scores.trainId.IoU[k], want, `IoU ${k}`);
    });
    train19.Acc.forEach((want: number | null, k: number) => {
      expectScore(scores.trainId.accuracy[k], want, `accuracy ${k}`);
    });
  });

  test('the table of labels is that of cityscapesScripts', () => {
    for (const { id, name: label, category, trainId, ignored, averageSize } of CITYSCAPES_LABELS) {
      expect([label, category, trainId]).toEqual([tables.names[id], tables.category[id], tables.id_to_trainId[id]]);
      expect(ignored).toBe(tables.ignoreInEval.includes(id));
      expect(averageSize).toBe(tables.hasInstances.includes(id) ? tables.avgClassSize[label] : undefined);
    }
    expect(CITYSCAPES_LABELS.map(({ id }) => id)).toEqual(Object.keys(tables.names).map(Number));
    expect([...CITYSCAPES_CATEGORIES]).toEqual([...new Set(Object.values(tables.category))]);
  });

  test('an image at a time, in any order, gives the same', () => {
    const evaluation = cityscapesEvaluation();
    for (const pair of pairsOf(name).reverse()) evaluation.add(pair);
    const { instanceIoU, ...pixels } = evaluation.scores();
    expect(pixels).toEqual({ ...scores, instanceIoU: undefined });
    expect(instanceIoU.class.mean).toBeCloseTo(scores.instanceIoU.class.mean, 12);
  });
});

test('255 in a prediction counts as unlabeled: as cityscapesScripts 2.3.0 counts the same files with 0 in its place', () => {
  const pairs = (value: number) =>
    pairsOf('a_all_classes').map((pair) => {
      const data = Array.from(pair.prediction.data, (id, i) => (i % 10 === 3 ? value : id));
      return { ...pair, prediction: { ...pair.prediction, data } };
    });
  const scores = cityscapesScores(pairs(255));
  expect(scores).toEqual(cityscapesScores(pairs(0)));
  // evalPixelLevelSemanticLabeling.evaluateImgLists on the fixture with every tenth predicted pixel, from the fourth, set to 0.
  const { classIoU, categoryIoU, instanceIoU } = scores;
  for (const [got, want] of [
    [classIoU.mean, 0.4138590372266095],
    [instanceIoU.class.mean, 0.3893531613102687],
    [categoryIoU.mean, 0.4868742097137447],
    [instanceIoU.category.mean, 0.4392861884648557],
  ])
    expect(got).toBeCloseTo(want, 9);
  const label = pairs(0)[0].label;
  const wrong = { label: { ...label, data: Array.from(label.data, (id, i) => (i === 5 ? 255 : id)) }, prediction: label };
  expect(() => cityscapesScores([wrong])).toThrow('label is 255 at x 5, y 0; labels are 0..33');
});

const image = (width: number, ...data: number[]): LabelImage => ({ width, height: data.length / width, data });

test('false positives: not on ignored labels, but by unscored classes they are misses', () => {
  // Truth: road, road, static (ignored), car; predicted: road, caravan (ignored class), car, car.
  const scores = cityscapesScores([{ label: image(4, 7, 7, 4, 26), prediction: image(4, 7, 29, 26, 26) }]);
  expect(scores.classIoU.scores).toMatchObject({ road: 1 / 2, car: 1 });
  expect(scores.classIoU.mean).toBe(3 / 4);
  expect(scores.trainId).toMatchObject({ mIoU: 3 / 4, aAcc: 2 / 3, mAcc: 3 / 4 });
  expect(scores.categoryIoU.scores.vehicle).toBe(1); // the caravan on the road is of no SCORED label of the category
});

test('a small instance weighs as much as a large one', () => {
  // Two cars of 1 and 3 pixels, the small one found, the large one missed altogether.
  const pair = { label: image(4, 26, 26, 26, 26), prediction: image(4, 26, 7, 7, 7), instances: image(4, 26000, 26001, 26001, 26001) };
  const { classIoU, instanceIoU } = cityscapesScores([pair]);
  expect([classIoU.scores.car, instanceIoU.class.scores.car]).toEqual([1 / 4, 1 / 2]);
});

test('without instances the instance-level scores are NaN; nothing at all is NaN everywhere', () => {
  const { classIoU, instanceIoU } = cityscapesScores([{ label: image(1, 26), prediction: image(1, 26) }]);
  expect([classIoU.mean, instanceIoU.class.mean, instanceIoU.category.scores.vehicle]).toEqual([1, Number.NaN, Number.NaN]);
  const empty = cityscapesScores([]);
  expect([empty.classIoU.mean, empty.trainId.aAcc, empty.images]).toEqual([Number.NaN, Number.NaN, 0]);
});

test.each<[CityscapesPair[], string]>([
  [[{ label: image(2, 7, 7), prediction: image(1, 7, 7) }], 'pair 0: prediction is 1x2 and label 2x1; scores need equal sizes'],
  [[{ label: image(2, 7, 7), prediction: { width: 2, height: 1, data: [7] } }], 'pair 0: prediction is 2x1 but holds 1 values'],
  [[{ label: image(2, 7, 7), prediction: image(2, 7, 254) }], 'pair 0: prediction is 254 at x 1, y 0; labels are 0..33'],
  [[{ label: image(1, 7, 34), prediction: image(1, 7, 7) }], 'pair 0: label is 34 at x 0, y 1; labels are 0..33'],
  [[{ label: image(1, 26), prediction: image(1, 26), instances: image(1, 34000) }], 'instance id 34000; ids are label id x 1000'],
  [[{ label: image(1, 7), prediction: image(1, 7), instances: image(1, 7001) }], "instance id 7001, but 'road' (7) has no instances"],
  [[{ label: image(1, 7), prediction: image(1, 7), instances: image(2, 7, 7) }], 'instances is 2x1 and label 1x1'],
  [
    [
      { label: image(1, 7), prediction: image(1, 7) },
      { label: image(1, 7), prediction: image(1, 7), instances: image(1, 7) },
    ],
    'pair 1 has instances, unlike those before; give them for all images or for none',
  ],
])('wrong input %# is named', (pairs, message) => {
  expect(() => cityscapesScores(pairs)).toThrow(`cityscapesScores: ${message.startsWith('pair') ? message : `pair 0: ${message}`}`);
});

test('an image that is refused changes nothing', () => {
  const evaluation = cityscapesEvaluation();
  expect(() => evaluation.add({ label: image(2, 7, 7), prediction: image(2, 7, 77) }, 'aachen_000000')).toThrow(
    'aachen_000000: prediction is 77',
  );
  expect(
    evaluation
      .scores()
      .confusion.flat()
      .every((count) => count === 0),
  ).toBe(true);
});

test('the table', () => {
  const pair = { label: image(2, 7, 26), prediction: image(2, 7, 26), instances: image(2, 7, 26000) };
  const lines = formatCityscapesScores(cityscapesScores([pair])).split('\n');
  expect(lines[0]).toBe('classes            IoU      nIoU');
  expect(lines).toContain('road          :  1.000       nan');
  expect(lines).toContain('car           :  1.000     1.000');
  expect(lines.filter((line) => line.startsWith('Score Average'))).toEqual(new Array(2).fill('Score Average :  1.000     1.000'));
  expect(lines.at(-1)).toBe('19 train ids: mIoU 1.000, aAcc 1.000, mAcc 1.000');
  expect(lines).toHaveLength(19 + 7 + 2 * 5 + 3);
});
