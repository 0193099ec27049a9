import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { readAnnotations } from './annotations.ts';
import { clipBox } from './clip.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-json-'));
const file = path.join(folder, 'instances.json');
afterAll(() => fs.rmSync(folder, { recursive: true }));

const image = { id: 7, file_name: 'a.png', width: 20, height: 10 };
const box = { id: 1, image_id: 7, category_id: 3, bbox: [1, 2, 3, 4], area: 9, iscrowd: 0 };
const whole = {
  images: [image],
  annotations: [box],
  categories: [
    { id: 5, name: 'b' },
    { id: 3, name: 'a' },
  ],
};

async function read(json: unknown) {
  fs.writeFileSync(file, typeof json === 'string' ? json : JSON.stringify(json));
  return readAnnotations(file);
}

const annotated = (...changes: object[]) => ({ ...whole, annotations: changes.map((change, i) => ({ ...box, id: i + 1, ...change })) });

test('labels are positions in the categories sorted by id; missing area and iscrowd are filled in', async () => {
  const { truth, objects, warnings } = await read(annotated({ category_id: 5, iscrowd: 1 }, { area: undefined, iscrowd: undefined }));
  expect(truth.categories.map(({ id }) => id)).toEqual([3, 5]);
  expect(objects.get(7)).toEqual({ boxes: [1, 2, 4, 6, 1, 2, 4, 6], labels: [1, 0], crowd: [1, 0] });
  expect(truth.annotations[1]).toMatchObject({ area: 12, iscrowd: 0 });
  expect(warnings).toEqual([]);
});

test('boxes outside are clipped or dropped, with a count and their ids', async () => {
  const { truth, objects, warnings } = await read(
    annotated(
      { bbox: [-2, 1, 5, 4] },
      { bbox: [15, 5, 9, 9] },
      { bbox: [20, 0, 5, 5] },
      { bbox: [3, 3, 0, 4] },
      { bbox: [0, 0, 20.0000001, 10] },
    ),
  );
  expect(objects.get(7)?.boxes).toEqual([0, 1, 3, 5, 15, 5, 20, 10, 0, 0, 20, 10]);
  expect(warnings).toEqual([
    { kind: 'box-clipped', count: 2, ids: [1, 2] },
    { kind: 'box-dropped', count: 2, ids: [3, 4] },
  ]);
  expect(truth.annotations).toHaveLength(5);
  expect(truth.annotations[0].bbox).toEqual([-2, 1, 5, 4]);
});

test('clipped boxes lie inside and boxes inside stay', () => {
  const real = fc.double({ min: -100, max: 100, noNaN: true });
  const size = fc.double({ min: 0, max: 200, noNaN: true });
  fc.assert(
    fc.property(real, real, size, size, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (x, y, w, h, width, height) => {
      const { box: inside, outside } = clipBox([x, y, w, h], { width, height });
      if (!inside) return;
      expect(inside[0]).toBeGreaterThanOrEqual(0);
      expect(inside[1]).toBeGreaterThanOrEqual(0);
      expect(inside[2]).toBeLessThanOrEqual(width);
      expect(inside[3]).toBeLessThanOrEqual(height);
      expect(inside[2]).toBeGreaterThan(inside[0]);
      expect(inside[3]).toBeGreaterThan(inside[1]);
      if (!outside) expect(inside[2] - inside[0]).toBeCloseTo(w, 2);
    }),
  );
});

test('images without annotations are negatives', async () => {
  expect((await read({ ...whole, annotations: [] })).objects.get(7)).toEqual({ boxes: [], labels: [], crowd: [] });
});

test.each([
  ['bad JSON', '{"images": [', 'is not valid JSON in UTF-8:'],
  ['NaN', '{"images": [NaN]}', 'NaN and Infinity are not JSON'],
  ['no object', [], 'must hold an object with images, annotations and categories'],
  ['no annotations', { ...whole, annotations: undefined }, 'annotations must be an array; is this an instances file?'],
  ['no images', { ...whole, images: [] }, 'there are no images'],
  ['no categories', { ...whole, categories: [] }, 'there are no categories'],
  ['an entry that is no object', { ...whole, images: [null] }, 'images[0] is null, not an object'],
  ['a text id', { ...whole, images: [{ ...image, id: 'x' }] }, 'images[0] has the id "x", not an integer'],
  ['a category without name', { ...whole, categories: [{ id: 3 }] }, 'category 3: name nothing must be a string'],
  ['no size', { ...whole, images: [{ ...image, width: 0 }] }, 'image 7 (a.png): width 0 and height 10 must be integers >= 1'],
  [
    'a path that climbs out',
    { ...whole, images: [{ ...image, file_name: '../a.png' }] },
    'image 7: file_name "../a.png" must be a path inside',
  ],
  ['an absolute path', { ...whole, images: [{ ...image, file_name: '/a.png' }] }, 'image 7: file_name "/a.png" must be a path inside'],
  ['a repeated image', { ...whole, images: [image, image] }, 'image id 7 is used twice'],
  ['a repeated annotation', annotated({ id: 4 }, { id: 4 }), 'annotation id 4 is used twice'],
  ['a repeated category', { ...whole, categories: [...whole.categories, { id: 3, name: 'c' }] }, 'category id 3 is used twice'],
  ['an unknown image', annotated({ image_id: 8 }), 'annotation 1: unknown image_id 8'],
  ['an unknown category', annotated({ category_id: 9 }), 'annotation 1 (image 7): unknown category_id 9, known are [3,5]'],
  ['three numbers', annotated({ bbox: [1, 2, 3] }), 'annotation 1 (image 7): bbox [1,2,3] must be four finite numbers'],
  ['no box', annotated({ bbox: undefined }), 'bbox nothing must be four finite numbers'],
  ['a negative size', annotated({ bbox: [1, 2, -3, 4] }), 'bbox [1,2,-3,4] has a negative size'],
  ['an endless box', JSON.stringify(annotated({})).replace('[1,2,3,4]', '[1,2,1e999,4]'), 'must be four finite numbers'],
  ['a negative area', annotated({ area: -1 }), 'area -1 must be a finite number >= 0'],
  [
    'a bomb of lists',
    JSON.stringify(annotated({})).replace('[1,2,3,4]', '['.repeat(1e5) + ']'.repeat(1e5)),
    'bbox a nested list must be four finite numbers',
  ],
  ['a box beyond all images', annotated({ bbox: [0, 0, 1e300, 1e300] }), 'bbox [0,0,1e+300,1e+300] has numbers beyond 1000000000'],
  ['an empty file', '', 'the file is empty'],
  ['iscrowd 2', annotated({ iscrowd: 2 }), 'iscrowd 2 must be 0 or 1'],
])('%s is refused', async (_, json, message) => {
  await expect(read(json)).rejects.toThrow(message);
  await expect(read(json)).rejects.toThrow(`cocoDataset: ${file}: `);
});

test('a missing file and a folder are told apart', async () => {
  await expect(readAnnotations(path.join(folder, 'none.json'))).rejects.toThrow('none.json: the file is missing');
  await expect(readAnnotations(folder)).rejects.toThrow('cannot be read (EISDIR)');
});
