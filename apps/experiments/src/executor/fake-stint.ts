// Test helper: stands in for `stint train-run` and `stint pretrain-run`. What a run does is decided by its arm's name; every start
// is noted in starts.txt of the workspace.
import fs from 'node:fs';
import path from 'node:path';
import type { Workspace } from '../config/catalog.ts';
import { codeHash } from '../config/code.ts';
import { TINY, workspaceWith } from '../config/fixture.ts';
import { resolveExperiment } from '../config/resolve.ts';
import type { ExecuteOptions } from './executor.ts';

const SCRIPT = `
const fs = require('node:fs');
const path = require('node:path');
const [kind, , configFile, ...flags] = process.argv.slice(2);
const text = fs.readFileSync(configFile, 'utf8');
const field = (name) => new RegExp('^ *' + name + ': (.*)$', 'm').exec(text)[1];
const folder = path.dirname(configFile);
const [arm, seed] = [field('arm'), Number(field('seed'))];
fs.appendFileSync('starts.txt', [kind, arm, seed, ...flags].join(' ') + '\\n');
console.log('step 1 of', arm);
if (kind === 'pretrain-run') {
  if (fs.existsSync('pretraining-fails')) { console.error('no memory left'); process.exit(9); }
  fs.writeFileSync(path.join(folder, 'best.safetensors'), 'weights');
} else if (arm === 'bad') {
  for (let i = 0; i < 20; i++) console.error('line', i);
  console.error('loss is NaN at step 3');
  process.exit(3);
} else if (arm === 'long') {
  process.on('SIGTERM', () => { fs.writeFileSync(path.join(folder, 'last.safetensors'), 'saved'); process.exit(143); });
  console.log('waiting');
  process.on('message', () => {}); // keeps the process alive
} else {
  const same = (mean) => ({ mean, std: 0 });
  const macs = { dense: same(1e6), conditional: same(2e6), mask: same(1e5), interpolation: { direct: same(4e5), separable: same(1e5) },
    total: { direct: same(3e6 + seed * 1e5), separable: same(3e6) }, reference: 9e6 };
  fs.writeFileSync(path.join(folder, 'result.json'), JSON.stringify({ experiment: field('experiment'), profile: field('profile'), arm, sweep: {}, seed,
    configHash: field('hash'), codeHash: '${codeHash()}', metrics: { AP: 50 + seed + arm.length }, macs, densities: {}, parameters: 1, steps: 2,
    seconds: { train: 1, evaluate: 1 }, images: { train: 8, evaluate: 4, skipped: 0 }, checkpoint: '' }));
}
`;

export interface FakeProject {
  workspace: Workspace;
  /** Command line of the stand-in. */
  command: string[];
  folder: string;
  log: string[];
  /** Lines of starts.txt, sorted, then forgotten. */
  starts(): string[];
  resolve(options?: Parameters<typeof resolveExperiment>[2]): ReturnType<typeof resolveExperiment>;
  options(more?: Partial<ExecuteOptions>): ExecuteOptions;
}

/** A workspace with the experiment `tiny` (and `more` YAML lines) whose children are stand-ins. */
export function fakeProject(more = ''): FakeProject {
  const workspace = workspaceWith({ 'tiny.yaml': TINY + more });
  const { root } = workspace;
  const script = path.join(root, 'fake-stint.cjs');
  fs.writeFileSync(script, SCRIPT);
  const folder = path.join(root, 'runs/tiny/default');
  const log: string[] = [];
  const command = [process.execPath, script];
  const never = new AbortController().signal;
  return {
    workspace,
    command,
    folder,
    log,
    starts() {
      const file = path.join(root, 'starts.txt');
      const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n').sort() : [];
      fs.rmSync(file, { force: true });
      return lines;
    },
    resolve: (options) => resolveExperiment('tiny', workspace, options),
    options: (given = {}) => ({ root, folder, jobs: 2, stop: never, kill: never, log: (line) => log.push(line), command, ...given }),
  };
}

export const PRETRAIN = 'pretrain: { steps: 1, batchSize: 1, lr: 1, optimizer: { kind: sgd }, schedule: { kind: constant } }\n';
