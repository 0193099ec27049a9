// Spatial statistics of trained masks, for the masks of experiments/cpu-latency.yaml: how far the logits of the mask heads spread within an
// image, how far they stay alike from cell to cell, and how alike the two heads of a block are.
//
//   TS_NODE_PROJECT=tsconfig.json node --conditions=@stint/source -r ts-node/register tools/bench/mask-statistics.ts [--images 40] [--json FILE] RUN...
//
// RUN: folder of a finished run of ablation-interp. Prints a line a stage: means over runs, blocks and heads.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startEngine } from '@stint/engine';
import { loadWeights } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import { readRun } from '../../apps/experiments/src/executor/run-folder.ts';
import { autocorrelation, correlation, deviationWithin, lengthOf, type Maps } from '../../apps/experiments/src/latency/field-statistics.ts';
import { createModel } from '../../apps/experiments/src/run/model.ts';
import { openData } from '../../apps/experiments/src/task/index.ts';

const LAGS = 12;

interface Row {
  run: string;
  block: string;
  head: number;
  stage: number;
  cells: number;
  density: number;
  /** Deviation of the logits within an image, and of the probabilities. */
  spread: number;
  probabilitySpread: number;
  logits: number[];
  probabilities: number[];
  /** Correlation of the two heads' logits, where both have one resolution. */
  shared?: number;
}

async function statisticsOf(folder: string, images: number, root: string): Promise<Row[]> {
  const { config, name } = readRun(path.join(folder, 'config.yaml'));
  const data = await openData({ ...config.data, val: images } as typeof config.data, root);
  const model = createModel(config.model, data.categories, 1);
  loadWeights(path.join(folder, 'last.safetensors'), model.params);
  const maps = new Map<string, { logits: Maps; probabilities: Maps }>();
  const collect = (key: string, logits: tf.Tensor4D) => {
    const [, height, width] = logits.shape;
    const values = logits.dataSync() as Float32Array;
    const entry = maps.get(key) ?? { logits: { height, width, values: [] }, probabilities: { height, width, values: [] } };
    entry.logits.values.push(values);
    entry.probabilities.values.push(values.map((value) => 1 / (1 + Math.exp(-value))));
    maps.set(key, entry);
  };
  for await (const batch of data.valBatches(1)) {
    tf.tidy(() => {
      const sampler = { kind: 'stochastic' as const, interval: config.model.sampling.interval, key: [1, batch.ids[0]] };
      const { samples } = model.network.forward(model.params, tf.tensor4d(batch.images, batch.shape), { mode: 'inference', sampler });
      for (const { name: block, logits1, logits2 } of samples) {
        collect(`${block} 1`, logits1);
        collect(`${block} 2`, logits2);
      }
    });
  }
  model.dispose();
  return [...maps].map(([key, { logits, probabilities }]) => {
    const [block, head] = key.split(' ');
    const other = maps.get(`${block} 1`)!.logits;
    const all = probabilities.values.flatMap((map) => Array.from(map));
    return {
      run: name,
      block,
      head: Number(head),
      stage: Number(block.slice(5, 6)),
      cells: logits.height,
      density: all.reduce((a, b) => a + b, 0) / all.length,
      spread: deviationWithin(logits),
      probabilitySpread: deviationWithin(probabilities),
      logits: autocorrelation(logits, LAGS),
      probabilities: autocorrelation(probabilities, LAGS),
      shared: head === '2' && other.height === logits.height ? correlation(other, logits) : undefined,
    };
  });
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { images: { type: 'string', default: '40' }, json: { type: 'string' } },
  });
  if (positionals.length === 0) throw new Error('give folders of finished runs');
  await startEngine({ threads: 1, quiet: true });
  const root = path.join(__dirname, '../..');
  const rows: Row[] = [];
  for (const folder of positionals) rows.push(...(await statisticsOf(folder, Number(values.images), root)));
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  const curve = (list: readonly number[]) => list.map((value) => value.toFixed(2)).join(' ');
  for (const stage of [...new Set(rows.map((row) => row.stage))].sort()) {
    const own = rows.filter((row) => row.stage === stage);
    const lags = (pick: (row: Row) => number[]) => Array.from({ length: LAGS + 1 }, (_, lag) => mean(own.map((row) => pick(row)[lag])));
    const shared = own.flatMap((row) => row.shared ?? []);
    console.log(
      [
        `stage ${stage}: ${own.length} masks, density ${mean(own.map((row) => row.density)).toFixed(3)}`,
        `  logits: spread ${mean(own.map((row) => row.spread)).toFixed(2)}, length ${lengthOf(lags((row) => row.logits)).toFixed(2)} cells; autocorrelation ${curve(lags((row) => row.logits))}`,
        `  probabilities: spread ${mean(own.map((row) => row.probabilitySpread)).toFixed(3)}, length ${lengthOf(lags((row) => row.probabilities)).toFixed(2)} cells; autocorrelation ${curve(lags((row) => row.probabilities))}`,
        `  correlation of the two heads ${mean(shared).toFixed(2)}`,
      ].join('\n'),
    );
  }
  if (values.json) fs.writeFileSync(values.json, `${JSON.stringify(rows, null, 1)}\n`);
}

main();
