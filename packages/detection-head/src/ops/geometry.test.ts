// Boxes, coder, NMS, anchors, matcher and level mapper against torchvision's own answers, and their properties.
import path from 'node:path';
import fc from 'fast-check';
import { expectClose, readFixture, type Tolerance } from '../../../../tools/jest/fixtures.ts';
import tolerances from '../../fixtures/tolerances.json';
import { anchorPyramid, baseAnchors } from './anchors.ts';
import { decodeBoxes, encodeBoxes } from './box-coder.ts';
import { boxAreas, boxCoverage, boxIou, clipBoxes, largeBoxes, takeBoxes } from './boxes.ts';
import { mapLevels } from './level-mapper.ts';
import { BACKGROUND, matchBoxes } from './matcher.ts';
import { batchedNms, byFallingScore, nms, topScores } from './nms.ts';

const folder = path.join(__dirname, '../../fixtures');
const { tensors, params } = readFixture(path.join(folder, 'detection_ops.safetensors'));
const tolerance: Record<string, Tolerance> = tolerances.detection_ops;
const floats = (key: string) => tensors[key].data as Float32Array;
const ints = (key: string) => tensors[key].data as Int32Array;
const near = (got: ArrayLike<number>, key: string) => expectClose(got, tensors[key].data, tolerance[key], key);

const box = fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 60 }))).map(([x, y, w, h]) => [x, y, x + w + 1, y + h + 1]);
const boxList = fc.array(box, { maxLength: 30 }).map((list) => Float32Array.from(list.flat()));

describe('boxes', () => {
  test('IoU, clipping and small boxes are as in torchvision', () => {
    near(boxIou(floats('nms/boxes').slice(0, 80), floats('iou/boxes2')), 'iou/matrix');
    const clipped = clipBoxes(floats('clip/boxes'), 150, 200);
    near(clipped, 'clip/out');
    expect(largeBoxes(clipped, 1)).toEqual(ints('clip/small_keep_1'));
  });

  test('IoU is symmetric, in 0..1, and 1 only for equal boxes; coverage by itself is 1', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        const [p, q] = [Float32Array.from(a), Float32Array.from(b)];
        const [iou] = boxIou(p, q);
        expect(boxIou(q, p)[0]).toBe(iou);
        expect(iou).toBeGreaterThanOrEqual(0);
        expect(iou === 1).toBe(a.join() === b.join());
        expect(boxCoverage(p, Float32Array.from([...b, ...a]))[0]).toBe(1);
      }),
    );
  });

  test('empty boxes meet nothing and give no NaN', () => {
    const empty = Float32Array.from([5, 5, 5, 5]);
    expect([...boxIou(empty, empty), ...boxCoverage(empty, empty)]).toEqual([0, 0]);
    expect(boxIou(new Float32Array(0), empty)).toHaveLength(0);
  });

  test('coverage is the largest share of the own area', () => {
    expect([...boxCoverage(Float32Array.of(0, 0, 4, 4), Float32Array.of(0, 0, 2, 2, 2, 0, 100, 100))]).toEqual([0.5]);
  });

  test('a list that is no list of boxes is named', () => {
    expect(() => boxAreas(new Float32Array(6))).toThrow('6 numbers are no list of boxes');
  });
});

describe('box coder', () => {
  test.each([
    ['w10_10_5_5', [10, 10, 5, 5]],
    ['w1_1_1_1', [1, 1, 1, 1]],
  ] as const)('%s encodes and decodes as torchvision does', (name, weights) => {
    near(encodeBoxes(floats('coder/gt'), floats('coder/proposals'), weights), `coder/${name}/encoded`);
    near(decodeBoxes(floats('coder/deltas'), floats('coder/proposals'), weights), `coder/${name}/decoded`);
  });

  test('decoding undoes encoding', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        const [target, reference] = [Float32Array.from(a), Float32Array.from(b)];
        const deltas = encodeBoxes(target, reference, [10, 10, 5, 5]);
        expectClose(decodeBoxes(deltas, reference, [10, 10, 5, 5]), target, { rtol: 1e-4, atol: 1e-3 });
      }),
    );
  });

  test('lists of unlike length are refused', () => {
    expect(() => encodeBoxes(new Float32Array(8), new Float32Array(4), [1, 1, 1, 1])).toThrow('2 rows do not match 1 reference boxes');
  });
});

describe('non-maximum suppression', () => {
  test.each([0.3, 0.5, 0.7])('at IoU %d it keeps what torchvision keeps', (threshold) => {
    expect(nms(floats('nms/boxes'), floats('nms/scores'), threshold)).toEqual(ints(`nms/keep_${threshold}`));
    const batched = batchedNms(floats('nms/boxes'), floats('nms/scores'), ints('nms/classes'), threshold);
    expect(batched).toEqual(ints(`nms/batched_keep_${threshold}`));
  });

  test.each([0.25, 0.5])('ties, exact thresholds and empty boxes at %d', (threshold) => {
    expect(nms(floats('nms_ties/boxes'), floats('nms_ties/scores'), threshold)).toEqual(ints(`nms_ties/keep_${threshold}`));
  });

  test('a limit keeps the first of the unlimited answer', () => {
    const all = nms(floats('nms/boxes'), floats('nms/scores'), 0.5);
    expect(nms(floats('nms/boxes'), floats('nms/scores'), 0.5, 7)).toEqual(all.slice(0, 7));
  });

  test('no two kept boxes overlap more than the threshold, and each box left out overlaps a better kept one', () => {
    fc.assert(
      fc.property(boxList, fc.infiniteStream(fc.integer({ min: 0, max: 5 })), (boxes, stream) => {
        const scores = Float32Array.from({ length: boxes.length / 4 }, () => stream.next().value as number);
        const keep = [...nms(boxes, scores, 0.4)];
        const iou = boxIou(boxes, boxes);
        // At the threshold itself rounding decides (fixture nms_ties); corners are integers, so another IoU is 6e-6 away at least.
        fc.pre(iou.every((value) => Math.abs(value - 0.4) > 1e-6));
        const overlaps = (i: number, j: number) => iou[(i * boxes.length) / 4 + j] > 0.4;
        for (let i = 0; i < scores.length; i++) {
          const better = keep.filter((k) => k !== i && overlaps(i, k) && (scores[k] > scores[i] || (scores[k] === scores[i] && k < i)));
          expect(better.length > 0).toBe(!keep.includes(i));
        }
      }),
    );
  });

  test('top scores are the head of the full order, ties included', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 8 })), fc.integer({ min: 0, max: 20 }), (list, count) => {
        const scores = Float32Array.from(list);
        expect(topScores(scores, count)).toEqual(byFallingScore(scores).slice(0, count));
      }),
    );
  });

  test('unlike lengths are refused', () => {
    expect(() => nms(new Float32Array(8), new Float32Array(3), 0.5)).toThrow('2 boxes, 3 scores');
  });
});

describe('anchors', () => {
  const { sizes, ratios, image, feature_sizes: featureSizes, total } = params.anchors;
  const levels = sizes.map((size: number) => [size]);

  test('base anchors are rounded half to even, as in torchvision', () => {
    sizes.forEach((size: number, level: number) => {
      near(baseAnchors([size], ratios), `anchors/cell${level}`);
    });
    expect([...baseAnchors([33, 35], [1])]).toEqual([-16, -16, 16, 16, -18, -18, 18, 18]);
  });

  test('the whole pyramid is in order', () => {
    const pyramid = anchorPyramid(levels, ratios, featureSizes, image);
    const all = Float32Array.from(pyramid.flatMap((level) => [...level]));
    expect(all).toHaveLength(4 * total);
    near(takeBoxes(all, ints('anchors/index')), 'anchors/values');
  });

  test('a pyramid with another number of levels is refused', () => {
    expect(() => anchorPyramid([[32]], [1], featureSizes, image)).toThrow('sizes for 1 levels do not match a pyramid of 5');
  });
});

describe('matcher', () => {
  test('matches as torchvision does, with and without low-quality matches', () => {
    const [truth, anchors] = [floats('matcher/gt'), floats('matcher/anchors')];
    expect(matchBoxes(truth, anchors, { high: 0.7, low: 0.3, allowLowQuality: true })).toEqual(ints('matcher/rpn'));
    expect(matchBoxes(truth, anchors, { high: 0.5, low: 0.5, allowLowQuality: false })).toEqual(ints('matcher/roi'));
  });

  test('without ground truth, or with one that meets no anchor, all is background', () => {
    const options = { high: 0.7, low: 0.3, allowLowQuality: true };
    const anchors = Float32Array.of(0, 0, 8, 8, 8, 8, 16, 16);
    const background = Int32Array.of(BACKGROUND, BACKGROUND);
    expect(matchBoxes(new Float32Array(0), anchors, options)).toEqual(background);
    expect(matchBoxes(Float32Array.of(50, 50, 60, 60), anchors, options)).toEqual(background);
  });
});

test('boxes map to the pyramid levels of torchvision', () => {
  const rois = readFixture(path.join(folder, 'roi_align.safetensors')).tensors;
  const levels = mapLevels(rois['level/boxes'].data as Float32Array, { minLevel: 2, maxLevel: 5 });
  expect(levels).toEqual(rois['level/index'].data);
});
