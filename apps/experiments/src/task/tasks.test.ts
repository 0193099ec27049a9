// Segmentation and classification through the whole path of a run: pretraining, training, evaluation, what the folder gets.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { decodeLabelPng, emojiSegmentation, normalise, segmentImage } from '@stint/datasets';
import { startEngine } from '@stint/engine';
import { segmentationScores, topK } from '@stint/metrics';
import { loadCheckpoint } from '@stint/runtime';
import { fpnDecoder } from '@stint/segmentation-head';
import { readMetricsLog } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import { evaluateModel, evaluatePredictions } from '../run/evaluate.ts';
import { compiledPredict, compileRun } from '../run/evaluate-compiled.ts';
import { executeRun, type RunIo } from '../run/index.ts';
import { createModel } from '../run/model.ts';
import { tinyRun } from '../run/tiny-run.ts';
import { openData } from './index.ts';
import { tinyClassification, tinySegmentation } from './tiny.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-tasks-'));
beforeAll(() => startEngine({ threads: 1, quiet: true }));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const io = (more: Partial<RunIo> = {}): RunIo => ({ root, resume: false, stream: { write: () => true }, ...more });
const run = (config: RunConfig, name: string, more?: Partial<RunIo>) => executeRun(tinyRun(config, name), path.join(root, name), io(more));
const read = (file: string) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
const termsOf = (name: string) =>
  readMetricsLog(path.join(root, name, 'metrics.jsonl')).map(({ terms }) => Object.keys(terms as object).sort());
const checkpointOf = (name: string) => path.join(root, name, 'last.safetensors');

describe('segmentation', () => {
  test('a run: scores from the written label images, masks, cost; nothing left behind', async () => {
    const config = tinySegmentation();
    const before = tf.memory().numTensors;
    const result = await run(config, 'seg');
    expect(tf.memory().numTensors).toBe(before);
    expect(termsOf('seg')[0]).toEqual(['empty_windows', 'loss_sem_seg', 'sparse']);
    expect(Object.keys(result.metrics)).toEqual(['mIoU', 'mAcc', 'aAcc']);
    expect(Object.keys(result.trainingOrder!)).toEqual(['mIoU', 'mAcc', 'aAcc']);
    expect(Object.keys(result.densities)).toEqual(['layer1.0', 'layer2.0']);
    expect(result.images).toEqual({ train: 8, evaluate: 5, skipped: 0 });

    const data = await openData(config.data, root);
    const pairs: Parameters<typeof segmentationScores>[0] extends Iterable<infer Pair> ? Pair[] : never = [];
    for await (const { truth } of data.valBatches(2) as AsyncIterable<{ truth: { name: string; label: never }[] }>) {
      for (const { name, label } of truth) {
        const png = fs.readFileSync(path.join(root, 'seg/predictions', `${name}.png`));
        pairs.push({ label, prediction: await decodeLabelPng(png) });
      }
    }
    expect(pairs).toHaveLength(5);
    const scores = segmentationScores(pairs, { classes: 14 });
    expect(result.metrics.mIoU).toBeCloseTo(100 * scores.mIoU, 9);
    expect(result.metrics.aAcc).toBeCloseTo(100 * scores.aAcc, 9);
    const { classes, counts } = read('seg/confusion.json');
    expect([classes.length, classes[13], counts.flat().reduce((a: number, b: number) => a + b)]).toEqual([14, 'outline', 5 * 64 * 64]);
    expect(read('seg/predictions/shown.json').images[0]).toMatchObject({ name: 'scene-1', width: 64, height: 64 });
    expect(read('seg/masks/masks.json').images).toHaveLength(4);
  });

  test('a smaller image is scored at the resolution of the labels, and costs less', async () => {
    const trained = { trained: { folder: path.join(root, 'seg'), run: 'seg' } };
    const small = await run(tinySegmentation({ evaluate: { batchSize: 2, scale: 0.5, sampler: 'dense' } }), 'half', trained);
    const full = await run(tinySegmentation({ evaluate: { batchSize: 2, sampler: 'dense' } }), 'full', trained);
    expect(small.macs.total.direct.mean / full.macs.total.direct.mean).toBeCloseTo(0.25, 2);
    expect(fs.existsSync(path.join(root, 'half/masks'))).toBe(false);
    const { width, height } = await decodeLabelPng(fs.readFileSync(path.join(root, 'half/predictions/scene-2.png')));
    expect([width, height]).toEqual([64, 64]);
  });

  test('window by window: each look costs and is sampled; one window of the whole image changes nothing', async () => {
    const data = await openData(tinySegmentation().data, root);
    const model = createModel(tinySegmentation().model, data.categories, 1);
    const at = (sliding?: object, sampler = 'stochastic') =>
      evaluateModel({ config: tinySegmentation({ evaluate: { batchSize: 5, sampler, sliding } }), model, data });
    const whole = await at();
    const one = await at({ size: [64, 64], stride: [32, 32] });
    expect([one.metrics, one.macs, one.densities]).toEqual([whole.metrics, whole.macs, whole.densities]);
    const nine = await at({ size: [32, 32], stride: [32, 32] }, 'dense');
    expect(nine.macs.total.direct.mean / (await at(undefined, 'dense')).macs.total.direct.mean).toBeCloseTo(1, 5);
    const overlapping = await at({ size: [64, 32], stride: [64, 32] });
    expect(overlapping.macs.total.direct.mean / whole.macs.total.direct.mean).toBeCloseTo(1, 1);
    model.dispose();
  });

  test('windows that overlap give the labels of segmentImage', async () => {
    const sliding = { size: [64, 32], stride: [32, 32] } as const;
    const config = tinySegmentation({
      data: { ...tinySegmentation().data, imageSize: 96, val: 1 },
      evaluate: { sampler: 'dense', sliding },
    });
    const data = await openData(config.data, root);
    const model = createModel(config.model, data.categories, 3);
    const evaluation = await evaluateModel({ config, model, data });
    const { network, params } = model;
    const head = fpnDecoder({ classes: 14, channels: 8, width: 8, strides: [4, 8] });
    const logitsOf = ({ image, height, width }: { image: ArrayLike<number>; height: number; width: number }) =>
      tf.tidy(() => {
        const { maps } = network.forward(params, tf.tensor4d(Float32Array.from(image), [1, height, width, 3]), { mode: 'dense' });
        return head.logits(params, maps, [height, width]).dataSync() as Float32Array;
      });
    const scenes = await emojiSegmentation({
      split: 'val',
      variant: 'thin',
      cacheDir: path.join(root, '.cache/datasets'),
      count: 1,
      imageSize: 96,
      seed: 1,
    });
    const expected = await segmentImage(normalise(await scenes.get(0)), logitsOf, { classes: 14, sliding });
    const found = await decodeLabelPng(evaluation.files['predictions/scene-1.png'] as Uint8Array);
    expect(new Set(found.data).size).toBeGreaterThan(1);
    // Sums in another order: a pixel of equal classes may differ.
    const differing = found.data.filter((label, i) => label !== expected.data[i]).length;
    expect(differing).toBeLessThanOrEqual(2);
    model.dispose();
  });

  test('a training batch is a pure function of (seed, step), of one size, with its labels', async () => {
    const data = await openData(tinySegmentation({ data: { ...tinySegmentation().data, scale: [0.5, 2], crop: [96, 64] } }).data, root);
    const batch = await data.trainBatch(3, 2, 1);
    expect([batch.shape, batch.segmentation!.length]).toEqual([[2, 96, 64, 3], 2 * 96 * 64]);
    expect(await data.trainBatch(3, 2, 1)).toEqual(batch);
    expect((await data.trainBatch(3, 2, 2)).images).not.toEqual(batch.images);
    expect((await data.trainBatch(3, 2, 1, 0.5)).shape).toEqual([2, 64, 32, 3]); // 48 is no multiple of 32
  });

  test('weights of classes that the data do not have are refused; FCN and distillation by its logits train', async () => {
    const { model } = tinySegmentation();
    const head = (more: object) => tinySegmentation({ model: { ...model, head: { kind: 'fcn', ...more } }, pretrain: null });
    await expect(run(head({ classWeights: { wires: 2 } }), 'wires')).rejects.toThrow(
      'model.head.classWeights: the data have no class "wires" (nearest: "wire")',
    );
    expect((await run(head({ level: 1, width: 8 }), 'fcn')).metrics.aAcc).toBeGreaterThanOrEqual(0);
    const taught = tinySegmentation({ loss: { sparseWeight: 0.5, distillation: { kind: 'logits', weight: 1 } } });
    await run(taught, 'taught');
    expect(termsOf('taught')[0]).toContain('distillation');
  });

  test('the checkpoint says what it is of; the runtime gives the same labels, but for ties', async () => {
    const { description, tensors } = loadCheckpoint(checkpointOf('seg'));
    expect(description.head).toMatchObject({ kind: 'fpn-decoder', classes: 14, channels: 8, strides: [4, 8], width: 8 });
    expect(tensors.has('sem_seg_head.predictor.weight')).toBe(true);
    const config = tinySegmentation({ evaluate: { batchSize: 1, scale: 0.5 } });
    const data = await openData(config.data, root);
    const model = createModel(config.model, data.categories, 1);
    for (const [name, { shape, data: values }] of tensors) tf.tidy(() => model.params[name].assign(tf.tensor(values, [...shape])));
    const reference = await evaluateModel({ config, model, data });
    const compiled = await compileRun(checkpointOf('seg'), config, 1);
    const { backbone } = model.network;
    const result = await evaluatePredictions({ config, backbone, data, predict: compiledPredict(compiled) });
    for (const name of ['mIoU', 'mAcc', 'aAcc']) expect(result.metrics[name]).toBeCloseTo(reference.metrics[name], 1);
    expect(result.macs.total.direct.mean / reference.macs.total.direct.mean).toBeCloseTo(1, 3);
    compiled.close();
    model.dispose();
    const sliding = { size: [64, 64], stride: [64, 64] };
    expect(() => compileRun(checkpointOf('seg'), tinySegmentation({ evaluate: { sliding } }))).toThrow('the runtime sees images whole');
  });
});

describe('classification', () => {
  test('a run: top-1 and top-5 from the written predictions, masks, cost', async () => {
    const config = tinyClassification();
    const before = tf.memory().numTensors;
    const result = await run(config, 'cls');
    expect(tf.memory().numTensors).toBe(before);
    expect(termsOf('cls')[0]).toEqual(['cls_loss', 'empty_windows', 'sparse']);
    const { classes, predictions } = read('cls/predictions.json');
    expect([classes.length, predictions.length]).toEqual([10, 5]);
    const dense = (top: { label: number; score: number }[]) => {
      const scores = new Array(10).fill(0);
      for (const { label, score } of top) scores[label] = score;
      return scores;
    };
    const accuracy = topK(
      predictions.map(({ top }: { top: { label: number; score: number }[] }) => dense(top)),
      predictions.map(({ label }: { label: number }) => label),
    );
    expect(result.metrics).toEqual({ top1: 100 * accuracy[1], top5: 100 * accuracy[5] });
    expect(
      read('cls/confusion.json')
        .counts.flat()
        .reduce((a: number, b: number) => a + b),
    ).toBe(5);
    expect(read('cls/masks/masks.json').images).toHaveLength(4);
    expect(Object.keys(result.densities)).toEqual(['layer1.0', 'layer2.0']);
  });

  test('the checkpoint is that of a whole ResNet: the runtime gives the same scores', async () => {
    const config = tinyClassification({ evaluate: { batchSize: 1, sampler: 'deterministic' } });
    const { description, tensors } = loadCheckpoint(checkpointOf('cls'));
    expect([description.backbone.classes, description.fpn, tensors.has('layer1.0.conv1.weight')]).toEqual([10, undefined, true]);
    const data = await openData(config.data, root);
    const model = createModel(config.model, data.categories, 1);
    for (const [name, { shape, data: values }] of tensors) tf.tidy(() => model.params[name].assign(tf.tensor(values, [...shape])));
    const reference = await evaluateModel({ config, model, data });
    const compiled = await compileRun(checkpointOf('cls'), config, 1);
    const { backbone } = model.network;
    const result = await evaluatePredictions({ config, backbone, data, predict: compiledPredict(compiled) });
    expect(result.metrics).toEqual(reference.metrics);
    expect(result.macs.total.direct.mean / reference.macs.total.direct.mean).toBeCloseTo(1, 3);
    const top = ({ files }: typeof result) =>
      JSON.parse(String(files['predictions.json'])).predictions.map(({ top: [first] }: { top: { label: number }[] }) => first.label);
    expect(top(result)).toEqual(top(reference));
    compiled.close();
    model.dispose();
  });
});
