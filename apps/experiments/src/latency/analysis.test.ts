// From measured times to speed-ups, tables and verdicts.
import { workspaceWith } from '../config/fixture.ts';
import { judgeLatencyClaim } from './claims.ts';
import { fakeEngines } from './fake-engines.ts';
import { TINY_LATENCY } from './fixture.ts';
import { KINDS, kindOf } from './kinds.ts';
import { crossoversOf, layersCsv, partShare, timesByKind } from './layers.ts';
import { measureCase } from './measure-case.ts';
import type { Measurement } from './measurement.ts';
import { resolveLatency } from './resolve.ts';
import { casesOf, type LatencyClaim } from './schema.ts';
import { rivalOf, sampledAt, speedupPoints, speedupsOf, timesAsFast } from './speedup.ts';
import { timesCsv } from './table.ts';

let one: Measurement;
beforeAll(async () => {
  const workspace = workspaceWith({ 'speed.yaml': TINY_LATENCY });
  const { config } = resolveLatency('speed', workspace);
  one = await measureCase(casesOf(config)[0], { config, root: workspace.root, start: fakeEngines().start, pause: 0, log: () => {} });
});

// The rule of the fakes: our dense network takes 1 ms a convolution (7 of them), onnxruntime 10, OpenVINO 9; a sampled convolution takes
// density x 1.1 ms, each of the two blocks' mask heads .05 ms.
const sampledMs = (density: number) => 1 + 6 * 1.1 * density + 0.1;

test('speed-ups against our dense network and the fastest dense engine', () => {
  const half = speedupsOf(one).find(({ variant }) => variant.id === 'sampled-trained-0.5')!;
  expect(half.time.median).toBeCloseTo(sampledMs(0.5), 9);
  expect(half.overDense).toBeCloseTo(7 / sampledMs(0.5), 9);
  expect(half.overFastest).toBe(half.overDense);
  const { work } = rivalOf(one, 'dense')!;
  expect(half.theory.direct).toBeCloseTo(work.direct / half.variant.work.direct, 12);
  expect(half.theory.separable).toBeGreaterThan(half.theory.direct);
  expect(half.share).toBeCloseTo(half.overDense / half.theory.direct, 12);
  expect(work.direct).toBeCloseTo(
    KINDS.reduce((sum, kind) => sum + work.kinds[kind], 0),
    3,
  );
  expect(work.kinds.FPN).toBe(16 * 24 * (32 * 8 + 9 * 64) + 8 * 12 * (32 * 8 + 9 * 64));
  expect(rivalOf(one, 'fastest-other')!.id).toBe('openvino');
  expect(timesAsFast(half.variant, rivalOf(one, 'fastest-other')!).value).toBeCloseTo(9 / sampledMs(0.5), 9);
});

test('kinds of steps and of rows of the cost model', () => {
  const kinds = [
    'image',
    'conv1',
    'maxpool',
    'layer1.0.masks',
    'layer1.0.conv1_mask',
    'layer1.0.draw2',
    'layer1.0.reads',
    'layer1.0.conv3',
  ];
  expect(kinds.map(kindOf)).toEqual(['stem', 'stem', 'stem', 'mask heads', 'mask heads', 'draw', 'draw', 'conv3']);
  expect(['layer2.0.downsample.0', 'layer1.0.interpolation1', 'layer1.0.interpolation2', 'fpn.add.1'].map(kindOf)).toEqual([
    'downsample',
    'interp1',
    'interp2',
    'FPN',
  ]);
});

test('where the time goes, and the share of theory that a part reaches', () => {
  const [sampled, dense] = [sampledAt(one, 0.5)!, rivalOf(one, 'dense')!];
  const conv2 = timesByKind(sampled, dense).find(({ kind }) => kind === 'conv2')!;
  expect(conv2).toEqual({ kind: 'conv2', dense: 2, sampled: expect.closeTo(1.1, 9), promised: expect.closeTo(1, 9) });
  const heads = timesByKind(sampled, dense).find(({ kind }) => kind === 'mask heads')!;
  expect(heads.promised).toBeCloseTo((7 / dense.work.direct) * sampled.work.kinds['mask heads'], 9);
  expect(partShare(sampled, dense, 'conv2')).toBeCloseTo(1 / 1.1, 9);
});

test('crossovers by the shape of the block', () => {
  const found = crossoversOf(one);
  expect(found.map(({ shape }) => shape)).toEqual(['8 → 8 → 32, 16 × 24', '32 → 8 → 32, 16 × 24, stride 2']);
  expect(found[0].at.conv2).toEqual({ kind: 'at', density: expect.closeTo(1 / 1.1, 9) });
  expect(found[0].at.block).toEqual({ kind: 'at', density: expect.closeTo((3 - 0.05) / 3.3, 9) });
  const sparse = { ...one, variants: one.variants.filter(({ density }) => density === undefined || density === 0.5) };
  expect(crossoversOf(sparse)[0].at.conv1).toBeUndefined();
});

test.each<[LatencyClaim, string, number | undefined]>([
  [{ faster: 'sampled', than: 'dense', network: 'tiny', density: 0.5, atLeast: 1.5 }, 'reached', 7 / sampledMs(0.5)],
  [{ faster: 'sampled', than: 'fastest-dense', network: 'tiny', density: 0.25, atLeast: 3 }, 'not reached', 7 / sampledMs(0.25)],
  [{ faster: 'dense', than: 'fastest-other', network: 'tiny', density: undefined, atLeast: 1 }, 'reached', 9 / 7],
  [{ part: 'conv2', network: 'tiny', density: 0.25, ofTheory: 0.95 }, 'not reached', 1 / 1.1],
  [{ faster: 'sampled', than: 'dense', network: 'tiny', density: 0.9, atLeast: 1 }, 'not measured', undefined],
  [{ part: 'conv1', network: 'huge', density: 0.5, ofTheory: 1 }, 'not measured', undefined],
])('%j', (claim, verdict, value) => {
  const judged = judgeLatencyClaim(claim, [one]);
  expect([judged.verdict, judged.values.map((each) => each.name)]).toEqual([verdict, value === undefined ? [] : ['tiny-64x96-t1']]);
  if (value !== undefined) expect(judged.values[0].value).toBeCloseTo(value, 9);
});

test('a target that is missed says where the time goes', () => {
  const [claim] = [{ faster: 'sampled', than: 'dense', network: 'tiny', density: 0.25, atLeast: 9 } as const];
  const judged = judgeLatencyClaim(claim, [one, { ...one, name: 'other' }]);
  expect(judged.text).toBe('tiny, sampled at density 0.25, is at least 9 times as fast as our dense network');
  expect(judged.values.map(({ name }) => name)).toEqual(['tiny-64x96-t1', 'other']);
  expect(judged.values[0].excess).toMatch(/^(mask heads|conv1|conv2|conv3) \+0\.\d ms/);
});

test('files for spreadsheets, and points of the plot', () => {
  const [head, ...lines] = layersCsv([one]).trimEnd().split('\n');
  expect(head.split(',')).toHaveLength(9);
  expect(lines).toContain('tiny-64x96-t1,sampled-trained-0.5,layer1.0,layer1.0.conv2,conv2,0.5500,0.5000,500000,1.82');
  const times = timesCsv([one]).trimEnd().split('\n');
  expect(times).toHaveLength(1 + one.variants.length);
  expect(times.every((line) => line.split(',').length === times[0].split(',').length)).toBe(true);
  expect(speedupPoints([one]).map(({ line, form }) => [line, form])).toEqual([
    ...Array(4).fill(['tiny-64x96-t1', 'masks like trained ones']),
    [undefined, 'white-noise masks'],
  ]);
});
