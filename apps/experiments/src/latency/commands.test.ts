// The commands on a latency experiment; the last test measures a tiny network with the real engines.
import fs from 'node:fs';
import path from 'node:path';
import { readSummary } from '@stint/report';
import { main } from '../cli/index.ts';
import { TINY, workspaceWith } from '../config/fixture.ts';
import { benchCommand, benchConfig } from './bench.ts';
import { reportLatencyCommand, runLatencyCommand } from './commands.ts';
import { die, type FakeOptions, fakeEngines } from './fake-engines.ts';
import { TINY_LATENCY } from './fixture.ts';

const TEXT = `${TINY_LATENCY}paper: { table: 5 }\nexpect: { quick: a second }\nprofiles: { quick: , long: { rounds: 3, threads: [1, 2] } }\n`;

function capture() {
  const [out, err]: string[][] = [[], []];
  return { io: { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) }, out, err };
}

const newWorkspace = () => workspaceWith({ 'speed.yaml': TEXT, 'tiny.yaml': TINY });

async function stint(args: string[], workspace = newWorkspace()) {
  const { io, out, err } = capture();
  const code = await main(args, { io, workspace });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

async function run(
  options: Parameters<typeof runLatencyCommand>[2] = {},
  fake: FakeOptions = {},
  workspace = newWorkspace(),
  words: string[] = [],
) {
  const { io, out, err } = capture();
  const { start, asked } = fakeEngines(fake);
  const code = await runLatencyCommand('speed', words, options, { io, workspace, start });
  const folder = path.join(workspace.root, 'runs/speed/quick');
  const read = (file: string) => fs.readFileSync(path.join(folder, file), 'utf8');
  return { code, out: out.join('\n'), err: err.join('\n'), workspace, asked, read };
}

test('list and show know it; other commands say what it is not', async () => {
  const listed = await stint(['list']);
  expect(listed.out).toContain('speed  Tiny speed (paper, Table 5)\n  :quick        1 cases  a second  [default]');
  expect(JSON.parse((await stint(['list', '--json'])).out).experiments[0]).toMatchObject({
    name: 'speed',
    profiles: [{ cases: 1 }, { cases: 2 }],
  });
  expect((await stint(['show', 'speed:long', 'seed=7'])).out).toMatch(
    /kind: latency[\s\S]*rounds: 3\n[\s\S]*seed: 7\n[\s\S]*- tiny-64x96-t2$/,
  );
  expect(JSON.parse((await stint(['show', 'speed', '--json'])).out)).toMatchObject({ cases: ['tiny-64x96-t1'], config: { rounds: 2 } });
  expect(await stint(['pretrain', 'speed'])).toEqual({ code: 2, out: '', err: 'stint: speed measures time: it trains nothing' });
  expect((await stint(['show', 'speed', '--arms', 'a'])).err).toMatch('--arms is for training experiments; speed measures time');
  expect((await stint(['run', 'speed', '--data-root', 'a'])).err).toMatch('--data-root is for training experiments');
  expect((await stint(['run', 'tiny', '--checkpoint', 'a'])).err).toMatch('--checkpoint is for latency experiments; tiny trains its own');
  expect(await stint(['report', 'speed'])).toMatchObject({
    code: 2,
    err: expect.stringMatching('holds no results; run first: stint run speed:quick'),
  });
});

test('run writes the report and what it is made from; report makes it again', async () => {
  const { code, out, read, workspace } = await run();
  expect(code).toBe(0);
  expect(out).toMatch(/\[1\/1\] tiny-64x96-t1, \d+ s: Stint dense 7\.00 ms; sampled, 1 7\.10 ms \(0\.99x\)/);
  expect(out).toContain('reached      tiny, sampled at density 0.25, is at least 0.01 times as fast as our dense network: 2.5');
  const report = read('report.md');
  for (const section of [
    'Verdicts',
    'Times',
    'Where the time goes',
    'Where sampling begins to pay',
    'Memory',
    'The engines agree',
    'Masks',
    'How this was made',
  ]) {
    expect(report).toContain(`## ${section}\n`);
  }
  expect(report).toContain('![Realised against theoretical speed-up](speedup.svg)');
  expect(report).toMatch(/\| commit \| not a checkout \|/);
  expect(read('speedup.svg')).toMatch(/^<svg/);
  const page = read('report.html');
  expect(readSummary(page)).toMatchObject({ name: 'speed', finished: 1, failed: 0 });
  expect(page).toContain('data:image/svg+xml;base64,');
  expect(JSON.parse(read('result.json'))).toMatchObject({
    kind: 'latency',
    experiment: 'speed',
    cases: [{ measurement: { variants: { length: 8 } } }],
  });
  const { io } = capture();
  await reportLatencyCommand('speed', [], {}, { io, workspace });
  expect(read('report.md')).toBe(report);
});

test('--resume keeps what was measured with the same settings and code, and only that', async () => {
  const { workspace } = await run();
  const again = await run({ resume: true }, {}, workspace);
  expect([again.asked, again.out]).toEqual([[], expect.stringContaining('[1/1] tiny-64x96-t1: measured before')]);
  expect((await run({ resume: true }, {}, workspace, ['rounds=1'])).asked).not.toEqual([]);
  expect((await run({}, {}, workspace)).asked).not.toEqual([]);
});

test('--json keeps stdout for the result; an engine that fails makes the exit code 1 and is in the report', async () => {
  const before: FakeOptions['before'] = (engine) => {
    if (engine === 'openvino') die('openvino');
  };
  const { code, out, err, read } = await run({ json: true }, { before });
  expect(code).toBe(1);
  expect(JSON.parse(out).cases).toHaveLength(1);
  expect(err).toContain('FAILED: openvino: ended by SIGKILL');
  expect(read('report.md')).toMatch(/## What is missing\n\n- tiny-64x96-t1: OpenVINO failed: openvino: ended by SIGKILL[\s\S]*last words/);
});

test('a case that cannot be measured does not stop the others; a checkpoint that is not there is left out', async () => {
  const text = TEXT.replace('networks:', 'networks:\n  trained: { checkpoint: runs/none.safetensors }');
  const before: FakeOptions['before'] = (engine) => {
    if (engine === 'dense') die('Stint dense');
  };
  const workspace = workspaceWith({ 'speed.yaml': text });
  const { code, read, out } = await run({}, { before }, workspace);
  expect(code).toBe(1);
  expect(out).toContain('[1/2] trained-64x96-t1 skipped: there is no runs/none.safetensors');
  expect(out).toContain('[2/2] tiny-64x96-t1 FAILED: Stint dense: ended by SIGKILL');
  expect(out).toContain('not measured tiny, sampled');
  expect(read('report.md')).toContain('- trained-64x96-t1 was left out: there is no runs/none.safetensors');
});

test('bench: one network, the table or JSON', async () => {
  const config = benchConfig('resnet50', { size: [64, 96], densities: [0.5], threads: [2], rounds: 1, fpn: 16, engines: ['none'] });
  expect(config).toMatchObject({
    networks: { resnet50: { backbone: 'resnet50', fpn: 16 } },
    sizes: ['64x96'],
    densities: [0.5],
    engines: [],
    rounds: 1,
  });
  expect(() => benchConfig('resnet51', { size: [64, 96] })).toThrow('no model "resnet51" (nearest: "resnet50")');
  expect(() => benchConfig('resnet50', { size: [64, 96], engines: ['openvin'] })).toThrow(
    '--engines openvin: give onnxruntime, openvino or none',
  );
  expect((await stint(['bench', 'resnet50', '--size', '64x96', '--densities', '2'])).err).toMatch(
    '--densities 2: give numbers from 0.02 to 1',
  );
  const checkpoint = path.join(__dirname, '../../fixtures/embedded-rbf.safetensors');
  expect(() => benchConfig(checkpoint, { size: [64, 96], fpn: 8 })).toThrow('brings its own pyramid');
  for (const json of [false, true]) {
    const { io, out } = capture();
    const options = { size: [64, 96] as [number, number], rounds: 1, engines: ['onnxruntime'], json };
    expect(await benchCommand(checkpoint, options, { io, workspace: newWorkspace(), start: fakeEngines().start })).toBe(0);
    if (json) expect(JSON.parse(out[0])).toMatchObject({ measurements: [{ network: 'embedded-rbf', speedups: { length: 3 } }] });
    else expect(out.at(-1)).toMatch(/sampled, own masks \(mean density 0\.40\)[\s\S]*onnxruntime/);
  }
});

test('a tiny network in the real engines: they agree, and every part is timed', async () => {
  const { io, out } = capture();
  const workspace = newWorkspace();
  const words = ['engines=[onnxruntime]', 'densities=[1, 0.5, 0.3]', 'rounds=1', 'masks.white=[]'];
  const code = await runLatencyCommand('speed', words, {}, { io, workspace });
  expect([code, out.join('\n')]).toEqual([0, expect.stringContaining('tiny-64x96-t1')]);
  const { cases } = JSON.parse(fs.readFileSync(path.join(workspace.root, 'runs/speed/quick/result.json'), 'utf8'));
  const { engines, variants, failures } = cases[0].measurement;
  expect(failures).toEqual([]);
  for (const { engine, difference, memory } of engines) {
    if (engine !== 'dense') expect(difference).toBeLessThan(1e-5);
    expect(memory.running).toBeGreaterThan(1e7);
  }
  const sampled = variants.find(({ id }: { id: string }) => id === 'sampled-trained-0.5');
  const parts = sampled.rows.map(({ name }: { name: string }) => name);
  for (const part of ['conv1', 'maxpool', 'layer1.0.masks', 'layer2.0.conv2', 'layer2.0.interpolation2', 'fpn.inner_blocks.0'])
    expect(parts).toContain(part);
  expect(sampled.densities['layer1.0'].mask2).toBeGreaterThan(0.35);
  expect(sampled.densities['layer1.0'].mask2).toBeLessThan(0.65);
});
