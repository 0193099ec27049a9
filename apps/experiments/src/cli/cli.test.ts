import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Diagnosis } from '@stint/engine';
import { TINY, workspaceWith } from '../config/fixture.ts';
import { fakeProject, PRETRAIN } from '../executor/fake-stint.ts';
import { parseSeeds, parseSize } from './arguments.ts';
import { diagnoseKernels, doctorCommand } from './doctor.ts';
import { main } from './index.ts';
import { pretrainCommand } from './pretrain.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';

function capture() {
  const [out, err]: string[][] = [[], []];
  return { io: { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) }, out, err };
}

const PROFILES = 'profiles: { quick: , long: { train: { steps: 9 } } }\nexpect: { quick: a minute }\npaper: { table: 1 }\n';

async function stint(...args: string[]) {
  const { io, out, err } = capture();
  const workspace = workspaceWith({ 'tiny.yaml': TINY + PROFILES });
  const code = await main(args, { io, workspace });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('usage', () => {
  test.each([[[]], [['run']], [['evaluate', 'coco']]])('%j without what it needs is wrong usage', async (args) => {
    expect((await stint(...args)).code).toBe(2);
  });

  test('--help of every command has examples and the exit codes', async () => {
    const { code, out } = await stint('--help');
    expect(code).toBe(0);
    const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]).filter((name) => !['help', 'evaluate'].includes(name));
    expect(commands).toEqual([
      ...['run', 'pretrain', 'report', 'list', 'show', 'doctor', 'macs', 'bench', 'predict', 'calibrate', 'prune', 'export', 'import'],
      ...['verify', 'compare', 'reproduce', 'completion'],
    ]);
    for (const command of [...commands.map((name) => [name]), ['evaluate', 'coco']]) {
      const help = await stint(...command, '--help');
      expect([help.code, help.err]).toEqual([0, '']);
      expect(help.out).toMatch(/Examples:\n {2}\$ npx stint [\s\S]*Exit codes: 0 done/);
    }
  });

  test('errors: one message on stderr, nothing on stdout, exit code 2, the nearest name', async () => {
    expect(await stint('shwo')).toEqual({ code: 2, out: '', err: 'stint: no command "shwo" (nearest: "show"); "stint --help" shows all' });
    expect((await stint('show', 'tinny')).err).toBe('stint: no experiment "tinny" (nearest: "tiny"); "stint list" shows all');
    expect((await stint('show', 'tiny:lang')).err).toBe('stint: tiny has no profile "lang" (nearest: "long")');
    expect((await stint('show', 'tiny', 'train.lr')).err).toBe('stint: unexpected argument "train.lr": overrides look like key.path=value');
    expect((await stint('show', 'tiny', '--armz', 'x')).err).toMatch(/unknown option '--armz'/);
    expect((await stint('show', 'tiny:quick', '--profile', 'long')).err).toMatch(/two profiles/);
    expect((await stint('show', 'tiny', '--data-root', 'x')).err).toMatch(
      /--data-root is for folders .* makes its own \(data.kind is emoji\)/,
    );
    expect(await stint('show', 'tiny', 'train.stesp=1')).toEqual({
      code: 2,
      out: '',
      err: 'stint: override train.stesp=1: unknown key "stesp" in train (nearest: "steps")',
    });
  });

  test('a stack only with STINT_DEBUG', async () => {
    expect((await stint('show', 'nope')).err).not.toMatch(/ at /);
    process.env.STINT_DEBUG = '1';
    const { err } = await stint('show', 'nope');
    delete process.env.STINT_DEBUG;
    expect(err).toMatch(/\n {4}at /);
  });

  test('--seeds and --size', () => {
    expect([parseSeeds('3'), parseSeeds('2,5'), parseSeeds('0,')]).toEqual([[1, 2, 3], [2, 5], [0]]);
    for (const bad of ['0', 'x', '1,1', '-1', '1.5', '']) expect(() => parseSeeds(bad)).toThrow(/--seeds/);
    expect(parseSize('480x800')).toEqual([480, 800]);
    for (const bad of ['480', '480x', '0x3', '4.5x3']) expect(() => parseSize(bad)).toThrow(/--size/);
  });
});

describe('list and show', () => {
  test('list names experiments and profiles; --json is one document', async () => {
    const text = await stint('list');
    expect(text.out).toContain('tiny  Tiny (paper, Table 1)');
    expect(text.out).toMatch(/:quick +2 runs {2}a minute {2}\[default\]/);
    const { experiments } = JSON.parse((await stint('list', '--json')).out);
    expect(experiments).toMatchObject([{ name: 'tiny', profiles: [{ profile: 'quick', runs: 2 }, { profile: 'long' }] }]);
  });

  test('show prints the resolved configuration of a profile with overrides', async () => {
    const { out } = await stint('show', 'tiny:long', 'train.lr=0.5', '--arms', 'zeros', '--seeds', '2', '--json');
    const { runs } = JSON.parse(out);
    expect(runs.map((run: { name: string }) => run.name)).toEqual(['zeros/seed1', 'zeros/seed2']);
    expect(runs[0]).toMatchObject({
      config: { train: { steps: 9, lr: 0.5 } },
      pretrainKey: null,
      hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect((await stint('show', 'tiny')).out).toMatch(/# rbf\/seed1\n[\s\S]*kind: rbf[\s\S]*# zeros\/seed1\n/);
  });

  test('--data-root replaces the root of a COCO folder', async () => {
    const coco =
      '{ kind: coco, root: a, trainAnnotations: t, trainImages: t, valAnnotations: v, valImages: v, shortSide: 64, maxSide: 96 }';
    const { io, out } = capture();
    const workspace = workspaceWith({ 'tiny.yaml': TINY.replace(/^data: .*$/m, `data: ${coco}`) });
    expect(await main(['show', 'tiny', '--data-root', 'b c', '--json'], { io, workspace })).toBe(0);
    expect(JSON.parse(out[0]).runs[0].config.data.root).toBe(path.resolve('b c'));
  });
});

describe('run and pretrain', () => {
  const run = async (project: ReturnType<typeof fakeProject>, options = {}) => {
    const { io, out, err } = capture();
    const code = await runCommand(
      'tiny',
      [],
      { out: project.folder, jobs: 2, ...options },
      { io, workspace: project.workspace, command: project.command },
    );
    return { code, out: out.join('\n'), err: err.join('\n') };
  };

  test('runs, reports and writes; --json prints the same as result.json and keeps progress on stderr', async () => {
    const project = fakeProject('claims: [{ better: zeros, than: rbf, in: AP, at: equal-sweep }]\nseeds: [1, 2, 3]\n');
    const text = await run(project);
    expect(text.code).toBe(0);
    expect(text.out).toMatch(/supported/);
    for (const name of ['report.md', 'summary.csv', 'ap-macs.svg']) expect(fs.existsSync(path.join(project.folder, name))).toBe(true);
    const { code, out, err } = await run(project, { json: true });
    const document = JSON.parse(out);
    expect(code).toBe(0);
    expect(document).toEqual(JSON.parse(fs.readFileSync(path.join(project.folder, 'result.json'), 'utf8')));
    expect(document.verdicts).toMatchObject([{ verdict: 'supported', mean: 2 }]);
    expect(err).toMatch(/6 of 6 runs are finished already/);
  });

  test('a failed run: exit code 1, its last lines in the text and the report', async () => {
    const project = fakeProject('  bad: { train: { lr: 0.2 } }\n');
    const { code, out } = await run(project);
    expect(code).toBe(1);
    expect(out).toMatch(/FAILED bad\/seed1, last lines:\n[\s\S]*loss is NaN at step 3/);
    expect(fs.readFileSync(path.join(project.folder, 'report.md'), 'utf8')).toMatch(/loss is NaN at step 3/);
  });

  test('report writes what is finished again, with how it was made, and runs nothing', async () => {
    const project = fakeProject('  bad: { train: { lr: 0.2 } }\n');
    await run(project);
    const file = path.join(project.folder, 'report.md');
    const written = fs.readFileSync(file, 'utf8');
    fs.rmSync(file);
    project.starts();
    const { io, out } = capture();
    expect(await reportCommand('tiny', [], {}, { io, workspace: project.workspace })).toBe(0);
    expect(project.starts()).toEqual([]);
    expect(fs.readFileSync(file, 'utf8')).toBe(written);
    expect(written).toContain('| command | stint run tiny |');
    expect(out.at(-1)).toMatch(/Written:\n.*report\.md/);
    const nowhere = reportCommand('tiny', [], { out: path.join(project.folder, 'nowhere') }, { io, workspace: project.workspace });
    await expect(nowhere).rejects.toThrow(/nowhere does not exist; run first: stint run tiny:default/);
  });

  test('what is for Slurm goes with it; its pretrainings are jobs of the run', async () => {
    expect(await stint('run', 'tiny', '--detach')).toMatchObject({ code: 2, err: 'stint: --detach goes with --executor slurm' });
    expect(await stint('run', 'tiny', '--slurm', 'time=5')).toMatchObject({ code: 2, err: 'stint: --slurm goes with --executor slurm' });
    expect(await stint('run', 'tiny', '--executor', 'pbs')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/Allowed choices are local, slurm/),
    });
    const project = fakeProject(PRETRAIN);
    const { io, out } = capture();
    expect(await pretrainCommand('tiny', [], { executor: 'slurm' }, { io, workspace: project.workspace, command: project.command })).toBe(
      0,
    );
    expect([project.starts(), out]).toEqual([[], [expect.stringMatching(/^pretrainings are jobs of the run/)]]);
  });

  test('pretrain makes the shared networks only', async () => {
    const project = fakeProject(PRETRAIN);
    const { io, out } = capture();
    const context = { io, workspace: project.workspace, command: project.command };
    expect(await pretrainCommand('tiny', [], { json: true }, context)).toBe(0);
    expect(JSON.parse(out[0])).toMatchObject({ failed: false, networks: [{ folder: expect.stringContaining('.cache/pretrained') }] });
    expect(project.starts()).toEqual(['pretrain-run rbf 1']);
    const without = fakeProject();
    expect(await pretrainCommand('tiny', [], {}, { ...context, workspace: without.workspace })).toBe(0);
    expect(out.at(-1)).toMatch(/nothing to pretrain/);
  });
});

describe('evaluate coco', () => {
  const files = (detections: unknown) => {
    const { root } = workspaceWith({ 'x.yaml': '' });
    const truth = {
      images: [{ id: 1 }],
      categories: [{ id: 1, name: 'cell' }],
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [10, 10, 40, 40], area: 1600, iscrowd: 0 }],
    };
    const write = (name: string, value: unknown) => {
      fs.writeFileSync(path.join(root, name), typeof value === 'string' ? value : JSON.stringify(value));
      return path.join(root, name);
    };
    return ['evaluate', 'coco', '--ground-truth', write('gt.json', truth), '--detections', write('dt.json', detections)];
  };

  test('the twelve numbers, as text and as JSON', async () => {
    const args = files([{ image_id: 1, category_id: 1, bbox: [10, 10, 40, 40], score: 0.9 }]);
    const json = JSON.parse((await stint(...args, '--json')).out);
    expect(json.metrics.AP).toBeCloseTo(1, 12);
    expect(json.metrics).toMatchObject({ APs: -1, AR100: 1 });
    expect(json.stats).toHaveLength(12);
    expect((await stint(...args)).out).toMatch(/Average Precision .*IoU=0.50:0.95.* = 1.000/);
  });

  test('files that are missing, not JSON, or wrong', async () => {
    expect(await stint('evaluate', 'coco', '--ground-truth', 'no.json', '--detections', 'x')).toEqual({
      code: 2,
      out: '',
      err: 'stint: cannot read no.json: it is missing',
    });
    expect(await stint(...files('{'))).toMatchObject({ code: 1, err: expect.stringMatching(/dt\.json: is not valid JSON/) });
    expect(await stint(...files([{ image_id: 1 }]))).toMatchObject({ code: 1, err: expect.stringMatching(/dt\.json: \[0\]/) });
  });
});

describe('macs', () => {
  test('ResNet-50 and 101 at 224 with the classifier are the known 4.09 and 7.80 GMAC', async () => {
    for (const [model, gmac] of [
      ['resnet50', 4.09],
      ['resnet101', 7.8],
    ] as const) {
      const { out } = await stint('macs', model, '--size', '224x224', '--classifier', '--json');
      const { total, flops } = JSON.parse(out);
      expect(total.direct / 1e9).toBeCloseTo(gmac, 2);
      expect(flops.direct).toBe(2 * total.direct);
    }
  });

  test('the paper: ResNet-101 with deformable offsets at 1000 is 289.5 GMAC, and 0.35 brings it to about 120', async () => {
    const args = ['macs', 'resnet101', '--size', '992x1664', '--deformable', '2,3,4', '--json'];
    expect(JSON.parse((await stint(...args)).out).total.direct / 1e9).toBeCloseTo(289.5, 1);
    expect(JSON.parse((await stint(...args, '--densities', '0.35')).out).total.direct / 1e9).toBeCloseTo(120.3, -1);
  });

  test('densities from a file, block by block; wrong ones name the block', async () => {
    const { root } = workspaceWith({ 'x.yaml': '' });
    const file = path.join(root, 'densities.json');
    const args = ['macs', 'embedded', '--size', '160x160', '--densities', file];
    const blocks = ['layer1.0', 'layer1.1', 'layer2.0', 'layer2.1', 'layer3.0', 'layer3.1'];
    const write = (densities: object) => fs.writeFileSync(file, JSON.stringify({ densities }));
    write(Object.fromEntries(blocks.map((block) => [block, { mask1: 0.5, mask2: 0.5 }])));
    const uniform = await stint('macs', 'embedded', '--size', '160x160', '--densities', '0.5', '--json');
    expect(JSON.parse((await stint(...args, '--json')).out).total).toEqual(JSON.parse(uniform.out).total);
    expect((await stint(...args)).out).toMatch(/mask heads +\d/);
    write({ 'layer1.0': { mask1: 0.5, mask2: 0.5 } });
    expect((await stint(...args)).err).toMatch(/the densities of layer1\.1, .* are missing/);
    write({ 'layer9.0': { mask1: 0.5, mask2: 0.5 } });
    expect((await stint(...args)).err).toMatch(/no block "layer9\.0"/);
    write({ 'layer1.0': { mask1: 2, mask2: 0.5 } });
    expect((await stint(...args)).err).toMatch(/layer1\.0 must be \{mask1, mask2\}, each from 0 to 1/);
    expect((await stint(...args.slice(0, -1), '1.5')).err).toMatch(/a density is from 0 to 1/);
    expect((await stint(...args.slice(0, -1), 'none.json')).err).toMatch(/not a number, and not a JSON file/);
    expect((await stint('macs', 'resnet51', '--size', '9x9')).err).toBe('stint: no model "resnet51" (nearest: "resnet50")');
    expect((await stint('macs', 'resnet50', '--size', '9x9', '--deformable', '9')).err).toMatch(/stages from 1 to 4/);
  });
});

test('doctor prints facts and problems; a problem is exit code 1', async () => {
  const { io, out } = capture();
  const found = (problems: string[]) => async () => ({ node: 'v20', problems }) as unknown as Diagnosis;
  const kernels = () => ({ isa: 'avx2', available: ['avx512', 'avx2'], threads: 1 });
  const noKernels = () => ({ problem: 'no kernels: run Y' });
  expect(await doctorCommand({}, { io }, found([]), kernels)).toBe(0);
  expect(out[0]).toMatch(/^kernels +avx2 \(available: avx512, avx2\), threads: 1 by default\nnode +v20\nAll is well\.$/);
  expect(await doctorCommand({}, { io }, found(['no binding: run X']), noKernels)).toBe(1);
  expect(out[1]).toMatch(/^kernels +none: no kernels: run Y\n[\s\S]*PROBLEM: no binding: run X/);
  await doctorCommand({ json: true }, { io }, found(['no binding: run X']), kernels);
  expect(JSON.parse(out[2])).toEqual({ ok: false, node: 'v20', problems: ['no binding: run X'], kernels: kernels() });
});

test('the kernels are those of this processor; an instruction set it has not is told', () => {
  const { isa, available, threads, problem } = diagnoseKernels();
  expect([problem, threads, available]).toEqual([undefined, 1, expect.arrayContaining([isa])]);
  jest.replaceProperty(process, 'env', { ...process.env, STINT_ISA: 'mmx' });
  expect(diagnoseKernels().problem).toMatch(/'mmx' \(from STINT_ISA\)/);
  jest.restoreAllMocks();
});

test('the command itself: exit codes reach the shell, and list does not load TensorFlow', () => {
  const bin = path.join(__dirname, '../../bin/stint.cjs');
  const { root } = workspaceWith({ 'tiny.yaml': TINY });
  const start = (...args: string[]) =>
    spawnSync(process.execPath, ['--conditions=@stint/source', ...args], { encoding: 'utf8', env: { ...process.env, STINT_ROOT: root } });
  const report = `process.on('exit', () => process.stderr.write(Object.keys(require.cache).filter((file) => file.includes('tfjs')).length + ' tfjs files\\n'));`;
  fs.writeFileSync(path.join(root, 'report.cjs'), report);
  const list = start('--require', path.join(root, 'report.cjs'), bin, 'list', '--json');
  expect([list.status, list.stderr]).toEqual([0, '0 tfjs files\n']);
  expect(JSON.parse(list.stdout).experiments[0].name).toBe('tiny');
  const wrong = start(bin, 'run', 'tinny');
  expect([wrong.status, wrong.stdout]).toEqual([2, '']);
  const direct = spawnSync(process.execPath, [bin, 'list'], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  expect([direct.status, direct.stderr]).toEqual([2, expect.stringContaining('npx stint')]);
});
