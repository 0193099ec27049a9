import { nested } from '../../../tools/jest/fuzz.ts';
import { parseCocoDataset, parseCocoDetections, toResultsJson } from './coco-json.ts';

const file = 'val.json';

// biome-ignore lint/suspicious/noExplicitAny: the tests break it on purpose
type Json = Record<string, any>;

/** A correct file, with one thing changed. */
function dataset(change: (json: Json) => void = () => {}): unknown {
  const json = {
    info: { year: 2026 },
    images: [{ id: 5, file_name: 'a.png', width: 20, height: 10 }, { id: 6 }],
    categories: [{ id: 1, name: 'cat' }],
    annotations: [
      { id: 70, image_id: 5, category_id: 1, bbox: [1, 2, 3, 4], area: 9.5, iscrowd: 0, segmentation: [[1, 2, 3, 4, 5, 6]] },
      { id: 71, image_id: 6, category_id: 1, bbox: [1, 2, 3, 4], area: 12, iscrowd: 1 },
    ],
  };
  change(json);
  return json;
}

test('a correct file comes out as it is, other fields included', () => {
  expect(parseCocoDataset(dataset(), { file })).toEqual(dataset());
});

test('a missing area is that of the box, a missing iscrowd 0, a boolean one a number', () => {
  const json = dataset(({ annotations }) => {
    delete annotations[0].area;
    delete annotations[0].iscrowd;
    annotations[1].iscrowd = true;
  });
  expect(parseCocoDataset(json, { file }).annotations).toMatchObject([
    { area: 12, iscrowd: 0 },
    { area: 12, iscrowd: 1 },
  ]);
});

test.each<[string, (json: Json) => void, string]>([
  ['no images', (j) => delete j.images, 'val.json: images must be an array, found nothing'],
  ['annotations of another type', (j) => (j.annotations = {}), 'val.json: annotations must be an array, found {}'],
  ['an image that is a number', (j) => (j.images[1] = 6), 'val.json: images[1] must be an object, found 6'],
  ['an id in quotes', (j) => (j.images[1].id = '6'), 'val.json: images[1]: id must be an integer, found "6"'],
  ['an image twice', (j) => (j.images[1].id = 5), 'val.json: images[1]: id 5 is used twice'],
  ['an annotation twice', (j) => (j.annotations[1].id = 70), 'val.json: annotations[1]: id 70 is used twice'],
  ['a category without name', (j) => delete j.categories[0].name, 'val.json: categories[0] (id 1): name must be a string, found nothing'],
  [
    'a NaN in a box',
    (j) => (j.annotations[0].bbox[2] = Number.NaN),
    'annotations[0] (id 70): bbox must be four finite numbers [x, y, width, height], found [1, 2, NaN, 4]',
  ],
  ['a null in a box', (j) => (j.annotations[0].bbox[2] = null), 'found [1, 2, null, 4]'],
  [
    'a box of three',
    (j) => j.annotations[1].bbox.pop(),
    'annotations[1] (id 71): bbox must be four finite numbers [x, y, width, height], found [1, 2, 3]',
  ],
  [
    'no box',
    (j) => delete j.annotations[1].bbox,
    'annotations[1] (id 71): bbox must be four finite numbers [x, y, width, height], found nothing',
  ],
  ['an infinite area', (j) => (j.annotations[1].area = Infinity), 'annotations[1] (id 71): area must be a finite number, found Infinity'],
  [
    'a box beyond all images',
    (j) => (j.annotations[1].bbox[2] = 1e300),
    'bbox must have numbers of at most 1000000000, found [1, 2, 1e+300, 4]',
  ],
  ['a box in quotes', (j) => (j.annotations[1].bbox[2] = '3'), 'found [1, 2, "3", 4]'],
  ['a bomb of lists', (j) => (j.annotations[1].bbox = nested(100_000)), 'found [[a list of 1]]'],
  ['an endless list', (j) => (j.annotations[1].bbox = Array(1e6).fill(1)), 'found a list of 1000000'],
  [
    'an inherited name',
    (j) => (j.annotations[1] = JSON.parse('{"__proto__":{"id":71}}')),
    'annotations[1]: id must be an integer, found nothing',
  ],
  ['iscrowd 2', (j) => (j.annotations[1].iscrowd = 2), 'annotations[1] (id 71): iscrowd must be 0 or 1, found 2'],
  ['an unknown image', (j) => (j.annotations[1].image_id = 8), 'annotations[1] (id 71): image_id 8 is not among the images'],
  ['an unknown category', (j) => (j.annotations[1].category_id = 8), 'annotations[1] (id 71): category_id 8 is not among the categories'],
])('%s', (_, change, message) => {
  expect(() => parseCocoDataset(dataset(change), { file })).toThrow(message);
});

test('a whole file of another kind is shown shortened', () => {
  expect(() => parseCocoDataset('x'.repeat(100), { file })).toThrow(`val.json: the file must be an object, found "${'x'.repeat(56)}"...`);
  expect(() => parseCocoDataset([1], { file })).toThrow('val.json: the file must be an object, found [1]');
});

describe('results', () => {
  const good = { image_id: 5, category_id: 1, bbox: [1, 2, 3, 4], score: 0.5 };

  test('a correct file comes out as it is', () => {
    expect(parseCocoDetections([good, { ...good, score: 1 }], { file })).toEqual([good, { ...good, score: 1 }]);
    expect(parseCocoDetections([], { file })).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['a dataset file', { images: [] }, 'val.json: the results must be an array, found {"images":[]}'],
    ['no score', [good, { ...good, score: undefined }], 'val.json: [1] (image_id 5): score must be a finite number, found nothing'],
    [
      'a NaN box',
      [{ ...good, bbox: [1, 2, 3, Number.NaN] }],
      'val.json: [0] (image_id 5): bbox must be four finite numbers [x, y, width, height], found [1, 2, 3, NaN]',
    ],
    ['no image', [{ ...good, image_id: undefined }], 'val.json: [0]: image_id must be an integer, found nothing'],
    ['a category name', [{ ...good, category_id: 'cat' }], 'val.json: [0] (image_id 5): category_id must be an integer, found "cat"'],
  ])('%s', (_, json, message) => {
    expect(() => parseCocoDetections(json, { file })).toThrow(message);
  });

  test('detections of a network become entries', () => {
    const found = [
      { imageId: 5, boxes: Float32Array.of(1, 2, 4, 6, 0, 0, 2, 2), scores: Float32Array.of(0.5, 0.25), labels: Int32Array.of(1, 0) },
      { imageId: 6, boxes: [], scores: [], labels: [] },
    ];
    expect(toResultsJson(found, [10, 30])).toEqual([
      { image_id: 5, category_id: 30, bbox: [1, 2, 3, 4], score: 0.5 },
      { image_id: 5, category_id: 10, bbox: [0, 0, 2, 2], score: 0.25 },
    ]);
    expect(() => toResultsJson(found, [10])).toThrow('toResultsJson: image 5 has label 1, but there are 1 categories');
    expect(() => toResultsJson([{ imageId: 7, boxes: [1, 2], scores: [0.5], labels: [0] }], [10])).toThrow(
      'toResultsJson: image 7 has 2 box coordinates and 1 labels for 1 scores; give 4 and 1 a score',
    );
  });
});
