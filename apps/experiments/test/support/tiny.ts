// A workspace with a real experiment small enough for tests that start many processes, and the stint command in it.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const ROOT = path.join(__dirname, '../../../..');
const STINT = ['--conditions=@stint/source', path.join(ROOT, 'apps/experiments/bin/stint.cjs')];

/** Two trainings, and a run that evaluates the first of them. */
export function tinyYaml({ steps, pretrain }: { steps: number; pretrain?: number }): string {
  const training = 'batchSize: 1, optimizer: { kind: adamw }, lr: 1.0e-4, schedule: { kind: constant }';
  return `title: Tiny
data: { kind: emoji, train: 4, val: 2, imageSize: 64 }
model:
  backbone: { stem: { kind: small, widths: [4, 8] }, layers: [1], planes: [4] }
  fpn: { channels: 8 }
  head: { kind: one-stage, channels: 8, convs: 1 }
  sampling: { integration: two-masks }
${pretrain ? `pretrain: { steps: ${pretrain}, ${training} }\n` : ''}train: { steps: ${steps}, checkpointEvery: 1, logEvery: 1, ${training} }
arms:
  rbf:
  zeros: { model: { sampling: { interpolation: { kind: zeros } } } }
  blue: { evaluate: { sampler: blue-noise } }
`;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Everything printed, on stdout and stderr. */
  text: string;
}

export interface Command {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** When a line matches; rejects when the command ends before. */
  line(pattern: RegExp): Promise<string>;
}

export interface Tiny {
  root: string;
  /** `stint ARGUMENTS` in this workspace. */
  start(args: readonly string[], env?: Record<string, string>): Command;
  run(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
}

export function tinyWorkspace(yaml: string): Tiny {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tiny-'));
  fs.mkdirSync(path.join(root, 'experiments'));
  fs.writeFileSync(path.join(root, 'experiments/tiny.yaml'), yaml);
  const start: Tiny['start'] = (args, env = {}) => {
    // STINT_TEST_FSIZE: the largest file in bytes that the command, and what it starts, can write.
    const limit = env.STINT_TEST_FSIZE ? ['prlimit', `--fsize=${env.STINT_TEST_FSIZE}`] : [];
    const [program, ...words] = [...limit, process.execPath, ...STINT, ...args];
    const child = spawn(program, words, {
      cwd: root,
      env: { ...process.env, STINT_ROOT: root, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a test can end all of it.
      detached: true,
    });
    return watch(child, args);
  };
  return { root, start, run: (args, env) => start(args, env).ended };
}

function watch(child: ChildProcess, args: readonly string[]): Command {
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  for (const stream of [child.stdout!, child.stderr!]) {
    readline.createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const take of waiting) take(line);
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, text: lines.join('\n') }));
  });
  return {
    child,
    ended,
    line(pattern) {
      const before = lines.find((line) => pattern.test(line));
      if (before !== undefined) return Promise.resolve(before);
      return new Promise((resolve, reject) => {
        waiting.add((line) => {
          if (pattern.test(line)) resolve(line);
        });
        ended.then(({ text }) => reject(new Error(`stint ${args.join(' ')} ended without a line like ${pattern}:\n${text}`)));
      });
    },
  };
}

/** What must be equal of two runs that are the same: the result and every step, without the times. */
export function timeless(folder: string): { result: unknown; steps: unknown[] } {
  const { seconds: _, ...result } = JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8'));
  const lines = fs.readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const steps = lines.map((line) => {
    const { ms: _ms, waitMs: _wait, tensors: _tensors, ...step } = JSON.parse(line);
    return step;
  });
  return { result, steps };
}

/** Looks again and again until `look` finds something; rejects when `until` ends before. */
export async function poll<T>(look: () => T | undefined, until: Promise<Ended>): Promise<T> {
  let over: Ended | undefined;
  until.then((ended) => {
    over = ended;
  });
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (over) throw new Error(`ended with ${over.code ?? over.signal} before it was there:\n${over.text}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
