// The detector of the main experiment through the runtime has the AP it has through TensorFlow: the same images, weights and masks.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEngine } from '@stint/engine';
import { loadCheckpoint } from '@stint/runtime';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import { openData } from '../task/index.ts';
import { evaluateModel, evaluatePredictions } from './evaluate.ts';
import { compiledPredict, compileRun } from './evaluate-compiled.ts';
import { createModel } from './model.ts';
import { tinyConfig } from './tiny-run.ts';

// A run of ablation-interp:standard (arm rbf, sparse weight .2, seed 1); tools/checkpoints/publish.ts made the file.
const checkpoint = path.join(__dirname, '../../fixtures/embedded-rbf.safetensors');
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-compiled-'));
beforeAll(() => startEngine({ threads: 1, quiet: true }));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const { description, tensors } = loadCheckpoint(checkpoint);
const { sampling, ...backbone } = description.backbone;

const config = (evaluate: object): RunConfig =>
  tinyConfig({
    data: { kind: 'emoji', variant: 'small', train: 2, val: 150, imageSize: 160, seed: 1 },
    model: { backbone, fpn: description.fpn, head: { kind: 'one-stage', channels: 48, convs: 2 }, sampling },
    evaluate: { batchSize: 1, ...evaluate },
  });

test.each([{ sampler: 'stochastic' }, { sampler: 'deterministic' }, { sampler: 'blue-noise' }, { sampler: 'dense' }])(
  '$sampler: AP and MACs agree',
  async (evaluate) => {
    const run = config(evaluate);
    const data = await openData(run.data, root);
    const model = createModel(run.model, data.categories, 1);
    for (const [name, { shape, data }] of tensors) tf.tidy(() => model.params[name].assign(tf.tensor(data, [...shape])));
    const reference = await evaluateModel({ config: run, model, data });
    const compiled = await compileRun(checkpoint, run, 1);
    const { backbone } = model.network;
    const result = await evaluatePredictions({ config: run, backbone, data, predict: compiledPredict(compiled) });
    for (const name of ['AP', 'AP50', 'AP75', 'APs', 'AR100']) {
      expect(Math.abs(result.metrics[name] - reference.metrics[name])).toBeLessThanOrEqual(0.1);
    }
    // Trained: the comparison is not one of noise.
    expect(reference.metrics.AP).toBeGreaterThan(50);
    expect(Math.abs(result.macs.total.direct.mean / reference.macs.total.direct.mean - 1)).toBeLessThan(1e-3);
    compiled.close();
    model.dispose();
  },
);
