import fs from 'node:fs';
import path from 'node:path';
import { workspaceWith } from '../config/fixture.ts';
import type { RunResult } from '../run/result.ts';
import { differences, leaves, shown } from './differences.ts';
import { environmentChanges } from './environments.ts';
import { driftsOf, type Expectation, expectationFile, expectedNumbers, readExpectation, writeExpectation } from './expectation.ts';

const expected = (runs: Expectation['runs'], tolerances: Expectation['tolerances'] = {}): Expectation => ({ made: {}, tolerances, runs });

test('a number drifts when it is off by more than absolute + relative x expected', () => {
  const held = expected({ 'rbf/seed1': { AP: 50, macs: 100, loss: 2 } }, { AP: { absolute: 0.5, relative: 0.01 }, loss: {} });
  expect(driftsOf(held, { 'rbf/seed1': { AP: 51, macs: 102, loss: 2 } })).toEqual([]);
  const drifts = driftsOf(held, { 'rbf/seed1': { AP: 48.9, macs: 102.1, loss: 2.0000001 } });
  expect(drifts.map(({ name }) => name)).toEqual(['AP', 'macs', 'loss']);
  expect(drifts[0]).toMatchObject({ run: 'rbf/seed1', expected: 50, found: 48.9, allowed: 1 });
  expect(driftsOf(held, { 'rbf/seed1': { AP: Number.NaN, macs: 100, loss: 2 } })).toHaveLength(1);
});

test("a tolerance of one arm's number takes the place of the number's", () => {
  const runs = { 'rbf/seed1': { macs: 100, loss: 2 }, 'slimming/ratio=0.5-seed1': { macs: 100, loss: 2 } };
  const held = expected(runs, { macs: { relative: 0.01 }, 'slimming/macs': { relative: 0.1 }, 'rbf/loss': { absolute: 9 } });
  const moved = { macs: 105, loss: 2.5 };
  const drifts = driftsOf(held, { 'rbf/seed1': moved, 'slimming/ratio=0.5-seed1': moved });
  expect(drifts.map(({ run, name, allowed }) => [run, name, allowed])).toEqual([
    ['rbf/seed1', 'macs', 1],
    ['slimming/ratio=0.5-seed1', 'loss', 0.1],
  ]);
});

test('runs and numbers that only one side has are drifts', () => {
  const drifts = driftsOf(expected({ a: { AP: 1 }, gone: { AP: 1 } }), { a: { AP: 1, mIoU: 3 }, more: {} });
  expect(drifts.map(({ run, name, expected, found }) => [run, name, expected, found])).toEqual([
    ['a', 'mIoU', undefined, 3],
    ['gone', 'the run', 1, undefined],
    ['more', 'the run', undefined, 1],
  ]);
});

test('what is held of a result: metrics that have ground truth, cost, density, loss', () => {
  const spread = { mean: 3, std: 0 };
  const result = {
    metrics: { AP: 50.123456789, AP50: 70, AP75: 9, APl: -1, ARs: 3, mIoU: 60, top1: -1 },
    macs: { total: { direct: spread } },
    densities: { a: { mask1: 0.5, mask2: 0.25 }, b: { mask1: 0.5, mask2: 0.75 } },
    training: { loss: { mean: 2, variance: 1 } },
  } as unknown as RunResult;
  expect(expectedNumbers(result)).toEqual({ AP: 50.123457, AP50: 70, mIoU: 60, macs: 3, density: 0.5, loss: 2 });
  expect(expectedNumbers({ ...result, densities: {}, training: undefined })).toEqual({ AP: 50.123457, AP50: 70, mIoU: 60, macs: 3 });
});

test('files: written, read, tolerances kept; what is wrong is named', () => {
  const workspace = workspaceWith({ 'tiny.yaml': '' });
  const file = expectationFile('tiny', 'quick', workspace);
  expect(() => readExpectation('tiny', 'quick', workspace)).toThrow(
    'nothing is expected of tiny:quick yet; write it down: stint reproduce tiny:quick --update',
  );
  writeExpectation(file, { made: { code: 'x' }, runs: { a: { AP: 1, macs: 2 } } });
  const first = readExpectation('tiny', 'quick', workspace);
  expect(first.tolerances).toEqual({ AP: { absolute: 1 }, macs: { relative: 0.02 } });
  fs.writeFileSync(file, JSON.stringify({ ...first, tolerances: { AP: { absolute: 3 }, 'a/macs': {}, 'gone/AP': {} } }));
  writeExpectation(file, { made: {}, runs: { a: { AP: 2, macs: 2 } } });
  const second = readExpectation('tiny', 'quick', workspace);
  expect(second.tolerances).toEqual({ AP: { absolute: 3 }, macs: { relative: 0.02 }, 'a/macs': {} });
  expect(second.runs).toEqual({ a: { AP: 2, macs: 2 } });
  expect(() => readExpectation('tiny', 'long', workspace)).toThrow('there are: quick');
  fs.writeFileSync(file, JSON.stringify({ made: {}, tolerances: { AP: { absolut: 1 } }, runs: { a: { AP: 'x' } } }));
  expect(() => readExpectation('tiny', 'quick', workspace)).toThrow(/is no expectation:\n {2}tolerances\.AP: .*absolut[\s\S]*runs\.a\.AP/);
  fs.writeFileSync(file, '{');
  expect(() => readExpectation('tiny', 'quick', workspace)).toThrow(`${path.join('tiny', 'quick.json')} is not JSON`);
});

test('differences of trees, by dotted path', () => {
  const a = { x: 1, list: [1, 2], inner: { y: 'a', only: null }, same: 3 };
  const b = { x: 1.5, list: [1, 3], inner: { y: 'b' }, same: 3, more: [{ z: 1 }] };
  expect(differences(a, b)).toEqual([
    { path: 'x', a: 1, b: 1.5 },
    { path: 'list', a: [1, 2], b: [1, 3] },
    { path: 'inner.y', a: 'a', b: 'b' },
    { path: 'inner.only', a: null, b: undefined },
    { path: 'more.0.z', a: undefined, b: 1 },
  ]);
  expect(differences({ x: 1 }, { x: 1.5 }, 0.5)).toEqual([]);
  expect(differences({ x: Number.NaN, z: 0 }, { x: Number.NaN, z: -0 })).toEqual([]);
  expect(differences({ x: 1 }, { x: Number.NaN }, 9)).toHaveLength(1);
  expect(leaves(undefined)).toEqual(new Map());
  expect([shown(undefined), shown(0.123456789), shown(7), shown('a'), shown([1])]).toEqual(['-', '0.123457', '7', 'a', '[1]']);
});

test('environments: what numbers may depend on, and only what both say', () => {
  const engine = { tensorflowVersion: '2.21.0', threads: 1 } as never;
  const changes = environmentChanges(
    { node: 'v20', cpu: 'A', started: 'x', memoryGiB: 1, engine },
    { node: 'v22', cpu: 'A', started: 'y', memoryGiB: 2, engine: { tensorflowVersion: '2.22.0', threads: 1 } as never, code: 'c' },
  );
  expect(changes).toEqual([
    { path: 'tensorflow', a: '2.21.0', b: '2.22.0' },
    { path: 'node', a: 'v20', b: 'v22' },
  ]);
});
