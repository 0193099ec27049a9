// The generic scores against their definition by sets of pixels, on random label images.
import fc from 'fast-check';
import { addToConfusion, createConfusion } from './confusion.ts';
import type { LabelImage } from './label-image.ts';
import { scoresOf, segmentationScores } from './scores.ts';

const CLASSES = 4;
const IGNORED = 9;
const size = fc.record({ width: fc.integer({ min: 1, max: 6 }), height: fc.integer({ min: 1, max: 5 }) });
const labels = fc.constantFrom(0, 1, 2, 3, IGNORED);
const pair = size.chain(({ width, height }) => {
  const image = fc
    .array(labels, { minLength: width * height, maxLength: width * height })
    .map((data): LabelImage => ({ width, height, data }));
  return fc.record({ label: image, prediction: image });
});

test('equals the definition by sets', () => {
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 4 }), (pairs) => {
      const pixels = pairs.flatMap(({ label, prediction }) => Array.from(label.data, (truth, i) => ({ truth, found: prediction.data[i] })));
      const valid = pixels.filter(({ truth }) => truth !== IGNORED);
      const classes = [0, 1, 2, 3].map((k) => {
        const both = valid.filter(({ truth, found }) => truth === k && found === k).length;
        return {
          iou: both / valid.filter(({ truth, found }) => truth === k || found === k).length,
          accuracy: both / valid.filter(({ truth }) => truth === k).length,
        };
      });
      const mean = (values: number[]) => values.filter((v) => !Number.isNaN(v)).reduce((sum, v, _, all) => sum + v / all.length, 0);
      const got = segmentationScores(pairs, { classes: CLASSES, ignoreLabel: IGNORED });
      expect(got.IoU).toEqual(classes.map(({ iou }) => iou));
      expect(got.accuracy).toEqual(classes.map(({ accuracy }) => accuracy));
      expect(got.aAcc).toEqual(valid.filter(({ truth, found }) => truth === found).length / valid.length);
      if (valid.length > 0) {
        expect(got.mIoU).toBeCloseTo(mean(got.IoU), 12);
        expect(got.mAcc).toBeCloseTo(mean(got.accuracy), 12);
      } else expect([got.mIoU, got.aAcc, got.mAcc]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('a set is scored as one: not the mean over its images', () => {
  const image = (data: number[]): LabelImage => ({ width: data.length, height: 1, data });
  const pairs = [
    { label: image([0]), prediction: image([0]) },
    { label: image([0, 0, 0, 1]), prediction: image([1, 1, 1, 1]) },
  ];
  expect(segmentationScores(pairs, { classes: 2 })).toMatchObject({ IoU: [1 / 4, 1 / 4], mIoU: 1 / 4, aAcc: 2 / 5, mAcc: 5 / 8 });
});

test('the ignored value defaults to 255; other values, sizes and class numbers are refused', () => {
  const image = (...data: number[]): LabelImage => ({ width: data.length, height: 1, data: Uint8Array.from(data) });
  expect(segmentationScores([{ label: image(0, 255), prediction: image(0, 0) }], { classes: 1 }).mIoU).toBe(1);
  expect(() => segmentationScores([{ label: image(0, 2), prediction: image(0, 0) }], { classes: 2 })).toThrow(
    'segmentationScores: pair 0: label is 2 at x 1, y 0; labels are 0..1, and 255 for pixels to be ignored',
  );
  expect(() => addToConfusion(createConfusion(2), { label: image(0), prediction: image(2) })).toThrow('addToConfusion: prediction is 2');
  expect(() => addToConfusion(createConfusion(2), { label: image(0), prediction: image(0, 0) })).toThrow('prediction is 2x1 and label 1x1');
  for (const classes of [0, 1.5]) expect(() => createConfusion(classes)).toThrow(`createConfusion: ${classes} classes`);
  expect(scoresOf(createConfusion(3)).IoU).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});
