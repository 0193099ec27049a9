// Whatever stands in COCO JSON: it is refused with a CocoFormatError, or it is what an independent look finds right, comes out as it
// was, and gives numbers that are -1 or in 0..1.
import fc from 'fast-check';
import { brokenJson, FUZZ_TIMEOUT, fuzz, HOSTILE_VALUES, readOrRefused } from '../../../tools/jest/fuzz.ts';
import { type CocoDataset, CocoFormatError, cocoAp, parseCocoDataset, parseCocoDetections } from './index.ts';

jest.setTimeout(FUZZ_TIMEOUT);

// biome-ignore lint/suspicious/noExplicitAny: the reader under test is what gives it a type
type Json = any;

const dataset = {
  info: { year: 2026 },
  images: [{ id: 5, file_name: 'a.png', width: 200, height: 100 }, { id: 6 }],
  categories: [
    { id: 1, name: 'cat' },
    { id: 3, name: 'dog' },
  ],
  annotations: [
    { id: 70, image_id: 5, category_id: 1, bbox: [1, 2, 30, 40], area: 900.5, iscrowd: 0, segmentation: [[1, 2, 3, 4, 5, 6]] },
    { id: 71, image_id: 6, category_id: 1, bbox: [1, 2, 30, 40], area: 1200, iscrowd: 1 },
    { id: 72, image_id: 6, category_id: 3, bbox: [0, 0, 120, 99] },
  ],
};
const results = [
  { image_id: 5, category_id: 1, bbox: [1, 2, 30, 38], score: 0.9 },
  { image_id: 6, category_id: 3, bbox: [0, 0, 110, 99], score: 0.4 },
  { image_id: 6, category_id: 3, bbox: [90, 90, 5, 5], score: 0.8 },
];

/** JSON text and back, as a file would give it. */
const written = (value: unknown): Json => JSON.parse(JSON.stringify(value) ?? 'null');
const refusal = (error: unknown) => error instanceof CocoFormatError && /^val\.json: .{1,400}$/s.test(error.message);
const isId = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 53;
const isBox = (box: Json) =>
  Array.isArray(box) && box.length === 4 && box.every((value) => typeof value === 'number' && Math.abs(value) <= 1e9);
const distinct = (entries: { id: number }[]) => new Set(entries.map(({ id }) => id)).size === entries.length;

async function checkDataset(value: unknown): Promise<CocoDataset | undefined> {
  const json = written(value);
  const read = await readOrRefused(() => parseCocoDataset(json, { file: 'val.json' }), refusal);
  if (!read) return undefined;
  const filled = json.annotations.map((entry: Json) => {
    if (!isBox(entry.bbox)) throw new Error(`accepted ${JSON.stringify(entry)}`);
    const known = [json.images, json.categories].map((entries) => entries.map(({ id }: Json) => id));
    if (!isId(entry.id) || !known[0].includes(entry.image_id) || !known[1].includes(entry.category_id)) throw new Error('accepted ids');
    return { ...entry, area: entry.area ?? entry.bbox[2] * entry.bbox[3], iscrowd: Number(entry.iscrowd ?? 0) };
  });
  expect(read).toEqual({ ...json, annotations: filled });
  for (const entries of [read.images, read.categories, read.annotations]) expect(distinct([...entries])).toBe(true);
  return read;
}

async function checkStats(truth: CocoDataset, found: ReturnType<typeof parseCocoDetections>): Promise<void> {
  const scored = await readOrRefused(
    () => cocoAp(truth, found),
    (error) => /^cocoAp: detection \d+ is of image -?\d+, which the ground truth lacks/.test((error as Error).message),
  );
  for (const value of scored?.stats ?? []) if (!(value === -1 || (value >= 0 && value <= 1))) throw new Error(`${scored?.stats}`);
}

test('an instances file, changed somewhere', async () => {
  const seen = { read: 0, refused: 0 };
  const found = parseCocoDetections(results, { file: 'val.json' });
  await fuzz(brokenJson(dataset), async (value) => {
    const truth = await checkDataset(value);
    seen[truth ? 'read' : 'refused']++;
    if (truth) await checkStats(truth, found);
  });
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(0);
});

test('a results file, changed somewhere', async () => {
  const truth = parseCocoDataset(dataset, { file: 'val.json' });
  await fuzz(brokenJson(results), async (value) => {
    const json = written(value);
    const found = await readOrRefused(() => parseCocoDetections(json, { file: 'val.json' }), refusal);
    if (!found) return;
    expect(found).toEqual(json);
    for (const { bbox, score, image_id, category_id } of found)
      if (!isBox(bbox) || !Number.isFinite(score) || !isId(image_id) || !isId(category_id)) throw new Error(JSON.stringify(found));
    await checkStats(truth, found);
  });
});

test('boxes of any numbers', async () => {
  const value = fc.oneof(fc.double(), fc.constantFrom(...HOSTILE_VALUES), fc.constantFrom(0, 1, 30, 1e9, -1e9, 5e-324));
  const entry = fc.record({
    image_id: fc.constantFrom(5, 6),
    category_id: fc.constantFrom(1, 3),
    bbox: fc.tuple(value, value, value, value),
  });
  await fuzz(fc.tuple(fc.array(entry, { maxLength: 4 }), fc.array(entry, { maxLength: 4 })), async ([truths, found]) => {
    const truth = await checkDataset({ ...dataset, annotations: truths.map((each, id) => ({ ...each, id })) });
    const json = written(found.map((each, i) => ({ ...each, score: -i })));
    const detections = await readOrRefused(() => parseCocoDetections(json, { file: 'val.json' }), refusal);
    if (truth && detections) await checkStats(truth, detections);
  });
});

test('any JSON', async () => {
  await fuzz(fc.jsonValue(), async (value) => {
    await checkDataset(value);
    await readOrRefused(() => parseCocoDetections(written(value), { file: 'val.json' }), refusal);
  });
});
