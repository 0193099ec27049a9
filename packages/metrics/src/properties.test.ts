// What must hold for any ground truth and any detections.
import fc from 'fast-check';
import { cocoAp } from './coco-ap.ts';
import type { CocoAnnotation, CocoDataset, CocoDetection } from './types.ts';

const IMAGES = [11, 3, 7];
const CATEGORIES = [2, 1];

const side = fc.double({ min: 2, max: 150, noNaN: true });
const place = fc.double({ min: 0, max: 300, noNaN: true });
const truth = fc.record({
  image_id: fc.constantFrom(...IMAGES),
  category_id: fc.constantFrom(...CATEGORIES),
  bbox: fc.tuple(place, place, side, side),
});
/** Each is moved a little by its place, so that no two are equal. */
const truths = fc
  .array(truth, { minLength: 1, maxLength: 12 })
  .map((entries) => entries.map(({ bbox: [x, y, w, h], ...ids }, i) => ({ ...ids, bbox: [x + 0.137 * i, y, w, h] })));

/** Detections near ground truths (moved by a share of their size) with scores all different. */
const shifts = fc.array(
  fc.record({
    near: fc.nat(),
    dx: fc.double({ min: -0.4, max: 0.4, noNaN: true }),
    dy: fc.double({ min: -0.4, max: 0.4, noNaN: true }),
    order: fc.double({ min: 0, max: 0.9, noNaN: true }),
  }),
  { maxLength: 20 },
);

function datasetOf(entries: readonly Pick<CocoAnnotation, 'image_id' | 'category_id' | 'bbox'>[], crowd = false): CocoDataset {
  return {
    images: IMAGES.map((id) => ({ id })),
    categories: CATEGORIES.map((id) => ({ id, name: `category ${id}` })),
    annotations: entries.map((entry, i) => ({
      ...entry,
      id: i + 1,
      area: entry.bbox[2] * entry.bbox[3],
      iscrowd: Number(crowd && i % 3 === 0),
    })),
  };
}

const sample = fc.tuple(truths, shifts).map(([entries, moves]) => {
  const detections: CocoDetection[] = moves.map(({ near, dx, dy, order }, i) => {
    const { bbox, ...ids } = entries[near % entries.length];
    return {
      ...ids,
      bbox: [bbox[0] + dx * bbox[2], bbox[1] + dy * bbox[3], bbox[2], bbox[3]],
      score: 0.1 + (0.8 * (i + order)) / moves.length,
    };
  });
  return { entries, detections };
});

const run = <T>(property: fc.IProperty<T>) => fc.assert(property, { seed: 20, numRuns: 60 });

test('perfect detections: every AP and every AR with 100 detections is 1, or -1 where there is nothing', () => {
  run(
    fc.property(truths, (entries) => {
      const { stats, perCategory } = cocoAp(
        datasetOf(entries),
        entries.map((entry, i) => ({ ...entry, score: 1 / (i + 1) })),
      );
      for (const index of [0, 1, 2, 8]) expect(stats[index]).toBeCloseTo(1, 12);
      for (const index of [3, 4, 5, 9, 10, 11]) expect(stats[index] === -1 || Math.abs(stats[index] - 1) < 1e-12).toBe(true);
      for (const id of CATEGORIES)
        expect(perCategory[id].ap).toBeCloseTo(entries.some(({ category_id }) => category_id === id) ? 1 : -1, 12);
    }),
  );
});

test('numbers are -1 or in 0..1, also with crowds', () => {
  run(
    fc.property(sample, ({ entries, detections }) => {
      const { stats } = cocoAp(datasetOf(entries, true), detections);
      for (const value of stats) expect(value === -1 || (value >= 0 && value <= 1)).toBe(true);
    }),
  );
});

test('the order of images, categories, annotations and detections does not matter while scores and overlaps differ', () => {
  run(
    fc.property(sample, ({ entries, detections }) => {
      const dataset = datasetOf(entries, true);
      const turned: CocoDataset = {
        images: [...dataset.images].reverse(),
        categories: [...dataset.categories].reverse(),
        annotations: [...dataset.annotations].reverse(),
      };
      expect(cocoAp(turned, [...detections].reverse()).stats).toEqual(cocoAp(dataset, detections).stats);
    }),
  );
});

test('the order of images and of categories never matters, equal scores or not', () => {
  run(
    fc.property(sample, ({ entries, detections }) => {
      const dataset = datasetOf(entries, true);
      const tied = detections.map((detection) => ({ ...detection, score: Math.round(4 * detection.score) / 4 }));
      const turned = { ...dataset, images: [...dataset.images].reverse(), categories: [...dataset.categories].reverse() };
      expect(cocoAp(turned, tied).stats).toEqual(cocoAp(dataset, tied).stats);
    }),
  );
});

test('only the order of scores matters, not their values; annotation ids do not matter', () => {
  run(
    fc.property(sample, ({ entries, detections }) => {
      const dataset = datasetOf(entries, true);
      const cubed = detections.map((detection) => ({ ...detection, score: detection.score ** 3 - 5 }));
      const renumbered = { ...dataset, annotations: dataset.annotations.map((annotation, i) => ({ ...annotation, id: i })) };
      const { stats } = cocoAp(dataset, detections);
      expect(cocoAp(dataset, cubed).stats).toEqual(stats);
      expect(cocoAp(renumbered, detections).stats).toEqual(stats);
    }),
  );
});

test('AP and recall never rise with the IoU threshold (no crowds, all areas)', () => {
  run(
    fc.property(sample, ({ entries, detections }) => {
      const result = cocoAp(datasetOf(entries), detections);
      for (const id of CATEGORIES) {
        const ap = Array.from({ length: 10 }, (_, t) => mean(result.precision(id, { iou: 0.5 + 0.05 * t })));
        const recall = result.recall(id);
        for (let t = 1; t < 10; t++) {
          expect(ap[t]).toBeLessThanOrEqual(ap[t - 1] + 1e-12);
          expect(recall[t]).toBeLessThanOrEqual(recall[t - 1]);
        }
      }
    }),
  );
});

test('one more detection with the lowest score never lowers AP; with the highest score and wrong, never raises it', () => {
  run(
    fc.property(sample, fc.nat(), ({ entries, detections }, pick) => {
      const dataset = datasetOf(entries);
      const { image_id, category_id, bbox } = entries[pick % entries.length];
      const { stats } = cocoAp(dataset, detections);
      const last = cocoAp(dataset, [...detections, { image_id, category_id, bbox, score: 0.01 }]).stats;
      const wrong = cocoAp(dataset, [...detections, { image_id, category_id, bbox: [1000, 1000, 10, 10], score: 0.99 }]).stats;
      for (const index of [0, 1, 2, 8]) {
        expect(last[index]).toBeGreaterThanOrEqual(stats[index] - 1e-12);
        expect(wrong[index]).toBeLessThanOrEqual(stats[index] + 1e-12);
      }
    }),
  );
});

test('evaluating a part equals evaluating a set that has only this part', () => {
  run(
    fc.property(sample, ({ entries, detections }) => {
      const dataset = datasetOf(entries, true);
      const some = <T extends { image_id: number; category_id: number }>(list: readonly T[]) =>
        list.filter(({ image_id, category_id }) => image_id !== 7 && category_id === 2);
      const part = { images: [{ id: 11 }, { id: 3 }], categories: [{ id: 2, name: '' }], annotations: some(dataset.annotations) };
      expect(cocoAp(dataset, detections, { imageIds: [3, 11], categoryIds: [2] }).stats).toEqual(cocoAp(part, some(detections)).stats);
    }),
  );
});

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
