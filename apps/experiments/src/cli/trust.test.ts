// verify, compare and reproduce on real tiny runs.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RunConfig } from '../config/schema.ts';
import { fakeProject } from '../executor/fake-stint.ts';
import { writeRun } from '../executor/run-folder.ts';
import { executeRun } from '../run/index.ts';
import { tinyConfig, tinyRun } from '../run/tiny-run.ts';
import { main } from './index.ts';
import { reproduceCommand } from './reproduce.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-trust-'));
const workspace = { root, experiments: path.join(root, 'experiments') };
const at = (name: string) => path.join(root, name);
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

async function stint(...args: string[]) {
  const [out, err]: string[][] = [[], []];
  const code = await main(args, { io: { out: (text) => out.push(text), err: (text) => err.push(text) }, workspace });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Runs a configuration into <experiment>/<arm>/seed<k>, as `stint run` leaves it. */
async function make(experiment: string, config: RunConfig, arm = 'rbf', trained?: string) {
  const run = tinyRun(config, arm);
  const folder = at(path.join(experiment, run.name));
  writeRun(path.join(folder, 'config.yaml'), run);
  const shared = trained === undefined ? undefined : { folder: at(path.join(experiment, trained)), run: trained };
  await executeRun(run, folder, { root, resume: false, stream: { write: () => true }, trained: shared });
  return folder;
}

const edit = (folder: string, change: (result: Record<string, never>) => void) => {
  const file = path.join(folder, 'result.json');
  const result = JSON.parse(fs.readFileSync(file, 'utf8'));
  change(result);
  fs.writeFileSync(file, JSON.stringify(result));
};

let folder: string;
beforeAll(async () => {
  folder = await make('one', tinyConfig({ pretrain: null }));
});

test('env.json says everything that a result depends on besides its configuration', () => {
  const env = JSON.parse(fs.readFileSync(path.join(folder, 'env.json'), 'utf8'));
  const result = JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8'));
  expect(env).toMatchObject({
    code: result.codeHash,
    node: process.version,
    cpu: expect.any(String),
    engine: { threads: 1, tensorflowVersion: expect.stringMatching(/^2\./), tfjsVersion: expect.any(String), oneDnn: true },
    kernels: { isa: expect.stringMatching(/avx|sse|neon/), available: expect.any(Array) },
  });
  expect(env).toHaveProperty('commit');
});

describe('verify', () => {
  test('a run as it was left: the same to the last bit', async () => {
    const { code, out } = await stint('verify', folder);
    expect([code, out]).toEqual([0, expect.stringMatching(/verified: \d+ numbers are the same\n1 of 1 runs verified$/)]);
    const json = JSON.parse((await stint('verify', at('one'), '--json')).out);
    expect(json).toMatchObject({ ok: true, runs: [{ run: 'rbf/seed1', differences: [], changes: [] }] });
  });

  test('every number that differs is printed; a tolerance lets it pass; changed code and engine are told', async () => {
    const copy = at('tampered/rbf/seed1');
    fs.cpSync(folder, copy, { recursive: true });
    let before = 0;
    edit(copy, (result: Record<string, never>) => {
      const { metrics, macs, densities } = result as never as {
        metrics: Record<string, number>;
        macs: { total: { direct: { mean: number } } };
        densities: Record<string, { mask1: number }>;
      };
      before = metrics.AP;
      metrics.AP += 1e-9;
      macs.total.direct.mean += 1;
      densities['layer1.0'].mask1 = 0.25;
      Object.assign(result, { codeHash: '0123456789abcdef' });
    });
    const env = JSON.parse(fs.readFileSync(path.join(copy, 'env.json'), 'utf8'));
    fs.writeFileSync(
      path.join(copy, 'env.json'),
      JSON.stringify({ ...env, code: '0123456789abcdef', engine: { ...env.engine, tensorflowVersion: '2.1.0' } }),
    );
    const { code, out } = await stint('verify', copy);
    expect(code).toBe(1);
    expect(out).toMatch(/3 of \d+ numbers DIFFER:\n {4}metrics\.AP: recorded .*, now /);
    expect(out).toContain(`now ${before} (-`);
    expect(out).toMatch(/macs\.total\.direct\.mean: .*\(-1\)/);
    expect(out).toMatch(/densities\.layer1\.0\.mask1: recorded 0\.25, now/);
    expect(out).toMatch(/changed since:\n {4}code was 0123456789abcdef, is [0-9a-f]{16}\n {4}tensorflow was 2\.1\.0, is 2\./);
    expect((await stint('verify', copy, '--tolerance', '2')).code).toBe(0);
  });

  test('a run that evaluates what another trained is verified with that checkpoint', async () => {
    await make('shared', tinyConfig({ pretrain: null }));
    await make('shared', tinyConfig({ pretrain: null, evaluate: { batchSize: 3, sampler: 'deterministic' } }), 'det', 'rbf/seed1');
    const { code, out } = await stint('verify', at('shared'));
    expect([code, out]).toEqual([0, expect.stringMatching(/2 of 2 runs verified$/)]);
  });

  test('another checkpoint, none, and no run at all', async () => {
    const copy = at('broken/rbf/seed1');
    fs.cpSync(folder, copy, { recursive: true });
    fs.appendFileSync(path.join(copy, 'last.safetensors'), 'x');
    expect(await stint('verify', copy)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/NOT VERIFIED: .*is not the checkpoint that was evaluated/),
    });
    fs.rmSync(path.join(copy, 'last.safetensors'));
    expect(await stint('verify', copy)).toMatchObject({ code: 1, out: expect.stringMatching(/its checkpoint is gone/) });
    expect(await stint('verify', at('nowhere'))).toMatchObject({ code: 2, err: expect.stringMatching(/nowhere does not exist/) });
    fs.mkdirSync(at('empty'));
    expect(await stint('verify', at('empty'))).toMatchObject({ code: 2, err: expect.stringMatching(/holds no finished run/) });
  });
});

test('compare: two runs, and two experiments run by run', async () => {
  const other = await make('two', tinyConfig({ pretrain: null, loss: { sparseWeight: 2 } }));
  await make('two', tinyConfig({ pretrain: null }), 'more');
  const { code, out } = await stint('compare', folder, other);
  expect(code).toBe(0);
  expect(out).toMatch(/loss\.sparseWeight +│ 0\.5 +│ 2 +│ 1\.5/);
  expect(out).toMatch(/training\.loss\.mean +│/);
  const same = await stint('compare', folder, folder);
  expect(same.out).toMatch(/1 of 1 are the same in configuration and result/);
  const { runs, only } = JSON.parse((await stint('compare', at('one'), at('two'), '--json')).out);
  expect(runs).toMatchObject([{ run: 'rbf/seed1', config: [{ path: 'loss.sparseWeight', a: 0.5, b: 2 }] }]);
  expect(only).toEqual({ a: [], b: ['more/seed1'] });
});

describe('reproduce', () => {
  const reproduce = async (project: ReturnType<typeof fakeProject>, options = {}) => {
    const [out, err]: string[][] = [[], []];
    const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
    const code = await reproduceCommand('tiny', { jobs: 2, ...options }, { io, workspace: project.workspace, command: project.command });
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  const expectations = ({ workspace: { experiments } }: ReturnType<typeof fakeProject>) =>
    path.join(experiments, 'expected/tiny/default.json');

  test('written down, run again and held; a drift is told with its size, and --update takes it', async () => {
    const project = fakeProject();
    await expect(reproduce(project)).rejects.toThrow('nothing is expected of tiny:default yet');
    expect((await reproduce(project, { update: true })).code).toBe(0);
    project.starts();
    expect(await reproduce(project)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/tiny:default reproduced: 2 runs, AP ±1, macs ±2 %$/),
    });
    expect(project.starts()).toHaveLength(2); // really run, though finished before
    expect((await reproduce(project, { reuse: true })).code).toBe(0);
    expect(project.starts()).toEqual([]);
    const file = expectations(project);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"AP": 54', '"AP": 57'));
    const drifted = await reproduce(project);
    expect(drifted.code).toBe(1);
    expect(drifted.out).toMatch(
      /DRIFTED:\n {2}rbf\/seed1: AP is 54, expected 57 \(off by -3, allowed 1\)\nIf this is what you meant: stint reproduce tiny:default --update/,
    );
    const json = JSON.parse((await reproduce(project, { json: true })).out);
    expect(json).toMatchObject({ ok: false, drifts: [{ run: 'rbf/seed1', name: 'AP', allowed: 1 }] });
    await reproduce(project, { update: true });
    expect((await reproduce(project)).code).toBe(0);
  });

  test('numbers of runs that are there; a failed run fails it', async () => {
    const project = fakeProject();
    await reproduce(project, { update: true });
    const folder = path.join(project.workspace.root, '.cache/reproduce/tiny/default');
    expect((await reproduce(project, { from: folder })).code).toBe(0);
    await expect(reproduce(project, { from: path.join(folder, 'rbf') })).rejects.toThrow(/holds no finished run of tiny:default/);
    const bad = fakeProject('  bad: { train: { lr: 0.2 } }\n');
    expect(await reproduce(bad, { update: true })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/FAILED bad\/seed1[\s\S]*loss is NaN/),
    });
    expect(fs.existsSync(expectations(bad))).toBe(false);
  });
});
