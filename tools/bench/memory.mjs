#!/usr/bin/env node
// Memory of a long training run: resident memory and live tensors must stay flat.
//
//   node tools/bench/memory.mjs [--steps 2000] [--every 200]
//
// Fails when the number of tensors changes from one step to another, or when the second half of the run needs 5 % more memory than the first.
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const { values: flags } = parseArgs({ options: { steps: { type: 'string', default: '2000' }, every: { type: 'string', default: '200' } } });
const LIMIT = 1.05;

const child = spawn(
  process.execPath,
  [
    '--conditions=@stint/source',
    '--expose-gc',
    ...['-r', 'ts-node/register', path.join(here, 'memory-run.ts')],
    ...['--steps', flags.steps, '--every', flags.every],
  ],
  { env: { ...process.env, TS_NODE_PROJECT: path.join(here, '../../tsconfig.json') }, stdio: ['ignore', 'pipe', 'inherit'] },
);
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(0).padStart(8);
const rows = [];
console.log('  step  rss MiB heap MiB  tensors after each of these steps');
for await (const line of readline.createInterface({ input: child.stdout })) {
  if (!line.startsWith('{')) continue;
  const row = JSON.parse(line);
  rows.push(row);
  console.log(`${String(row.step).padStart(6)} ${mebibytes(row.rss)} ${mebibytes(row.heapUsed)}  ${row.tensors.join(', ')}`);
}
const tensors = new Set(rows.flatMap((row) => row.tensors));
const peak = (list, key) => Math.max(...list.map((row) => row[key]));
const half = Math.ceil(rows.length / 2);
const growth = (key) => peak(rows.slice(half), key) / peak(rows.slice(0, half), key);
const flat = rows.length > 0 && tensors.size === 1 && growth('rss') <= LIMIT && growth('heapUsed') <= LIMIT;
console.log(
  `${flat ? 'flat' : 'NOT FLAT'}: peak of the second half / first half: memory ${growth('rss').toFixed(3)}, heap ${growth('heapUsed').toFixed(3)}; ${tensors.size} number(s) of tensors after a step`,
);
process.exitCode = flat ? 0 : 1;
