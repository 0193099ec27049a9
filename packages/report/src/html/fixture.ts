// A made-up experiment with everything a page can show, for the tests of this folder.
import { madeArm } from '../fixture.ts';
import { packCells } from './cost.ts';
import type { MaskView } from './page-data.ts';
import type { HtmlReportInput } from './report-page.ts';

/** A black pixel. */
const PICTURE = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAkQBADs=';
const BLOCKS = ['layer1.0', 'layer2.0'];

function view(arm: string, style: number, swept: string, sparsity: number): MaskView {
  const mask = (block: string, number: number, side: number) => {
    const cells = Array.from({ length: side * side }, (_, i) => ((i * 7 + number) % sparsity === 0 ? 1 : 0));
    return { block, mask: number, height: side, width: side, bits: packCells(cells) };
  };
  const masks = BLOCKS.flatMap((block, b) => [mask(block, 1, 8 >> b), mask(block, 2, 8 >> b)]);
  const stages = [
    { name: 'stem', uniform: 100, parts: [] },
    ...BLOCKS.map((name, b) => ({
      name,
      uniform: 10,
      parts: [
        { mask: 2 * b, sampled: 200, filled: 5 },
        { mask: 2 * b + 1, sampled: 400, filled: 0 },
      ],
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
