import fs from 'node:fs';
import path from 'node:path';
import { cocoAp } from './coco-ap.ts';
import { parseCocoDataset, parseCocoDetections } from './coco-json.ts';

const folder = path.join(__dirname, '../fixtures/coco');
const load = (name: string) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));

type ExpectedCategory = Record<'AP' | 'AP50' | 'AP75' | 'APs' | 'APm' | 'APl' | 'AR100', number> & { recall_per_iou: number[] };

function expectNear(got: ArrayLike<number>, want: readonly number[]): void {
  expect(got).toHaveLength(want.length);
  for (let i = 0; i < want.length; i++) expect(Math.abs(got[i] - want[i])).toBeLessThanOrEqual(1e-9);
}

/** Numbers of pycocotools 2.0.11 in full precision. */
describe.each(['a_realistic', 'b_score_ties', 'c_many_dets', 'd_edges', 'e_no_detections'])('golden case %s', (name) => {
  const expected = load(`${name}.expected.json`);
  const result = cocoAp(
    parseCocoDataset(load(`${name}.gt.json`), { file: `${name}.gt.json` }),
    parseCocoDetections(load(`${name}.dt.json`), { file: `${name}.dt.json` }),
  );

  test('the twelve numbers', () => {
    expectNear(result.stats, Object.values<number>(expected.stats));
  });

  test('every category', () => {
    expect(Object.keys(result.perCategory)).toEqual(Object.keys(expected.per_category));
    for (const [id, want] of Object.entries<ExpectedCategory>(expected.per_category)) {
      const { ap, ap50, ap75, apSmall, apMedium, apLarge, ar100 } = result.perCategory[Number(id)];
      const got = [ap, ap50, ap75, apSmall, apMedium, apLarge, ar100, ...result.recall(Number(id))];
      const numbers = [want.AP, want.AP50, want.AP75, want.APs, want.APm, want.APl, want.AR100, ...want.recall_per_iou];
      expectNear(got, numbers);
      expectNear(result.precision(Number(id)), expected.precision_at_iou50_101pts[id]);
    }
  });
});

describe('refuses, naming the entry', () => {
  const annotation = { id: 9, image_id: 1, category_id: 1, bbox: [0, 0, 4, 4], area: 16 };
  const groundTruth = { images: [{ id: 1 }], categories: [{ id: 1, name: 'cat' }], annotations: [annotation] };
  const detection = { image_id: 1, category_id: 1, bbox: [0, 0, 4, 4], score: 0.5 };
  const refused = (detections: (typeof detection)[], message: string, truth = groundTruth) =>
    expect(() => cocoAp(truth, detections)).toThrow(message);

  test('numbers that are not finite', () => {
    refused([{ ...detection, score: Number.NaN }], 'cocoAp: detection 0 (image 1) has bbox [0,0,4,4] and score NaN; they must be finite');
    refused([detection, { ...detection, bbox: [0, Infinity, 4, 4] }], 'cocoAp: detection 1 (image 1) has bbox [0,Infinity,4,4]');
    const broken = { ...groundTruth, annotations: [{ ...annotation, area: Number.NaN }] };
    refused([detection], 'cocoAp: annotation 9 of image 1 has bbox [0,0,4,4] and area NaN; they must be finite numbers', broken);
  });

  test('detections of an image that the ground truth lacks', () => {
    refused([detection, { ...detection, image_id: 2 }], 'cocoAp: detection 1 is of image 2, which the ground truth lacks');
  });

  test('curves of what was not evaluated', () => {
    const result = cocoAp(groundTruth, [detection]);
    expect(() => result.precision(4)).toThrow('cocoAp: category 4 was not evaluated; evaluated: 1');
    expect(() => result.precision(1, { iou: 0.52 })).toThrow('cocoAp: IoU 0.52 is not one of .5, .55, ... .95');
  });
});

test('boxes whose areas round to nothing are no match', () => {
  const tiny = Number.MIN_VALUE;
  const images = [{ id: 1 }];
  const categories = [{ id: 1, name: 'a' }];
  const truth = { image_id: 1, category_id: 1, bbox: [0, 0, 10, 10], area: 100, iscrowd: 0 };
  const annotations = [
    { ...truth, id: 1 },
    { ...truth, id: 2, bbox: [0, 0, tiny, tiny], area: 0 },
  ];
  // 0 / 0 is no overlap that the second detection could take.
  const detections = [1, 0.5].map((score) => ({ image_id: 1, category_id: 1, bbox: [0, 0, tiny, tiny], score }));
  expect(cocoAp({ images, categories, annotations }, detections).stats[0]).toBe(0);
});

test('what memory cannot hold at once is refused before it is taken', () => {
  const many = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: '' }));
  const evaluate = (images: number, categories: number) => () =>
    cocoAp({ images: many(images), categories: many(categories), annotations: [] }, []);
  expect(evaluate(1, 40_000)).toThrow('1 images x 40000 categories are more than can be evaluated at once (32768 categories');
  expect(evaluate(100_000, 20_000)).toThrow('give imageIds or categoryIds in parts');
  const crowd = Array.from({ length: 800_000 }, (_, id) => ({ id, image_id: 0, category_id: 0, bbox: [0, 0, 1, 1], area: 1 }));
  const detections = crowd.slice(0, 100).map((entry) => ({ ...entry, score: 1 }));
  expect(() => cocoAp({ images: many(1), categories: many(1), annotations: crowd }, detections)).toThrow(
    'one image has 800000 objects of one category',
  );
});
