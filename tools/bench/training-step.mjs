#!/usr/bin/env node
// Time of one training step of the embedded sparse detector: @stint on TensorFlow against the same model in PyTorch.
//
//   node tools/bench/training-step.mjs [--rounds 15] [--steps 2] [--threads 1] [--batch 16] [--size 160] [--python PYTHON] [--json FILE]
//
// Two long-lived processes take turns (stint torch, torch stint, ...), so that whatever else the machine does meets both. Before that
// both train three steps on the same numbers and must agree: only then is it the same model.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { torchPython } from './torch-environment.mjs';
import { startWorker } from './worker.mjs';

const here = import.meta.dirname;
const root = path.join(here, '../..');
/** Relative difference of losses and gradient norms that float32 in another order may make. */
const TOLERANCE = 2e-3;

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    steps: { type: 'string', default: '2' },
    threads: { type: 'string', default: '1' },
    batch: { type: 'string', default: '16' },
    size: { type: 'string', default: '160' },
    // How PyTorch does it; the defaults are the fastest of each.
    layout: { type: 'string', default: 'channels_last' },
    axes: { type: 'string', default: 'depthwise' },
    python: { type: 'string' },
    json: { type: 'string' },
  },
});

async function main() {
  const [threads, batchSize, size, rounds, steps] = ['threads', 'batch', 'size', 'rounds', 'steps'].map((name) => Number(flags[name]));
  const python = torchPython(flags.python);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-bench-'));
  const stint = startStint();
  const torch = startWorker('training_step.py', python, [path.join(here, 'training_step.py'), '--threads', String(threads)], {
    OMP_NUM_THREADS: String(threads),
    MKL_NUM_THREADS: String(threads),
  });
  try {
    const file = path.join(folder, 'step.safetensors');
    const ours = await stint.ask({ op: 'start', options: { threads, batchSize, size, file } });
    const config = { ...ours.config, channels_last: flags.layout === 'channels_last' };
    const theirs = await torch.ask({ op: 'start', options: { config, file, axes: flags.axes } });
    const agreement = compare(ours, theirs, await stint.ask({ op: 'check', steps: 3 }), await torch.ask({ op: 'check', steps: 3 }));
    const times = await measure({ stint, torch }, rounds, steps);
    report({ ours, theirs, agreement, times, threads, batchSize, size });
  } finally {
    stint.close();
    torch.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function startStint() {
  const args = ['--conditions=@stint/source', '-r', 'ts-node/register', path.join(here, 'stint-step.ts')];
  return startWorker('stint-step.ts', process.execPath, args, { TS_NODE_PROJECT: path.join(root, 'tsconfig.json') });
}

/** Throws unless both are the same model; returns the largest relative difference. */
function compare(ours, theirs, left, right) {
  if (ours.parameters !== theirs.parameters) throw new Error(`bench: ${ours.parameters} and ${theirs.parameters} parameters`);
  const differences = left.flatMap((values, i) => ['loss', 'norm'].map((name) => Math.abs(values[name] / right[i][name] - 1)));
  const worst = Math.max(...differences);
  if (!(worst < TOLERANCE)) {
    const show = (list) => list.map(({ loss, norm }) => `loss ${loss} norm ${norm}`).join('; ');
    throw new Error(`bench: the models differ\n  stint ${show(left)}\n  torch ${show(right)}`);
  }
  return worst;
}

async function measure(workers, rounds, steps) {
  const times = { stint: [], torch: [] };
  for (const name of ['stint', 'torch']) await workers[name].ask({ op: 'run', steps: 3 }); // warm-up
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? ['stint', 'torch'] : ['torch', 'stint'];
    for (const name of order) times[name].push(...(await workers[name].ask({ op: 'run', steps })));
  }
  return times;
}

function report({ ours, theirs, agreement, times, threads, batchSize, size }) {
  const sides = Object.fromEntries(
    Object.entries(times).map(([name, list]) => [name, { wall: summary(list.map((t) => t.wall)), cpu: summary(list.map((t) => t.cpu)) }]),
  );
  const ratio = (clock, statistic) => sides.stint[clock][statistic] / sides.torch[clock][statistic];
  const result = {
    date: new Date().toISOString(),
    cpu: os.cpus()[0]?.model,
    cores: os.cpus().length,
    load: os.loadavg()[0],
    threads,
    batchSize,
    size,
    parameters: ours.parameters,
    agreement,
    versions: { tensorflow: ours.engine.tensorflowVersion, oneDnn: ours.engine.oneDnn, torch: theirs.version, node: process.version },
    torch: { layout: flags.layout, axes: flags.axes },
    milliseconds: sides,
    ratio: {
      cpuMedian: ratio('cpu', 'median'),
      cpuMin: ratio('cpu', 'min'),
      wallMedian: ratio('wall', 'median'),
      wallMin: ratio('wall', 'min'),
    },
  };
  const cell = (value) => value.toFixed(0).padStart(8);
  console.log(`${result.cpu}, ${threads} thread(s), batch ${batchSize}, ${size}x${size}, load ${result.load.toFixed(1)}`);
  console.log(`same model: ${ours.parameters} parameters, losses and gradient norms of 3 steps agree to ${agreement.toExponential(1)}`);
  console.log(`ms a step    cpu median     min  wall median     min`);
  for (const [name, { cpu, wall }] of Object.entries(sides)) {
    console.log(`${name.padEnd(10)} ${cell(cpu.median).padStart(12)}${cell(cpu.min)}${cell(wall.median).padStart(13)}${cell(wall.min)}`);
  }
  const { cpuMedian, cpuMin, wallMedian, wallMin } = result.ratio;
  const part = (value, width) => value.toFixed(2).padStart(width);
  console.log(`ratio      ${part(cpuMedian, 12)}${part(cpuMin, 8)}${part(wallMedian, 13)}${part(wallMin, 8)}`);
  console.log(JSON.stringify(result));
  if (flags.json) fs.writeFileSync(flags.json, `${JSON.stringify(result, null, 2)}\n`);
}

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], min: sorted[0], count: sorted.length };
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
