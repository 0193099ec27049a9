// The script runs in a real bash; only Slurm's scontrol is a stand-in. A whole Slurm is in test/slurm.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { workspaceWith } from '../../config/fixture.ts';
import { jobScript, quote, type ScriptTask } from './script.ts';
import { slurmSettings } from './settings.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint script-'));
const bin = path.join(folder, 'bin');
fs.mkdirSync(bin);
// Slurm ends a job that is put back into the queue; the stand-in ends the script that called it.
fs.writeFileSync(path.join(bin, 'scontrol'), '#!/bin/bash\necho "$@" >> "$REQUEUED"; kill -KILL $PPID\n', { mode: 0o755 });
const requeued = path.join(folder, 'requeued');
const logFile = path.join(folder, 'log.txt');
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, REQUEUED: requeued, SLURM_JOB_ID: '12' };

beforeEach(() => {
  for (const name of fs.readdirSync(folder)) if (name !== 'bin') fs.rmSync(path.join(folder, name), { recursive: true });
});

function write(tasks: Partial<ScriptTask>[], words: string[] = []): string {
  const settings = slurmSettings(workspaceWith({}).root, { name: 'a', profile: 'b' }, words);
  const whole = tasks.map((task, i) => ({ name: `task ${i}`, command: ['true'], env: {}, logFile, ...task }));
  const file = path.join(folder, 'job.sh');
  fs.writeFileSync(file, jobScript(whole, { root: folder, settings }));
  return file;
}

const run = (tasks: Partial<ScriptTask>[], { words, index }: { words?: string[]; index?: number } = {}) =>
  spawnSync('bash', [write(tasks, words)], { encoding: 'utf8', env: { ...env, SLURM_ARRAY_TASK_ID: String(index ?? 0) } });
const read = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');

test('an element runs its command in the project, whatever is in the words, after the set-up', () => {
  const odd = `it's "$HOME" \`x\` %A`;
  const command = ['bash', '-c', 'printf "%s|%s|%s" "$1" "$KEY" "$SET"; pwd', '-', odd];
  const { status } = run([{}, { command, env: { KEY: odd } }], { index: 1, words: ['setup=["export SET=up"]'] });
  expect([status, read(logFile)]).toEqual([0, `${odd}|${odd}|up${fs.realpathSync(folder)}\n`]);
  expect(quote(odd)).toBe(`'it'\\''s "$HOME" \`x\` %A'`);
});

test('a run that fails keeps its exit code; what it needs must be there', () => {
  expect(run([{ command: ['bash', '-c', 'echo NaN; exit 4'] }]).status).toBe(4);
  expect(read(logFile)).toBe('NaN\n');
  const needs = { file: path.join(folder, 'none'), why: 'rbf/seed1, whose training it evaluates, failed' };
  const blocked = run([{ needs, command: ['touch', 'started'] }]);
  expect([blocked.status, blocked.stdout]).toEqual([3, `${needs.why}\n`]);
  expect(fs.existsSync(path.join(folder, 'started'))).toBe(false);
  expect(read(requeued)).toBe('');
});

test('a killed process: back into the queue, until that was often enough', () => {
  const killed = { command: ['bash', '-c', 'kill -KILL $$'] };
  expect(run([killed], { words: ['restarts=1'] }).signal).toBe('SIGKILL');
  expect([read(requeued), read(logFile)]).toEqual(['requeue 12\n', 'ended by signal 9: restart 1 of 1\n']);
  const last = run([killed], { words: ['restarts=1'] });
  expect([last.status, read(requeued)]).toEqual([137, 'requeue 12\n']);
  expect(read(logFile)).toMatch(/ended by signal 9 again: given up after 1 restarts\n$/);
});

describe('signals', () => {
  const saving = (save: string) => ({
    command: ['bash', '-c', `trap '${save}; exit 143' TERM; echo ready >> ready; while :; do sleep 0.05; done`],
    checkpoint: path.join(folder, 'last.safetensors'),
  });
  async function signalled(task: Partial<ScriptTask>, signal: NodeJS.Signals) {
    const child = spawn('bash', [write([task])], { env });
    const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => child.once('close', (...how) => resolve(how)));
    while (!fs.existsSync(path.join(folder, 'ready'))) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    return ended;
  }

  test('before the time limit the run is asked to save, and goes on in its next job', async () => {
    expect(await signalled(saving('sleep 0.1; touch last.safetensors'), 'SIGUSR1')).toEqual([null, 'SIGKILL']);
    expect([read(requeued), read(logFile)]).toEqual(['requeue 12\n', 'time limit: saved, goes on in the next job\n']);
  });

  test('when nothing was saved within a job, another one would not help', async () => {
    expect(await signalled(saving('true'), 'SIGUSR1')).toEqual([143, null]);
    expect([read(requeued), read(logFile)]).toEqual(['', 'the time limit is too short: nothing was saved within one job\n']);
  });

  test('a job that is cancelled saves too, and does not come back', async () => {
    expect(await signalled(saving('touch last.safetensors'), 'SIGTERM')).toEqual([143, null]);
    expect([read(requeued), fs.existsSync(path.join(folder, 'last.safetensors'))]).toEqual(['', true]);
  });
});
