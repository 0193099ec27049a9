// The compiled RoIAlign against torchvision: values, edge cases, which level a box belongs to.
import path from 'node:path';
import { uniformValues } from '@stint/core-sampling';
import fc from 'fast-check';
import { expectClose, readFixture, relayout, type Tolerance } from '../../../../tools/jest/fixtures.ts';
import tolerances from '../../fixtures/tolerances.json';
import { type MapShape, nativeEngine, nativeInfo, roiAlign } from './index.ts';

const engines = nativeInfo().available.flatMap((isa) => [1, 3].map((threads) => nativeEngine({ isa, threads })));
const { tensors } = readFixture(path.join(__dirname, '../../fixtures/roi_align.safetensors'));
const random = (count: number, ...key: number[]) => uniformValues(count, key).map((value) => 2 * value - 1);

test.each([2, 0])('equals torchvision, sampling ratio %i: over the borders, of no size, wholly outside', (samplingRatio) => {
  const features = relayout(tensors.features, 'NHWC');
  const [batch, height, width, channels] = features.shape;
  const image = height * width * channels;
  const name = `7x7/aligned0/sr${samplingRatio}/out`;
  const want = relayout(tensors[name], 'NHWC').data;
  const rows = tensors.rois.data as Float32Array;
  for (const engine of engines) {
    const got = new Float32Array(want.length);
    for (let index = 0; index < batch; index++) {
      const members = [...Array(rows.length / 5).keys()].filter((roi) => rows[5 * roi] === index);
      const input = features.data.slice(index * image, (index + 1) * image);
      const pooled = roiAlign(engine, {
        levels: [{ input, shape: [1, height, width, channels], stride: 4 }],
        rois: Float32Array.from(members.flatMap((roi) => [...rows.subarray(5 * roi + 1, 5 * roi + 5)])),
        size: 7,
        samplingRatio,
      });
      const size = pooled.length / members.length;
      members.forEach((roi, i) => {
        got.set(pooled.subarray(i * size, (i + 1) * size), roi * size);
      });
    }
    expectClose(got, want, (tolerances as Record<string, Tolerance>)[name], `${engine.isa} ${name}`);
  }
});

/** A pyramid of two strides and more, each level's cells all of one value: the level's number. */
function numberedLevels(strides: number[]) {
  return strides.map((stride, level) => {
    const shape: MapShape = [1, Math.ceil(1024 / stride), Math.ceil(1024 / stride), 2];
    return { input: new Float32Array(shape[1] * shape[2] * 2).fill(level), shape, stride };
  });
}

test("boxes are pooled from the level that torchvision's mapper says", () => {
  const boxes = tensors['level/boxes'].data as Float32Array;
  const levels = Array.from(tensors['level/index'].data);
  expect(new Set(levels).size).toBe(4);
  // Only the size counts: moved to the corner, so that all lie on the map, which no box is larger than.
  const rois = boxes.map((value, i) => (i % 4 < 2 ? 0 : value - boxes[i - 2]));
  for (const engine of engines) {
    const pooled = roiAlign(engine, { levels: numberedLevels([4, 8, 16, 32]), rois, size: 1 });
    levels.forEach((level, i) => {
      expect(pooled[2 * i]).toBeCloseTo(level, 4);
    });
  }
});

test('levels are pooled like maps of their own', () => {
  const strides = [8, 16];
  const levels = strides.map((stride, i) => {
    const shape: MapShape = [1, 256 / stride, 320 / stride, 19];
    return { input: random(shape[1] * shape[2] * 19, i), shape, stride };
  });
  const size = fc.double({ min: 1, max: 319, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(size, size, size, size), { minLength: 1, maxLength: 9 }),
      fc.constantFrom(0, 1, 2, 3),
      (list, samplingRatio) => {
        const rois = Float32Array.from(list.flatMap(([x, y, w, h]) => [x, y, x + w, y + h]));
        for (const engine of engines) {
          const got = roiAlign(engine, { levels, rois, size: 3, samplingRatio });
          list.forEach((_, i) => {
            const box = rois.slice(4 * i, 4 * i + 4);
            const area = Math.fround((box[2] - box[0]) * (box[3] - box[1]));
            const level = Math.floor(4 + Math.log2(Math.sqrt(area) / 224) + 1e-6) >= 4 ? 1 : 0;
            const want = roiAlign(engine, { levels: [levels[level]], rois: box, size: 3, samplingRatio });
            expectClose(got.subarray(i * 171, (i + 1) * 171), want, { rtol: 0, atol: 0 });
          });
        }
      },
    ),
    { numRuns: 30, seed: 3 },
  );
});

test('absurd boxes: no hang, and no numbers from outside the map', () => {
  const [huge, none] = [3e38, Number.NaN];
  const rois = Float32Array.from(
    [-huge, -huge, huge, huge, none, 0, 9, 9, 0, 0, Number.POSITIVE_INFINITY, 9, 9, 9, 0, 0, 1e9, 1e9, 2e9, 2e9].slice(0, 20),
  );
  for (const engine of engines) {
    for (const samplingRatio of [0, 2]) {
      const levels = numberedLevels([4, 8]).map((level) => ({ ...level, input: level.input.fill(1) }));
      const pooled = roiAlign(engine, { levels, rois, size: 7, samplingRatio });
      expect(pooled.every((value) => value >= 0 && value <= 1.0001)).toBe(true);
      // Not numbers, endless, far outside: nothing.
      for (const roi of [1, 2, 4]) expect(pooled.subarray(roi * 98, (roi + 1) * 98).every((value) => value === 0)).toBe(true);
    }
  }
});

test('no RoIs: nothing; wrong levels are named', () => {
  const [engine] = engines;
  const level = { input: new Float32Array(8), shape: [1, 2, 2, 2] as MapShape, stride: 4 };
  const valid = { levels: [level], rois: Float32Array.of(0, 0, 4, 4), size: 2 };
  expect(roiAlign(engine, { ...valid, rois: new Float32Array(0) })).toHaveLength(0);
  const wrong: [object, string][] = [
    [{ rois: new Float32Array(5) }, 'rois has 5 elements; give four for each'],
    [{ rois: [0, 0, 1, 1] }, 'rois is an object; give a Float32Array'],
    [{ size: 0 }, 'size is 0'],
    [{ samplingRatio: -1 }, 'samplingRatio is -1'],
    [{ levels: [] }, 'levels is no list; give at least one level'],
    [{ levels: [level, { ...level, input: new Float32Array(7), stride: 8 }] }, 'levels[1].input has 7 elements; give 8'],
    [{ levels: [level, { ...level, stride: 16 }] }, 'levels[1].stride is not twice the one before'],
    [
      { levels: [level, { input: new Float32Array(4), shape: [1, 2, 2, 1], stride: 8 }] },
      "levels[1].shape has not the first level's channels",
    ],
    [{ levels: [{ input: new Float32Array(16), shape: [2, 2, 2, 2], stride: 8 }] }, 'levels[0].shape is of more than one image'],
    [{ output: new Float32Array(7) }, 'output has 7 elements; give 8'],
    [{ output: level.input }, 'output shares memory with levels[0].input'],
  ];
  for (const [options, message] of wrong) expect(() => roiAlign(engine, { ...valid, ...options })).toThrow(`roiAlign: ${message}`);
});
