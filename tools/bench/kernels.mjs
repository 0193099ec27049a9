#!/usr/bin/env node
// Speed of the compiled kernels of @stint/sparse-conv, layer shape by layer shape (those of a ResNet at 800 x 1216): GF/s of the sampled and the
// dense convolution, milliseconds of the rest.
//
//   node tools/bench/kernels.mjs [--rounds 7] [--threads 1,2] [--isa avx512] [--layers 0,3] [--clock wall|cpu] [--json FILE]
//
// The cases take turns in every round, so that whatever else the machine does meets them all; medians over the rounds. "realised" is the
// time of the dense convolution over that of the sampled one, as a share of 1 / density: 1 is all that theory promises. On a machine that is busy
// with other work, `--clock cpu` counts the processor time of this process (of all its threads together) in place of the wall's.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const addon = path.join(
  import.meta.dirname,
  '../../packages/sparse-conv/native/build/release',
  `${process.platform}-${process.arch}`,
  'stint.node',
);
const LAYERS = [
  { kernel: 3, height: 200, width: 304, in: 64, out: 64 },
  { kernel: 3, height: 100, width: 152, in: 128, out: 128 },
  { kernel: 3, height: 50, width: 76, in: 256, out: 256 },
  { kernel: 3, height: 25, width: 38, in: 512, out: 512 },
  { kernel: 1, height: 200, width: 304, in: 64, out: 256 },
  { kernel: 1, height: 200, width: 304, in: 256, out: 64 },
  { kernel: 1, height: 100, width: 152, in: 512, out: 128 },
  { kernel: 1, height: 50, width: 76, in: 1024, out: 256 },
  { kernel: 1, height: 25, width: 38, in: 512, out: 2048 },
  { kernel: 1, height: 25, width: 38, in: 2048, out: 512 },
  { kernel: 7, height: 800, width: 1216, in: 3, out: 64, stride: 2, densities: [] },
];
const DENSITIES = [0.25, 0.35, 0.5, 1];

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    threads: { type: 'string', default: '1,2' },
    isa: { type: 'string' },
    layers: { type: 'string' },
    clock: { type: 'string', default: 'wall' },
    json: { type: 'string' },
  },
});

/** Uniform numbers on [-.5, .5), the same in every run. */
function random(count, seed) {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/** Milliseconds. */
function now() {
  if (flags.clock === 'wall') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

const outputSide = (side, stride) => Math.floor((side - 1) / stride) + 1;

/** One case a density and engine, and one without positions; each a function to time and the work it does. */
function casesOf(layer, engines, Filter) {
  const { kernel, height, width, stride = 1, densities = DENSITIES } = layer;
  const cells = outputSide(height, stride) * outputSide(width, stride);
  const input = random(height * width * layer.in, 1);
  const weights = random(kernel * kernel * layer.in * layer.out, 2);
  const output = new Float32Array(cells * layer.out);
  const chance = random(cells, 3);
  const shape = [1, height, width, layer.in];
  return engines.flatMap(({ threads, raw }) => {
    const filter = new Filter(raw, kernel, layer.in, layer.out, weights, null);
    return [...densities, undefined].map((density) => {
      const drawn = density && Int32Array.from(chance.keys()).filter((i) => chance[i] + 0.5 < density);
      const positions = drawn ?? null;
      const count = positions ? positions.length : cells;
      return {
        name: `${kernel}x${kernel}${stride > 1 ? `/${stride}` : ''} ${height}x${width} ${layer.in}->${layer.out}`,
        threads,
        density,
        share: count / cells,
        flops: 2 * count * kernel * kernel * layer.in * layer.out,
        run: () => raw.convolve(filter, ...shape, stride, positions, false, input, null, true, false, output),
      };
    });
  });
}

/** Interpolation and mask heads of a block with `planes` channels at its end: milliseconds. */
function otherCases({ height, width, in: planes }, engines, Filter) {
  const channels = 4 * planes;
  const shape = [1, height, width, channels];
  const cells = height * width;
  const features = random(cells * channels, 4);
  const [output, residual] = [new Float32Array(features.length), features.slice()];
  const chance = random(cells, 5);
  const mask = Uint8Array.from(chance, (value) => Number(value + 0.5 < 0.35));
  const [pi1, pi2, drawn, positions] = [new Float32Array(cells), new Float32Array(cells), new Uint8Array(cells), new Int32Array(cells)];
  const key = Float64Array.of(1, 2, 3);
  return engines.flatMap(({ threads, raw }) => {
    const heads = new Filter(raw, 1, channels, 18, random(channels * 18, 6), null);
    const name = (what) => `${what}, ${height}x${width}x${channels}`;
    return [
      {
        name: name('RBF in place'),
        run: () => raw.interpolate(...shape, features, mask, 0, 7, 3, null, null, null, false, features),
      },
      {
        name: name('RBF, residual, ReLU'),
        run: () => raw.interpolate(...shape, features, mask, 0, 7, 3, null, null, residual, true, output),
      },
      { name: name('both mask heads'), run: () => raw.maskHeads(heads, ...shape, features, 0, 1, pi1, 0, 1, pi2) },
      { name: name('mask draw'), run: () => raw.drawMask(1, height, width, 1, 0, pi1, 0, key, 0, null, 11, drawn, positions) },
    ].map((what) => ({ ...what, threads }));
  });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Adds `ms`, the median, to each case. */
function measure(cases, rounds) {
  const times = cases.map(() => []);
  for (const { run } of cases) run();
  for (let round = 0; round < rounds; round++) {
    cases.forEach(({ run }, i) => {
      const start = now();
      run();
      times[i].push(now() - start);
    });
  }
  return cases.map(({ run: _, ...what }, i) => ({ ...what, ms: median(times[i]) }));
}

function main() {
  const { Engine, Filter, available } = createRequire(import.meta.url)(addon);
  const isa = flags.isa ?? process.env.STINT_ISA ?? available[0];
  const engines = flags.threads.split(',').map((threads) => ({ threads: Number(threads), raw: new Engine(isa, Number(threads)) }));
  const chosen = flags.layers ? flags.layers.split(',').map((i) => LAYERS[i]) : LAYERS;
  const [cpu] = os.cpus();
  console.log(
    `${isa}, ${cpu.model}, ${os.cpus().length} processors, load ${os.loadavg()[0].toFixed(1)} before; ${flags.clock} time, ${flags.rounds} rounds\n`,
  );
  console.log('| layer | threads | density | ms | GF/s | realised |\n| --- | --- | --- | --- | --- | --- |');
  const results = [];
  for (const layer of chosen) {
    const measured = measure(casesOf(layer, engines, Filter), Number(flags.rounds));
    for (const { name, threads, density, share, flops, ms } of measured) {
      const dense = measured.find((other) => other.threads === threads && other.density === undefined);
      const realised = density ? ((dense.ms / ms) * share).toFixed(2) : '';
      const speed = flops / ms / 1e6;
      console.log(`| ${name} | ${threads} | ${density ?? 'dense'} | ${ms.toFixed(2)} | ${speed.toFixed(1)} | ${realised} |`);
      results.push({ name, threads, density, ms, speed });
    }
  }
  console.log('\n| at density .35 | threads | ms |\n| --- | --- | --- |');
  for (const layer of chosen.filter(({ kernel }) => kernel === 3)) {
    for (const { name, threads, ms } of measure(otherCases(layer, engines, Filter), Number(flags.rounds))) {
      console.log(`| ${name} | ${threads} | ${ms.toFixed(2)} |`);
      results.push({ name, threads, ms });
    }
  }
  if (flags.json) fs.writeFileSync(flags.json, `${JSON.stringify({ isa, cpu: cpu.model, results }, null, 2)}\n`);
}

main();
