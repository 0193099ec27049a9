// Resume is bit-exact: a real process is killed with SIGKILL at a known point, goes on, and must leave the files of an unbroken run.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { readMetricsLog } from './index.ts';

const root = path.join(__dirname, '../../..');
let folder: string;
let unbroken: string;

/** Runs the child in `directory`; kills it when it says `killAt`. Returns its lines and the signal that ended it. */
async function run(directory: string, { killAt, resume = false }: { killAt?: string; resume?: boolean } = {}) {
  fs.mkdirSync(directory, { recursive: true });
  const script = path.join(__dirname, '../test/resume-child.ts');
  const args = ['--conditions=@stint/source', '-r', 'ts-node/register', script, directory, ...(resume ? ['resume'] : [])];
  const env = {
    ...process.env,
    TS_NODE_PROJECT: path.join(root, 'tsconfig.json'),
    TF_NUM_INTRAOP_THREADS: '1',
    TF_NUM_INTEROP_THREADS: '1',
    HANG: killAt ?? '',
  };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => child.on('close', (...how) => resolve(how)));
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line === killAt) child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`child ended with ${code ?? signal}: ${errors}`);
  return { lines, signal };
}

const untimed = (directory: string) => readMetricsLog(path.join(directory, 'metrics.jsonl')).map(({ ms, waitMs, ...rest }) => rest);

function expectSameAsUnbroken(directory: string): void {
  expect(untimed(directory)).toEqual(untimed(unbroken));
  expect(fs.readdirSync(directory).sort()).toEqual(['best.safetensors', 'last.safetensors', 'metrics.jsonl']);
  for (const name of ['last.safetensors', 'best.safetensors']) {
    const [got, want] = [directory, unbroken].map((run) => fs.readFileSync(path.join(run, name)));
    if (!got.equals(want)) throw new Error(`${name} differs from the unbroken run's`);
  }
}

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-resume-'));
  unbroken = path.join(folder, 'unbroken');
  const { lines } = await run(unbroken);
  expect(lines.filter((line) => line.startsWith('step'))).toHaveLength(15);
  expect(lines.at(-1)).toBe('finished 15');
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

test('the unbroken run is no trivial one', () => {
  const log = untimed(unbroken);
  expect(log).toHaveLength(15 + 4);
  expect(new Set(log.filter(({ event }) => !event).map(({ loss }) => loss)).size).toBe(15);
  expect(log.filter(({ best }) => best).length).toBeGreaterThan(0);
  expect(new Set(log.filter(({ event }) => !event).map(({ tensors }) => tensors)).size).toBe(1);
});

test('killed between two checkpoints, with a torn last line in the log', async () => {
  const directory = path.join(folder, 'between');
  expect((await run(directory, { killAt: 'step 7' })).signal).toBe('SIGKILL');
  fs.appendFileSync(path.join(directory, 'metrics.jsonl'), '{"step":8,"lo');
  const { lines } = await run(directory, { resume: true });
  expect(lines[0]).toBe('step 6');
  expectSameAsUnbroken(directory);
});

test('killed inside the writing of a checkpoint (the old one stays), and again before the first one', async () => {
  const directory = path.join(folder, 'inside');
  await run(directory, { killAt: 'step 1' });
  expect(fs.existsSync(path.join(directory, 'last.safetensors'))).toBe(false);
  expect((await run(directory, { killAt: 'rename 12', resume: true })).lines[0]).toBe('step 0');
  expect(fs.readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
  const { lines } = await run(directory, { resume: true });
  expect(lines[0]).toBe('step 9');
  expectSameAsUnbroken(directory);
});
