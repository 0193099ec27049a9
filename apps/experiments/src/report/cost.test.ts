import { countMacs, resnet } from '@stint/backbones';
import { costMap, packCells, unpackCells } from '@stint/report';
import type { OverlayMask } from '../run/overlay.ts';
import { tinyConfig } from '../run/tiny-run.ts';
import { costStages } from './cost.ts';

const config = (kind: string) => {
  const base = tinyConfig();
  const { backbone, sampling } = tinyConfig({
    model: { ...base.model, sampling: { ...base.model.sampling, interpolation: { kind } } },
  }).model;
  return { ...backbone, sampling };
};

/** Masks of a 64x64 image in the tiny network: a block at stride 4, one whose second mask is at stride 8. */
function masks(pattern: (i: number, mask: number) => boolean): OverlayMask[] {
  const sides = [
    ['layer1.0', 1, 16],
    ['layer1.0', 2, 16],
    ['layer2.0', 1, 16],
    ['layer2.0', 2, 8],
  ] as const;
  return sides.map(([block, mask, side]) => ({
    block,
    mask,
    height: side,
    width: side,
    stride: 64 / side,
    bits: Array.from({ length: side * side }, (_, i) => (pattern(i, mask) ? '1' : '0')).join(''),
  }));
}

const cells = (each: OverlayMask) => ({ ...each, cells: unpackCells(packCells(each.bits), each.bits.length) });

test.each(['rbf', 'convolution', 'zeros'])('%s: the map sums up to the MACs that the cost model counts, stage by stage', (kind) => {
  const image = { height: 64, width: 64, masks: masks((i, mask) => (i * 2654435761) % 7 < 2 * mask) };
  const model = config(kind);
  const { stages, dense } = costStages(model, image);
  const densities = Object.fromEntries(
    ['layer1.0', 'layer2.0'].map((block) => {
      const share = (mask: number) => {
        const { bits } = image.masks.find((each) => each.block === block && each.mask === mask)!;
        return [...bits].filter((bit) => bit === '1').length / bits.length;
      };
      return [block, { mask1: share(1), mask2: share(2) }];
    }),
  );
  const report = countMacs(resnet(model), [64, 64], densities);
  const macs = (count?: number) => {
    const { height, width, values } = costMap(stages, image.masks.map(cells), count);
    return (values.reduce((sum, value) => sum + value, 0) * 64 * 64) / (height * width);
  };
  const part = (name: RegExp) => report.layers.filter((row) => name.test(row.name)).reduce((sum, row) => sum + row.macs, 0);
  expect(stages.map(({ name }) => name)).toEqual(['stem', 'layer1.0', 'layer2.0']);
  expect(macs() / report.total.direct).toBeCloseTo(1, 5);
  expect(macs(1) / part(/^conv/)).toBeCloseTo(1, 5);
  expect(macs(2) / part(/^conv|^layer1/)).toBeCloseTo(1, 5);
  expect(dense * 64 * 64).toBeCloseTo(report.denseTotal);
});

test('masks that are all open or all closed: nothing is filled in', () => {
  for (const open of [true, false]) {
    const { stages } = costStages(config('rbf'), { height: 64, width: 64, masks: masks(() => open) });
    expect(stages.flatMap(({ parts }) => parts.map(({ filled }) => filled))).toEqual([0, 0, 0, 0]);
  }
});
