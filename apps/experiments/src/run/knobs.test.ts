// What a configuration can turn, each against what it should do: losses, teacher, training order and noise, evaluation by sampler, shift and size.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { countMacs } from '@stint/backbones';
import { startEngine } from '@stint/engine';
import { readMetricsLog } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import { openData } from '../task/index.ts';
import { createTeacher, distance, taught } from './distillation.ts';
import { evaluateModel } from './evaluate.ts';
import { ensurePretrained, executeRun, type RunIo } from './index.ts';
import { createModel } from './model.ts';
import { sparseTerm } from './sparse-terms.ts';
import { tinyConfig, tinyRun } from './tiny-run.ts';
import { summariseTraining } from './training-summary.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-knobs-'));
beforeAll(() => startEngine({ threads: 1, quiet: true }));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const io = (more: Partial<RunIo> = {}): RunIo => ({ root, resume: false, stream: { write: () => true }, ...more });
const run = (config: RunConfig, name: string, more?: Partial<RunIo>) => executeRun(tinyRun(config, name), path.join(root, name), io(more));
const events = (name: string) => readMetricsLog(path.join(root, name, 'metrics.jsonl')).map(({ terms }) => terms as Record<string, number>);
const tiny = tinyConfig();
const sampled = (sampling: object) => ({ ...tiny.model, sampling: { integration: 'two-masks', interval: 4, ...sampling } });
const train = (more: object) => ({ ...tiny.train, ...more });

test.each([
  ['plain', { sparse: { kind: 'plain' } }, 0.953],
  ['mac-weighted', { sparse: { kind: 'mac-weighted' } }, 0.953],
  ['budget', { sparse: { kind: 'budget', target: 0.5 } }, undefined],
])('sparse loss %s', async (name, loss, start) => {
  await run(tinyConfig({ model: sampled({ interval: 0 }), loss: { sparseWeight: 0.5, ...loss } }), name);
  const [first] = events(name);
  // At the start pi is sigmoid(3) everywhere.
  if (start) expect(first.sparse).toBeCloseTo(start, 3);
  else {
    const model = createModel(
      tinyConfig({ model: sampled({}) }).model,
      Array.from({ length: 10 }, (_, id) => ({ id, name: `${id}` })),
      1,
    );
    const { total, denseTotal } = countMacs(model.network.backbone, [64, 64], 1 / (1 + Math.exp(-3)));
    expect(first.sparse).toBeCloseTo((total.direct / denseTotal - 0.5) ** 2, 3);
    model.dispose();
  }
  expect(first.empty_windows).toBeGreaterThanOrEqual(0);
});

test('weights of the masks in the plain loss', () => {
  const fill = (value: number) => tf.fill([1, 4, 4, 1], value) as tf.Tensor4D;
  tf.tidy(() => {
    const block = { probability1: fill(0.2), probability2: fill(0.6) };
    const samples = [block as never];
    const term = (blockWeights?: number[]) =>
      sparseTerm({ ...tiny.loss, blockWeights }, undefined as never, samples, [64, 64]).dataSync()[0];
    expect(term()).toBeCloseTo(0.25 * 0.2 + 0.75 * 0.6, 6);
    expect(term([1, 0])).toBeCloseTo(0.2, 6);
  });
});

test.each(['features', 'logits'] as const)('distillation by %s: the distance to the pretrained network', async (kind) => {
  const config = tinyConfig({ model: sampled({ bias: 0 }), loss: { sparseWeight: 0.5, distillation: { kind, weight: 2 } } });
  const before = tf.memory().numTensors;
  await run(config, kind);
  expect(tf.memory().numTensors).toBe(before);
  const terms = events(kind);
  expect(terms.every(({ distillation }) => distillation > 0 && distillation < 10)).toBe(true);

  // Of the network that starts from the teacher's weights and samples everything, nothing.
  const data = await openData(config.data, root);
  const pretrained = (await ensurePretrained(config, io()))!;
  const teacher = createTeacher(config, data.categories, pretrained);
  const batch = await data.trainBatch(0, 2, 1);
  const shown = teacher.show(batch);
  expect(shown.map(({ shape }) => shape.slice(0, 3))).toEqual([[2, 16, 16]]);
  tf.tidy(() => {
    expect(distance(shown, shown).dataSync()[0]).toBe(0);
    const twice = shown.map((map) => tf.mul(map, 2));
    expect(distance(twice, shown).dataSync()[0]).toBeCloseTo(1, 5);
    const model = createModel(config.model, data.categories, 1);
    const { maps } = model.network.forward(model.params, tf.tensor4d(batch.images, batch.shape), { mode: 'dense' });
    expect(taught(kind, model, maps, [64, 64])[0].shape).toEqual(shown[0].shape);
    model.dispose();
  });
  tf.dispose(shown);
  teacher.dispose();
});

test('training in inference order is another training; noise-free masks too', async () => {
  const at = async (name: string, more: object) =>
    (await run(tinyConfig({ model: sampled({ bias: -1 }), train: train(more) }), name)).checkpoint;
  const checkpoints = [
    await at('usual', {}),
    await at('order', { order: 'inference' }),
    await at('quiet', { sampler: 'deterministic' }),
    await at('usual-again', { order: 'training' }),
  ];
  expect(checkpoints[0]).toBe(checkpoints[3]);
  expect(new Set(checkpoints).size).toBe(3);
});

test("an empty window at the samples' mean: training and inference order agree", async () => {
  const sampling = { bias: -2.5, interval: 0, interpolation: { kind: 'rbf', empty: 'mean' } };
  const result = await run(tinyConfig({ model: sampled(sampling) }), 'mean');
  expect(result.emptyWindows).toBeGreaterThan(0);
  expect(Math.abs(result.trainingOrder!.AP - result.metrics.AP)).toBeLessThan(0.01);
});

test('images at other sizes, in training and in evaluation; boxes come back in the size of the data', async () => {
  const data = await openData({ ...tiny.data, imageSize: 128 } as RunConfig['data'], root);
  const [whole, half] = [await data.trainBatch(1, 2, 1), await data.trainBatch(1, 2, 1, 0.5)];
  expect([whole.shape, half.shape]).toEqual([
    [2, 128, 128, 3],
    [2, 64, 64, 3],
  ]);
  expect([...half.boxes[0]].map((value) => 2 * value)).toEqual([...whole.boxes[0]].map((value) => expect.closeTo(value, 3)));
  for await (const batch of data.valBatches(4, 0.3)) {
    expect(batch.shape).toEqual([4, 32, 32, 3]);
    expect(batch.scales[0]).toEqual({ x: 0.25, y: 0.25 });
  }

  const dense = (evaluate: object) =>
    tinyConfig({
      model: { ...sampled({ integration: 'dense' }), head: { kind: 'one-stage', channels: 8, convs: 1, scoreThreshold: 0 } },
      train: train({ scales: [0.5, 1] }),
      evaluate: { batchSize: 3, ...evaluate },
    });
  const full = await run(dense({}), 'full-size');
  const small = await run(dense({ scale: 0.5 }), 'half-size', { trained: { folder: path.join(root, 'full-size'), run: 'full' } });
  expect(small.macs.total.direct.mean / full.macs.total.direct.mean).toBeCloseTo(0.25, 2);
  expect([small.trainedBy, small.checkpoint, small.seconds.train]).toEqual(['full', full.checkpoint, 0]);
  expect(fs.existsSync(path.join(root, 'half-size/last.safetensors'))).toBe(false);
  expect(small.training).toEqual(full.training);
  const detections: { bbox: number[] }[] = JSON.parse(fs.readFileSync(path.join(root, 'half-size/detections.json'), 'utf8'));
  const right = Math.max(...detections.map(({ bbox: [x, , width] }) => x + width));
  expect(right).toBeGreaterThan(40);
  expect(right).toBeLessThanOrEqual(64);
});

test('one trained network, evaluated with other samplers and shifts', async () => {
  const config = (evaluate: object) => tinyConfig({ model: sampled({ bias: 0, interval: 0 }), evaluate: { batchSize: 3, ...evaluate } });
  const data = await openData(tiny.data, root);
  const model = createModel(config({}).model, data.categories, 1);
  const densityWith = async (evaluate: object) => {
    const { densities } = await evaluateModel({ config: config(evaluate), model, data });
    return densities['layer1.0'].mask1;
  };
  // The mask heads start at weight 0: pi = 1/2 everywhere.
  for (const sampler of ['stochastic', 'blue-noise', 'random', 'activation']) expect(await densityWith({ sampler })).toBeCloseTo(0.5, 1);
  expect(await densityWith({ sampler: 'deterministic' })).toBe(1);
  expect(await densityWith({ sampler: 'activation', density: 0.25 })).toBe(0.25);
  expect(await densityWith({ shift: -2 })).toBeCloseTo(1 / (1 + Math.exp(2)), 1);
  expect(await densityWith({ shift: 2 })).toBeCloseTo(1 / (1 + Math.exp(-2)), 1);
  model.dispose();
});

test('the summary of a training covers its last half', () => {
  const file = path.join(root, 'metrics.jsonl');
  const lines = [9, 9, 2, 4].map((loss, step) => JSON.stringify({ event: 'step', step, loss, terms: { empty_windows: step / 10 } }));
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  expect(summariseTraining(file, 4)).toEqual({ loss: { mean: 3, variance: 1 }, emptyWindows: 0.25 });
  fs.writeFileSync(file, `${JSON.stringify({ event: 'step', step: 3, loss: 2, terms: {} })}\n`);
  expect(summariseTraining(file, 4)).toEqual({ loss: { mean: 2, variance: 0 } });
  fs.writeFileSync(file, '');
  expect(summariseTraining(file, 4)).toBeUndefined();
});
