// The assignment against its definition, written without any thought of speed.
import fc from 'fast-check';
import type { DetectionTargets } from '../types.ts';
import { type AssignOptions, assignTargets, type Level } from './assign.ts';

interface Cell {
  row: number;
  label: number;
  distances: number[];
}

/** Every cell looks at every box. */
function byDefinition(levels: readonly Level[], targets: DetectionTargets, options: AssignOptions): { cells: Cell[]; ignored: number[] } {
  const cells: Cell[] = [];
  const ignored: number[] = [];
  let row = 0;
  levels.forEach(({ stride, height, width }, level) => {
    targets.boxes.forEach((flat, image) => {
      const boxes = Array.from({ length: flat.length / 4 }, (_, i) => [...flat.subarray(4 * i, 4 * i + 4)]);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, row++) {
          const cx = (x + 0.5) * stride;
          const cy = (y + 0.5) * stride;
          const candidates = boxes.map(([x1, y1, x2, y2], index) => ({
            index,
            area: (x2 - x1) * (y2 - y1),
            sides: [cx - x1, cy - y1, x2 - cx, y2 - cy],
            away: Math.max(Math.abs(cx - (x1 + x2) / 2), Math.abs(cy - (y1 + y2) / 2)),
          }));
          const [from, to] = options.sizeRanges[level];
          const allowed = candidates.filter(
            ({ sides, away }) =>
              Math.min(...sides) > 0 && away < options.centreRadius * stride && Math.max(...sides) >= from && Math.max(...sides) < to,
          );
          const smallest = Math.min(...allowed.map(({ area }) => area));
          const winner = allowed.find(({ area }) => area === smallest);
          const regions = targets.ignore?.[image] ?? [];
          const covered = Array.from({ length: regions.length / 4 }, (_, i) => 4 * i).some(
            (r) => cx >= regions[r] && cx <= regions[r + 2] && cy >= regions[r + 1] && cy <= regions[r + 3],
          );
          if (winner) cells.push({ row, label: targets.labels[image][winner.index], distances: winner.sides.map((side) => side / stride) });
          else if (covered) ignored.push(row);
        }
      }
    });
  });
  return { cells, ignored };
}

/** Boxes on a grid of half pixels: equal areas, centres on cells and sides through centres do happen. They may leave the image. */
const box = fc
  .tuple(
    fc.integer({ min: -20, max: 100 }),
    fc.integer({ min: -20, max: 100 }),
    fc.integer({ min: 1, max: 90 }),
    fc.integer({ min: 1, max: 90 }),
  )
  .map(([x, y, w, h]) => [x / 2, y / 2, (x + w) / 2, (y + h) / 2]);
const image = fc.record({
  objects: fc.array(fc.record({ box, label: fc.integer({ min: 0, max: 4 }) }), { maxLength: 6 }),
  ignore: fc.array(box, { maxLength: 2 }),
});

const toTargets = (images: { objects: { box: number[]; label: number }[]; ignore: number[][] }[]): DetectionTargets => ({
  boxes: images.map(({ objects }) => Float32Array.from(objects.flatMap((object) => object.box))),
  labels: images.map(({ objects }) => Int32Array.from(objects, ({ label }) => label)),
  ignore: images.map(({ ignore }) => Float32Array.from(ignore.flat())),
});

const levels = [
  { stride: 4, height: 10, width: 12 },
  { stride: 8, height: 5, width: 6 },
];

test('equals the definition on random boxes, levels, radii and ignored regions', () => {
  fc.assert(
    fc.property(
      fc.array(image, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(0.5, 1, 1.5, 3),
      fc.constantFrom(8, 16, 20),
      (images, centreRadius, change) => {
        const targets = toTargets(images);
        const options: AssignOptions = {
          centreRadius,
          sizeRanges: [
            [0, change],
            [change, Infinity],
          ],
        };
        const got = assignTargets(levels, targets, options);
        const want = byDefinition(levels, targets, options);
        expect(got.rows).toBe(images.length * (120 + 30));
        expect([...got.positives]).toEqual(want.cells.map(({ row }) => row));
        expect([...got.labels]).toEqual(want.cells.map(({ label }) => label));
        expect([...got.distances]).toEqual(want.cells.flatMap(({ distances }) => distances));
        expect([...got.ignored]).toEqual(want.ignored);
      },
    ),
    { seed: 3, numRuns: 150 },
  );
});

test('a box of 12 px on stride 4 is learnt by its nine inner cells, nested in a larger one that keeps the rest', () => {
  const targets = toTargets([
    {
      objects: [
        { box: [8, 8, 20, 20], label: 1 },
        { box: [0, 0, 28, 28], label: 2 },
      ],
      ignore: [],
    },
  ]);
  const options: AssignOptions = { centreRadius: 3, sizeRanges: [[0, Infinity]] };
  const { labels, positives, distances } = assignTargets([{ stride: 4, height: 8, width: 8 }], targets, options);
  expect([...labels].filter((label) => label === 1)).toHaveLength(9);
  expect([...labels].filter((label) => label === 2)).toHaveLength(25 - 9);
  const middle = positives.indexOf(3 * 8 + 3);
  expect([...distances.subarray(4 * middle, 4 * middle + 4)]).toEqual([1.5, 1.5, 1.5, 1.5]);
});

test('no images with objects: nothing is positive, nothing ignored', () => {
  const options: AssignOptions = { centreRadius: 1.5, sizeRanges: [[0, Infinity]] };
  const { positives, ignored } = assignTargets(
    [{ stride: 4, height: 2, width: 2 }],
    { boxes: [new Float32Array(0)], labels: [new Int32Array(0)] },
    options,
  );
  expect([positives.length, ignored.length]).toEqual([0, 0]);
});
