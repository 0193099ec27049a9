import fs from 'node:fs';
import fc from 'fast-check';
import { fixturePath } from '../testing/golden.ts';
import { countMacs, type MacReport } from './macs.ts';
import { resnet, resnet50, resnet101 } from './resnet.ts';
import type { SamplingConfig } from './types.ts';

interface Split {
  split?: Record<string, number>;
  per_layer?: Record<string, number>;
  total: number;
}
interface Golden {
  uniform: Record<string, Required<Split> & { h: number; w: number; without_offsets: number }>;
  /** Densities by layer, block and convolution, or 'all D'. */
  sparse: Record<string, Split & { density: string | Record<string, Record<string, { conv1: number; conv2: number }>> }>;
  classification_224_from_torchvision_modules: Record<string, { conv: number; conv_plus_fc: number }>;
}

const golden: Golden = JSON.parse(fs.readFileSync(fixturePath('11_macs.json'), 'utf8'));
const sampling: SamplingConfig = { integration: 'two-masks', interval: 11, interpolation: { kind: 'rbf', window: 7, sigma: 3 }, bias: 3 };
const deformable = { deformableOffsets: [2, 3, 4] };
const sumOf = (report: MacReport, part: RegExp) =>
  report.layers.filter(({ name }) => part.test(name)).reduce((sum, { macs }) => sum + macs, 0);
const partOf: Record<string, RegExp> = {
  stem: /^conv1$/,
  downsample: /downsample/,
  conv1: /\.conv1$/,
  conv2: /\.conv2$/,
  conv3: /\.conv3$/,
  conv2_offset: /offset/,
  conv1_mask: /conv1_mask/,
  conv2_mask: /conv2_mask/,
  conv1_interpolate: /interpolation1/,
  conv3_interpolate: /interpolation2/,
};
const within = (got: number, want: number) => expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-9 * Math.abs(want));

describe('11, uniform: exact integers', () => {
  test.each(Object.entries(golden.uniform))('%s', (name, want) => {
    const network = name.startsWith('r101') ? resnet101() : resnet50();
    const report = countMacs(network, [want.h, want.w], 1, deformable);
    expect(report.total).toEqual({ direct: want.total, separable: want.total });
    expect(report.denseTotal).toBe(want.total);
    for (const [part, macs] of Object.entries(want.split)) expect([part, sumOf(report, partOf[part])]).toEqual([part, macs]);
    for (const [layer, macs] of Object.entries(want.per_layer))
      expect([layer, sumOf(report, new RegExp(`^${layer}(\\.|$)`))]).toEqual([layer, macs]);
    expect(countMacs(network, [want.h, want.w]).total.direct).toBe(want.without_offsets);
  });
});

describe('11, sparse', () => {
  const network = resnet101({ sampling });
  test.each(Object.entries(golden.sparse))('%s', (_, want) => {
    const densities =
      typeof want.density === 'string'
        ? Number(want.density.split(' ')[1])
        : Object.fromEntries(
            Object.entries(want.density).flatMap(([layer, blocks]) =>
              Object.entries(blocks).map(([block, { conv1, conv2 }]) => [
                block.replace('block', `${layer}.`),
                { mask1: conv1, mask2: conv2 },
              ]),
            ),
          );
    const report = countMacs(network, [992, 1664], densities, deformable);
    within(report.total.direct, want.total);
    for (const [part, macs] of Object.entries(want.split ?? {})) within(sumOf(report, partOf[part]), macs);
    for (const [layer, macs] of Object.entries(want.per_layer ?? {})) within(sumOf(report, new RegExp(`^${layer}(\\.|$)`)), macs);
    within(report.dense + report.conditional + report.mask + report.interpolation.direct, want.total);
    within(report.total.direct - report.total.separable, report.interpolation.direct * (1 - 14 / 49));
    expect(report.denseTotal).toBe(golden.uniform.r101_1000.total);
  });
});

test.each(Object.entries(golden.classification_224_from_torchvision_modules))('%s at 224, as torchvision counts', (name, want) => {
  const network = name === 'resnet50' ? resnet50({ classes: 1000 }) : resnet101({ classes: 1000 });
  expect(countMacs(network, [224, 224]).total.direct).toBe(want.conv);
  expect(countMacs(network, [224, 224], 1, { classifier: true }).total.direct).toBe(want.conv_plus_fc);
});

const tiny = (kind: SamplingConfig['interpolation']['kind']) =>
  resnet({
    stem: { kind: 'small', widths: [4, 8] },
    layers: [1, 1],
    planes: [8, 8],
    expansion: 2,
    sampling: { ...sampling, interpolation: { kind, window: 7, sigma: 3 } },
  });

test('what each kind of interpolation costs', () => {
  const cost = (kind: 'rbf' | 'average' | 'convolution' | 'zeros' | 'reuse') => countMacs(tiny(kind), [64, 64], 0.5).interpolation;
  const pairs = (16 * 16 * (8 + 16) + 16 * 16 * 8 + 8 * 8 * 16) * 0.25;
  for (const kind of ['rbf', 'average'] as const) expect(cost(kind)).toEqual({ direct: 49 * pairs, separable: 14 * pairs });
  expect(cost('convolution')).toEqual({ direct: 49 * pairs, separable: 49 * pairs });
  for (const kind of ['zeros', 'reuse'] as const) expect(cost(kind)).toEqual({ direct: 0, separable: 0 });
});

test('without interpolation, MACs are linear in the density, from mask heads and dense parts up to everything', () => {
  const network = tiny('zeros');
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 4, max: 60 }),
      fc.integer({ min: 4, max: 60 }),
      (density, h, w) => {
        const [none, some, all] = [0, density, 1].map((d) => countMacs(network, [h, w], d));
        expect(none.total.direct).toBe(none.dense + none.mask);
        expect(some.total.direct).toBeCloseTo(none.total.direct + density * (all.total.direct - none.total.direct), 3);
        expect(all.total.direct).toBe(all.denseTotal + all.mask);
      },
    ),
  );
});

test('errors', () => {
  expect(() => countMacs(tiny('rbf'), [64, 64], {})).toThrow("no density for block 'layer1.0'");
  expect(() => countMacs(tiny('rbf'), [64, 64], 1.2)).toThrow("density 1.2 of block 'layer1.0'");
});
