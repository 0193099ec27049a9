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
