// One training run of a small sparse detector through the app's own fineTune, checkpoints included, for memory.mjs.
// Prints a JSON line every `--every` steps: step, resident memory, live JavaScript heap, tensors alive after each step.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startEngine } from '@stint/engine';
import { resolveExperiment } from '../../apps/experiments/src/config/resolve.ts';
import { createModel } from '../../apps/experiments/src/run/model.ts';
import { fineTune } from '../../apps/experiments/src/run/train.ts';
import type { RunData } from '../../apps/experiments/src/task/task.ts';
import { noiseBatch } from './scene.ts';

const CATEGORIES = Array.from({ length: 10 }, (_, i) => ({ id: i + 1, name: String(i + 1) }));

const SIZE = 64;
const OVERRIDES = [
  'model.backbone.stem.widths=[8, 8]',
  'model.backbone.planes=[8, 16, 16]',
  'model.backbone.layers=[1, 1, 1]',
  'model.fpn.channels=16',
  'model.head.channels=16',
  'model.head.convs=1',
  'train.batchSize=2',
  'train.checkpointEvery=200',
];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { steps: { type: 'string' }, every: { type: 'string' } } });
  const [steps, every] = [Number(values.steps), Number(values.every)];
  await startEngine({ threads: 1, quiet: true });
  const root = path.join(__dirname, '../..');
  const workspace = { root, experiments: path.join(root, 'experiments') };
  const overrides = [...OVERRIDES, `train.steps=${steps}`];
  const { config } = resolveExperiment('ablation-interp', workspace, { profile: 'quick', arms: ['rbf'], overrides }).runs[0];
  const model = createModel(config.model, CATEGORIES, 1);
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-memory-'));
  const tensors = new Set<number>();
  try {
    await fineTune({
      config,
      model,
      data: { trainBatch } as Pick<RunData, 'trainBatch'> as RunData,
      directory,
      onStep: (record) => {
        tensors.add(record.tensors);
        if ((record.step + 1) % every !== 0) return;
        const { rss } = process.memoryUsage();
        global.gc?.(); // what is really held: V8 lets garbage lie for hundreds of steps
        const { heapUsed } = process.memoryUsage();
        console.log(JSON.stringify({ step: record.step + 1, rss, heapUsed, tensors: [...tensors] }));
        tensors.clear();
      },
    });
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

async function trainBatch(step: number, batchSize: number) {
  const { images, boxes, labels } = noiseBatch(batchSize, SIZE, step);
  const none = boxes.map(() => new Float32Array(0));
  return { images, shape: [batchSize, SIZE, SIZE, 3], boxes, labels, ignore: none } as Awaited<ReturnType<RunData['trainBatch']>>;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
