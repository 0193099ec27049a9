// Made-up experiments with everything a page can show, for the tests of this folder.
import { madeArm } from '../fixture.ts';
import type { ReportRun } from '../runs.ts';
import { packCells } from './cost.ts';
import type { MaskView } from './page-data.ts';
import type { HtmlReportInput } from './report-page.ts';

/** A black pixel. */
const PICTURE = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAkQBADs=';
const BLOCKS = ['layer1.0', 'layer2.0'];

function view(arm: string, style: number, swept: string, sparsity: number, numbers = [1, 2]): MaskView {
  const mask = (block: string, number: number, side: number) => {
    const cells = Array.from({ length: side * side }, (_, i) => ((i * 7 + number) % sparsity === 0 ? 1 : 0));
    return { block, mask: number, height: side, width: side, bits: packCells(cells) };
  };
  const masks = BLOCKS.flatMap((block, b) => numbers.map((number) => mask(block, number, 8 >> b)));
  const stages = [
    { name: 'stem', uniform: 100, parts: [] },
    ...BLOCKS.map((name, b) => ({
      name,
      uniform: 10,
      parts: numbers.map((_, k) => ({ mask: numbers.length * b + k, sampled: 200 * (k + 1), filled: k === 0 ? 5 : 0 })),
    })),
  ];
  return { arm, style, swept, seed: 1, images: [0, 1].map(() => ({ masks, stages, dense: 1320 })) };
}

/** Two arms, two sweep values, three seeds, one failed run. */
export function madeExperiment(): HtmlReportInput {
  const sweeps = ['sparseWeight=0.2', 'sparseWeight=1'];
  return {
    name: 'made',
    profile: 'test',
    title: 'Made up',
    paper: { table: 1, claim: 'rbf wins.' },
    claims: [
      { better: 'rbf', than: 'zeros', in: 'AP', at: 'equal-macs' },
      { equal: ['rbf', 'zeros'], in: 'AP', at: 'equal-macs', within: 3 },
      { better: 'rbf', than: 'nothing', in: 'AP', at: 'equal-macs' },
    ],
    runs: [...madeArm('rbf', 48), ...madeArm('zeros', 50)],
    failed: [{ arm: 'bad', sweep: { 'loss.sparseWeight': 1 }, seed: 2, lastLines: ['step 3', 'loss is NaN <at> step 4'] }],
    unfinished: ['bad/seed3'],
    arms: ['rbf', 'zeros', 'bad'],
    provenance: { command: 'stint run made:test', commit: '0123456789' },
    environment: { Node: 'v20', memory: '24 GiB' },
    configs: [
      { arm: 'rbf', config: { model: { sampling: { kind: 'rbf', window: 7 } }, loss: { sparseWeight: 0.2 } } },
      { arm: 'zeros', config: { model: { sampling: { kind: 'zeros' } }, loss: { sparseWeight: 0.2 } } },
    ],
    swept: { 'loss.sparseWeight': [0.2, 1] },
    baseline: { label: 'dense start', metrics: { AP: 66, AP50: 90 }, macs: 150e6 },
    overlays: {
      pictures: [0, 1].map((id) => ({ id, width: 32, height: 32, source: PICTURE })),
      masks: {
        images: [0, 1].map((id) => ({ id, width: 32, height: 32 })),
        views: sweeps.flatMap((swept, k) => [view('rbf', 0, swept, 2 + k), view('zeros', 1, swept, 4 + k)]),
      },
      note: '2 of 4 images are shown.',
    },
  };
}

const asTask = (runs: readonly ReportRun[], names: readonly string[]): ReportRun[] =>
  runs.map((run) => ({ ...run, metrics: Object.fromEntries(names.map((name, i) => [name, run.metrics.AP + i])) }));

/** A page of each task, different in what they hold besides. */
export function madeTasks(): Record<'detection' | 'segmentation' | 'classification', HtmlReportInput> {
  const detection = madeExperiment();
  const training = { loss: { mean: 1, variance: 0.1 }, emptyWindows: 0.2 };
  const segmented = ['mIoU', 'mAcc', 'aAcc'];
  const ranked = ['top1', 'top5'];
  const kinds = { one: [1], two: [1, 2], three: [1, 2, 3] };
  const sizes = [
    { id: 4, width: 48, height: 32 },
    { id: 9, width: 32, height: 64 },
  ];
  return {
    // Stability, and runs that failed alike.
    detection: {
      ...detection,
      runs: detection.runs.map((run) => ({ ...run, training })),
      failed: [0.2, 1].map((weight) => ({ ...detection.failed[0], sweep: { 'loss.sparseWeight': weight } })),
    },
    // Arms with one, two, three and no masks a block, the last outside the sweep; images of unequal size.
    segmentation: {
      ...detection,
      claims: [{ better: 'two', than: 'one', in: 'mIoU', at: 'equal-macs' }],
      metrics: { shown: segmented, brief: segmented, legend: 'percent' },
      runs: asTask(
        [
          ...madeArm('dense', 49).flatMap((run) => (run.sweep['loss.sparseWeight'] === 1 ? [{ ...run, sweep: {}, densities: {} }] : [])),
          ...Object.entries(kinds).flatMap(([arm, numbers]) =>
            madeArm(arm, 40 + numbers.length).map((run) => ({
              ...run,
              densities: Object.fromEntries(
                BLOCKS.map((block) => [block, { mask1: 0.5, mask2: 0.4, ...(numbers.length === 3 && { mask3: 0.3 }) }]),
              ),
            })),
          ),
        ],
        segmented,
      ),
      failed: [],
      unfinished: [],
      arms: ['dense', ...Object.keys(kinds)],
      baseline: undefined,
      overlays: {
        pictures: sizes.map((size) => ({ ...size, source: PICTURE })),
        masks: {
          images: sizes,
          views: ['sparseWeight=0.2', 'sparseWeight=1'].flatMap((swept, k) =>
            Object.entries(kinds).map(([arm, numbers], i) => view(arm, i + 1, swept, 2 + k, numbers)),
          ),
        },
      },
    },
    // One seed, nothing swept, nothing claimed, no masks to see.
    classification: {
      ...detection,
      paper: undefined,
      claims: [],
      metrics: { shown: ranked, brief: ranked, legend: 'percent' },
      runs: asTask(
        ['dense', 'rbf'].map((arm) => ({ ...madeArm(arm, 50, [1])[0], sweep: {} })),
        ranked,
      ),
      failed: [],
      unfinished: [],
      arms: ['dense', 'rbf'],
      swept: {},
      baseline: undefined,
      overlays: undefined,
    },
  };
}
