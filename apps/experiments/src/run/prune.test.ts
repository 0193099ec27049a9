// Pruning as part of a run: pretrained -> smaller network -> fine-tuned -> evaluated, resumed, shared, and started from a file.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { countMacs, resnet } from '@stint/backbones';
import { startEngine } from '@stint/engine';
import { compile, descriptionOf, loadCheckpoint } from '@stint/runtime';
import { readSafetensors } from '@stint/safetensors';
import { readMetricsLog } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import { pretrainKey, trainingKey } from '../config/hash.ts';
import { type RunConfig, runConfigSchema } from '../config/schema.ts';
import { pruneFile, readModel } from '../pruning/prune-file.ts';
import { openData } from '../task/index.ts';
import { ensurePretrained, evaluateAgain, executeRun, type RunIo, RunStopped } from './index.ts';
import { createModel } from './model.ts';
import { recalibrate } from './recalibrate.ts';
import { tinyConfig, tinyRun } from './tiny-run.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-prune-run-'));
beforeAll(() => startEngine({ threads: 1, quiet: true }));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(root, ...names);
const io = (more: Partial<RunIo> = {}): RunIo => ({ root, resume: false, stream: { write: () => true }, ...more });
const run = (config: RunConfig, name: string, more?: Partial<RunIo>) => executeRun(tinyRun(config, name), at(name), io(more));
const describe_ = (name: string) => descriptionOf(readSafetensors(at(name, 'last.safetensors')).metadata, name)!;
const losses = (name: string) => readMetricsLog(at(name, 'metrics.jsonl')).map(({ loss, terms }) => ({ loss, terms }));
const prune = { ratio: 0.5, scope: 'global', roundTo: 2, protect: ['fpn'] };

test('a smaller network is trained; resumed, shared and repeated it is the same', async () => {
  const config = tinyConfig({ prune });
  const before = tf.memory().numTensors;
  const result = await run(config, 'whole');
  expect(tf.memory().numTensors).toBe(before);
  const full = await run(tinyConfig(), 'full');
  expect(result.parameters).toBeLessThan(0.7 * full.parameters);
  const { backbone, fpn, head } = describe_('whole');
  expect([fpn, head]).toMatchObject([{ channels: 8 }, { channels: 8 }]);
  // The MACs are those of what was trained, and masks decide on it.
  expect(result.macs.reference).toBe(countMacs(resnet(backbone), [64, 64]).denseTotal);
  expect(result.macs.reference).toBeLessThan(0.6 * full.macs.reference);
  expect(Object.keys(result.densities)).toEqual(['layer1.0', 'layer2.0']);
  const overlay = JSON.parse(fs.readFileSync(at('whole/masks/masks.json'), 'utf8'));
  expect(overlay.backbone).toEqual(backbone);

  const controller = new AbortController();
  const stopping = {
    isTTY: true,
    write(text: string) {
      if (/[123]\/4/.test(text)) controller.abort();
      return true;
    },
  };
  await expect(run(config, 'halves', { signal: controller.signal, stream: stopping })).rejects.toThrow(RunStopped);
  expect((await run(config, 'halves', { resume: true })).checkpoint).toBe(result.checkpoint);

  const shared = await run(config, 'shared', { trained: { folder: at('whole'), run: 'whole' } });
  expect([shared.metrics, shared.macs, shared.checkpoint]).toEqual([result.metrics, result.macs, result.checkpoint]);

  const { result: again } = await evaluateAgain(config, at('whole/last.safetensors'), { root });
  expect([again.metrics, again.macs, again.densities]).toEqual([result.metrics, result.macs, result.densities]);

  const compiled = await compile(at('whole/last.safetensors'), { threads: 1 });
  const image = { data: new Uint8Array(64 * 64 * 3).fill(90), height: 64, width: 64 };
  expect((await compiled.run(image)).macs.denseTotal).toBe(result.macs.reference);
  compiled.close();
});

test('what "stint prune" makes of the pretrained network starts the same training; more sampling or less', async () => {
  const config = tinyConfig({ prune: { ratio: 0.5, recalibrate: 0 } });
  const pretrained = (await ensurePretrained(config, io()))!;
  const { recalibrate: _, ...settings } = config.prune!;
  pruneFile(readModel(pretrained), at('half.safetensors'), { ...settings, seed: 1 }, [64, 64]);
  await run(config, 'by-config');
  const start = { pretrain: null, start: 'half.safetensors' };
  await run(tinyConfig(start), 'by-file');
  expect(losses('by-file')).toEqual(losses('by-config'));
  expect(describe_('by-file').backbone).toEqual(describe_('by-config').backbone);
  const shared = await run(tinyConfig(start), 'by-file-shared', { trained: { folder: at('by-file'), run: 'by-file' } });
  expect(shared.macs.reference).toBe(countMacs(resnet(describe_('by-file').backbone), [64, 64]).denseTotal);

  // From a sampled network to a dense one, pruned once more.
  const dense = { ...tinyConfig().model, sampling: { integration: 'dense' } };
  const again = await run(tinyConfig({ pretrain: null, start: 'by-file/last.safetensors', model: dense, prune: { ratio: 0.5 } }), 'again');
  expect(again.macs.reference).toBeLessThan(shared.macs.reference);
  expect(loadCheckpoint(at('again/last.safetensors')).description.fpn!.channels).toBe(2);

  const deeper = { ...tinyConfig().model, backbone: { ...tinyConfig().model.backbone, layers: [1, 2] } };
  await expect(run(tinyConfig({ ...start, model: deeper }), 'deeper')).rejects.toThrow(/layer2.1.conv1.weight is missing/);
});

test('recalibration: statistics of the smaller network, as those of a second pass over the same images', async () => {
  const config = tinyConfig({ prune });
  const data = await openData(config.data, root);
  const images = await data.trainBatch(0, 8, 1);
  const model = createModel({ ...config.model, sampling: { ...config.model.sampling, integration: 'dense' } }, data.categories, 1);
  await recalibrate(model, { ...data, trainBatch: async () => images }, config, 3);
  const x = tf.tensor4d(images.images, images.shape);
  const around = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  const first = tf.conv2d(around as tf.Tensor4D, model.params['backbone.body.conv1.weight'] as unknown as tf.Tensor4D, 2, 'valid');
  const { mean } = tf.moments(first, [0, 1, 2]);
  const difference = tf.max(tf.abs(tf.sub(model.params['backbone.body.bn1.running_mean'], mean)));
  expect(difference.dataSync()[0]).toBeLessThan(1e-5);
  expect(tf.max(tf.abs(mean)).dataSync()[0]).toBeGreaterThan(1e-3);
  tf.dispose([x, around, first, mean, difference]);
  model.dispose();
});

test('network slimming: the penalty makes scales smaller, and is another pretraining', async () => {
  const penalised = tinyConfig({ pretrain: { ...tinyConfig().pretrain, lr: 0.01, steps: 6, slimming: 0.5 } });
  const plain = tinyConfig({ pretrain: { ...penalised.pretrain, slimming: null } });
  const scales = async (config: RunConfig) => {
    const { tensors } = loadCheckpoint((await ensurePretrained(config, io()))!);
    const values = [...tensors].filter(([name, { shape }]) => /bn\d\.weight$|downsample\.1\.weight$/.test(name) && shape.length === 1);
    const all = values.flatMap(([, { data }]) => [...data]);
    return all.reduce((sum, value) => sum + Math.abs(value), 0) / all.length;
  };
  // Adam moves each by about lr a step.
  expect(await scales(penalised)).toBeLessThan((await scales(plain)) - 0.02);
  expect(pretrainKey(penalised)).not.toBe(pretrainKey(plain));
});

test('what is shared: pretraining by all ratios, training by none', () => {
  const at = (ratio: number) => tinyConfig({ prune: { ratio } });
  expect(new Set([tinyConfig(), at(0.25), at(0.5)].map(pretrainKey)).size).toBe(1);
  expect(new Set([at(0), at(0.25), at(0.5)].map(trainingKey)).size).toBe(3);
  expect(trainingKey(at(0))).toBe(trainingKey(tinyConfig()));
});

test.each<[string, object, string]>([
  ['a name that nothing has', { prune: { ratio: 0.5, protect: ['layer1', 'layer2.0.con1'] } }, '(nearest: "layer2.0.conv1")'],
  ['a ratio of 1', { prune: { ratio: 1 } }, 'Too big'],
  ['start and pretrain', { start: 'x.safetensors' }, 'set pretrain to null'],
  ['features of a narrower pyramid', { prune: { ratio: 0.5 }, loss: { distillation: { kind: 'features', weight: 1 } } }, 'add fpn'],
])('refused: %s', (_, more, message) => {
  const { success, error } = runConfigSchema.safeParse({ ...tinyConfig(), ...more });
  expect([success, error?.message]).toEqual([false, expect.stringContaining(message.replaceAll('"', '\\"'))]);
});
