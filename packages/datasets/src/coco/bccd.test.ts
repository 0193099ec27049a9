// The real images that ship with the project: data/bccd, blood cells.
import path from 'node:path';
import { cocoDataset } from './coco-dataset.ts';

const root = path.join(__dirname, '../../../../data/bccd');
const open = (split: string) =>
  cocoDataset({
    annotations: `${root}/annotations/instances_${split}.json`,
    images: `${root}/images/${split}`,
    check: split === 'val' ? 'decode' : 'header', // decoding all takes seconds; one split shows that it works
  });

test.each([
  ['train', 205, [2381, 214, 209]],
  ['val', 87, [967, 87, 83]],
])('%s loads whole, every box valid', async (split, length, counts) => {
  const dataset = await open(split);
  expect(dataset).toMatchObject({ name: `instances_${split}`, length, skipped: [], warnings: [] });
  expect(dataset.categories.map(({ name }) => name)).toEqual(['RBC', 'WBC', 'Platelets']);
  const { annotations } = dataset.groundTruth();
  expect(dataset.categories.map(({ id }) => annotations.filter(({ category_id }) => category_id === id).length)).toEqual(counts);
  for (const index of [0, length - 1]) {
    const sample = await dataset.get(index);
    expect([sample.width, sample.height, sample.image.length]).toEqual([640, 480, 640 * 480 * 3]);
    expect(sample.labels.length * 4).toBe(sample.boxes.length);
    expect([...sample.crowd]).toEqual([...sample.labels].map(() => 0));
  }
});

test('boxes and pixels fit: white cells are the darker, bluer ones', async () => {
  // Wright's stain: nuclei of white cells are violet, red cells are pink. A shifted or transposed box would not show it.
  const dataset = await open('val');
  let bluer = 0;
  for (let index = 0; index < 20; index++) {
    const { image, boxes, labels } = await dataset.get(index);
    const redness = (label: number) => {
      const values = [...labels.keys()]
        .filter((i) => labels[i] === label)
        .map((i) => {
          const x = Math.floor((boxes[i * 4] + boxes[i * 4 + 2]) / 2);
          const y = Math.floor((boxes[i * 4 + 1] + boxes[i * 4 + 3]) / 2);
          return image[(y * 640 + x) * 3] - image[(y * 640 + x) * 3 + 2];
        });
      return values.reduce((a, b) => a + b, 0) / values.length;
    };
    if (redness(1) < redness(0)) bluer++;
  }
  expect(bluer).toBeGreaterThanOrEqual(17);
});
