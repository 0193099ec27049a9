#!/usr/bin/env node
// A whole ResNet-101 (stem included, no pyramid) through the compiled kernels: dense, and sampled at several densities, beside the dense
// network in onnxruntime and OpenVINO, all in float32.
//
//   node tools/bench/network.mjs [--rounds 9] [--threads 1,2] [--size 480x800] [--densities 1,.5,.35,.25] [--isa avx512]
//                                [--clock wall|cpu] [--python PYTHON] [--json FILE]
//
// --python: an interpreter that has onnx, and onnxruntime or openvino; without it only our own kernels are measured. The variants take turns
// in every round; medians and minima over the rounds. "theory" is the ratio of multiply-adds, "realised" that of the median times, against our
// dense network and against the fastest dense engine. On a busy machine, --clock cpu counts the processor time of each process, all of its
// threads together: with one thread, what a quiet core would take. The arrays here lie in pages of 4 KB, a program's arena in huge ones;
// GLIBC_TUNABLES=glibc.malloc.hugetlb=1 gives these arrays huge pages too.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { parseArgs } from 'node:util';
import { buildNetwork, countMacs, drawMasks, listSteps } from './network-steps.mjs';

const platform = `${process.platform}-${process.arch}`;
const addon = path.join(import.meta.dirname, '../../packages/sparse-conv/native/build/release', platform, 'stint.node');
const engines = path.join(import.meta.dirname, 'network_engines.py');

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    threads: { type: 'string', default: '1,2' },
    size: { type: 'string', default: '480x800' },
    densities: { type: 'string', default: '1,.5,.35,.25' },
    isa: { type: 'string' },
    clock: { type: 'string', default: 'wall' },
    python: { type: 'string' },
    json: { type: 'string' },
  },
});

/** Milliseconds. */
function clock() {
  if (flags.clock === 'wall') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** Our network, dense or at a density: run() -> milliseconds; the times of its steps are added up by kind. */
function ours(name, net, masks) {
  const steps = listSteps(net, masks);
  const kinds = [...new Set(steps.map(({ kind }) => kind))];
  const runs = [];
  const run = async () => {
    const times = Object.fromEntries(kinds.map((kind) => [kind, 0]));
    const began = clock();
    let at = began;
    for (const step of steps) {
      step.run();
      const now = clock();
      times[step.kind] += now - at;
      at = now;
    }
    runs.push(times);
    return at - began;
  };
  const profile = () => Object.fromEntries(kinds.map((kind) => [kind, median(runs.map((times) => times[kind]))]));
  return { name, run, profile, macs: countMacs(net.height, net.width, masks), stop: () => {} };
}

/** An engine in a process of its own. */
async function theirs(name, model, threads) {
  const child = spawn(flags.python, [engines, model, name, threads, flags.clock], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`network: ${name} ended; is it installed for ${flags.python}?`);
    return value;
  };
  await next();
  const run = async () => {
    child.stdin.write('\n');
    return Number(await next());
  };
  return { name: `${name}, dense`, run, foreign: true, stop: () => child.stdin.end() };
}

function makeModel(height, width) {
  const file = path.join(os.tmpdir(), `stint-resnet101-${height}x${width}.onnx`);
  if (fs.existsSync(file)) return file;
  const { status } = spawnSync(flags.python, [engines, file, 'make', height, width], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`network: ${flags.python} could not make the ONNX file; it needs onnx and numpy`);
  return file;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

async function measure(variants) {
  const times = variants.map(() => []);
  for (const { run } of variants) await run();
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const [i, { run }] of variants.entries()) times[i].push(await run());
  }
  return variants.map((variant, i) => ({ ...variant, ms: median(times[i]), least: Math.min(...times[i]) }));
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'), '\n');
}

function print(threads, results) {
  const [dense] = results;
  const foreign = results.filter((result) => result.foreign);
  const fastest = foreign.length > 0 ? Math.min(...foreign.map(({ ms }) => ms)) : dense.ms;
  table(
    [`${threads} thread(s)`, 'ms', 'least', 'GF/s', 'theory', 'of our dense', 'of the fastest engine'],
    results.map(({ name, ms, least, macs = dense.macs }) => [
      name,
      ms.toFixed(1),
      least.toFixed(1),
      ((2 * macs) / ms / 1e6).toFixed(1),
      (dense.macs / macs).toFixed(2),
      (dense.ms / ms).toFixed(2),
      (fastest / ms).toFixed(2),
    ]),
  );
  const own = results.filter(({ profile }) => profile);
  const kinds = [...new Set(own.flatMap(({ profile }) => Object.keys(profile())))];
  table(
    ['ms', ...kinds],
    own.map(({ name, profile }) => [name, ...kinds.map((kind) => profile()[kind]?.toFixed(1) ?? '')]),
  );
}

async function main() {
  const { Engine, Filter, available } = createRequire(import.meta.url)(addon);
  const isa = flags.isa ?? process.env.STINT_ISA ?? available[0];
  const [height, width] = flags.size.split('x').map(Number);
  const [cpu] = os.cpus();
  console.log(
    `${isa}, ${cpu.model}, ${os.cpus().length} processors, load ${os.loadavg()[0].toFixed(1)} before; ${flags.clock} time, ${flags.rounds} rounds\n`,
  );
  const records = [];
  for (const threads of flags.threads.split(',')) {
    const net = buildNetwork({ Filter }, new Engine(isa, Number(threads)), height, width);
    const variants = [ours('dense', net)];
    for (const density of flags.densities.split(',').map(Number))
      variants.push(ours(`d = ${density}`, net, drawMasks(height, width, density)));
    if (flags.python) {
      const model = makeModel(height, width);
      for (const name of ['onnxruntime', 'openvino']) variants.push(await theirs(name, model, threads));
    }
    const results = await measure(variants);
    for (const { stop } of results) stop();
    print(threads, results);
    for (const { name, ms, least, macs, profile } of results)
      records.push({ threads: Number(threads), name, ms, least, macs, steps: profile?.() });
  }
  if (flags.json) fs.writeFileSync(flags.json, `${JSON.stringify({ isa, cpu: cpu.model, size: flags.size, records }, null, 2)}\n`);
}

await main();
