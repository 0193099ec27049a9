import type { DetectionDataset } from '@stint/datasets';
import { selectPart } from './select.ts';

const categories = [
  { id: 3, name: 'red' },
  { id: 5, name: 'white' },
  { id: 9, name: 'platelet' },
];
const images = [7, 4, 6].map((id) => ({ id, file_name: `${id}.jpg`, width: 10, height: 10 }));
const dataset: DetectionDataset = {
  name: 'cells',
  categories,
  length: 3,
  ids: [7, 4, 6],
  skipped: [],
  warnings: [],
  get: async (index) => ({
    id: [7, 4, 6][index],
    width: 10,
    height: 10,
    image: new Uint8Array(300),
    boxes: Float32Array.from([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]),
    labels: Int32Array.from([0, 1, 2]),
    crowd: Uint8Array.from([0, 1, 0]),
  }),
  groundTruth: () => ({
    images,
    categories,
    annotations: images.flatMap(({ id }) =>
      categories.map((category, k) => ({
        id: id * 10 + k,
        image_id: id,
        category_id: category.id,
        bbox: [0, 0, 1, 1] as [number, number, number, number],
        area: 1,
        iscrowd: 0 as const,
      })),
    ),
  }),
};

test('the first images by id, in the dataset and in its ground truth', async () => {
  const part = selectPart(dataset, { limit: 2 });
  expect([part.length, part.ids, (await part.get(0)).id]).toEqual([2, [4, 6], 4]);
  expect(part.groundTruth().annotations).toHaveLength(6);
});

test('some categories: labels follow the order asked for, other objects are gone', async () => {
  const part = selectPart(dataset, { categories: ['platelet', 'red'] });
  const { labels, boxes, crowd } = await part.get(0);
  expect([[...labels], [...boxes], [...crowd]]).toEqual([
    [1, 0],
    [0, 0, 1, 1, 4, 4, 5, 5],
    [0, 0],
  ]);
  expect(part.categories.map(({ id }) => id)).toEqual([9, 3]);
  expect(new Set(part.groundTruth().annotations.map(({ category_id }) => category_id))).toEqual(new Set([3, 9]));
});

test('an unknown category is named with those that exist', () => {
  expect(() => selectPart(dataset, { categories: ['blue'] })).toThrow('cells has no category "blue"; it has red, white, platelet');
});

test('without a selection the dataset is itself', () => {
  expect(selectPart(dataset, {})).toBe(dataset);
});
