import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { exportTorchWeights, resnet } from '@stint/backbones';
import { writeSafetensors } from '@stint/safetensors';
import { readMetricsLog } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import { executeRun, type RunIo, RunStopped } from './index.ts';
import { createModel } from './model.ts';
import { tinyConfig, tinyRun } from './tiny-run.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-run-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const categories = Array.from({ length: 10 }, (_, i) => ({ id: i + 1, name: `category ${i + 1}` }));
const silent = { write: () => true };
const io = (options: Partial<RunIo> = {}): RunIo => ({ root, resume: false, stream: silent, ...options });
const run = (config: RunConfig, name: string, options?: Partial<RunIo>) => executeRun(tinyRun(config), path.join(root, name), io(options));

/** What must not depend on when and how fast a run ran. */
function timeless(name: string) {
  const { seconds: _, ...result } = JSON.parse(fs.readFileSync(path.join(root, name, 'result.json'), 'utf8'));
  const events = readMetricsLog(path.join(root, name, 'metrics.jsonl')).map(
    ({ ms: _ms, waitMs: _wait, tensors: _tensors, ...event }) => event,
  );
  return { result, events };
}

test('the same configuration gives the same result twice, and a resumed run the same as an unbroken one', async () => {
  const config = tinyConfig();
  const result = await run(config, 'a');
  await run(config, 'b');
  expect(timeless('b')).toEqual(timeless('a'));
  expect(Object.values(result.metrics).every(Number.isFinite)).toBe(true);
  expect(Object.keys(result.densities)).toEqual(['layer1.0', 'layer2.0']);
  expect(result.images).toEqual({ train: 8, evaluate: 4, skipped: 0 });

  // Stopped underway, then resumed. Which step the line shows depends on the machine's speed; the first one is always shown.
  const controller = new AbortController();
  const stopping = {
    isTTY: true,
    write(text: string) {
      if (/[123]\/4/.test(text)) controller.abort();
      return true;
    },
  };
  await expect(run(config, 'c', { signal: controller.signal, stream: stopping })).rejects.toThrow(RunStopped);
  expect(fs.existsSync(path.join(root, 'c/result.json'))).toBe(false);
  await run(config, 'c', { resume: true });
  expect(timeless('c')).toEqual(timeless('a'));
});

test('a run leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  await run(tinyConfig(), 'd');
  expect(tf.memory().numTensors).toBe(before);
});

test('MACs are measured with the masks drawn: their parts add up, and a sparser network has fewer', async () => {
  const sparse = tinyConfig({ model: { ...tinyConfig().model, sampling: { integration: 'two-masks', bias: -2, interval: 0 } } });
  const { macs, densities } = await run(sparse, 'sparse');
  const full = await run(tinyConfig(), 'full');
  const { dense, conditional, mask, interpolation, total } = macs;
  expect(total.direct.mean).toBeCloseTo(dense.mean + conditional.mean + mask.mean + interpolation.direct.mean, 3);
  expect(total.separable.mean).toBeCloseTo(total.direct.mean - interpolation.direct.mean * (1 - 14 / 49), 3);
  expect(total.direct.mean).toBeLessThan(full.macs.total.direct.mean);
  // The mask heads start at weight 0, so their probability is that of the bias, sigmoid(-2) = .119, until they have learnt.
  expect(densities['layer1.0'].mask1).toBeGreaterThan(0.05);
  expect(densities['layer1.0'].mask1).toBeLessThan(0.2);
});

test.each(['average', 'convolution', 'zeros', 'reuse'])('interpolation %s trains and evaluates', async (kind) => {
  const config = tinyConfig({
    pretrain: null,
    model: { ...tinyConfig().model, sampling: { integration: 'two-masks', interpolation: { kind } } },
  });
  const result = await run(config, kind);
  expect(result.steps).toBe(4);
  expect(result.trainingOrder === undefined).toBe(kind !== 'average');
});

test.each([
  ['one-mask', ['mask1', 'mask2']],
  ['three-masks', ['mask1', 'mask2', 'mask3']],
])('%s trains, and evaluates by mask', async (integration, masks) => {
  const sampling = { integration, interval: 4, bias: 0 };
  const result = await run(tinyConfig({ pretrain: null, model: { ...tinyConfig().model, sampling } }), integration);
  for (const block of Object.values(result.densities)) expect(Object.keys(block)).toEqual(masks);
  const { images } = JSON.parse(fs.readFileSync(path.join(root, integration, 'masks/masks.json'), 'utf8'));
  expect(images[0].masks).toHaveLength(2 * masks.length);
  const [first, second] = images[0].masks;
  if (integration === 'one-mask') expect(first.bits).toBe(second.bits);
  expect(result.trainingOrder === undefined).toBe(integration === 'three-masks');
});

test('a dense network has no masks and costs what the reference costs', async () => {
  const config = tinyConfig({ model: { ...tinyConfig().model, sampling: { integration: 'dense' } } });
  const { macs, densities } = await run(config, 'dense');
  expect(densities).toEqual({});
  expect(macs.total.direct.mean).toBe(macs.reference);
  expect(fs.existsSync(path.join(root, 'dense/masks'))).toBe(false);
});

test("ImageNet weights with torchvision's names start the backbone; weights that do not fit are named", async () => {
  const { backbone } = tinyConfig().model;
  const dense = resnet(backbone);
  const weights = exportTorchWeights(dense.initialise(99), dense.parameters);
  const file = path.join(root, 'weights.safetensors');
  const entries = (names: string[]) =>
    new Map(names.map((name) => [name, { dtype: 'F32' as const, shape: [...weights.get(name)!.shape], data: weights.get(name)!.data }]));
  writeSafetensors(file, entries([...weights.keys()]));
  const model = createModel({ ...tinyConfig().model, backbone: { ...backbone, weights: 'weights.safetensors' } }, categories, 1, root);
  const loaded = exportTorchWeights(
    Object.fromEntries(dense.parameters.map(({ name }) => [name, model.params[`backbone.body.${name}`]])),
    dense.parameters,
  );
  expect(loaded).toEqual(weights);
  model.dispose();
  writeSafetensors(file, entries([...weights.keys()].slice(1)));
  expect(() => createModel({ ...tinyConfig().model, backbone: { ...backbone, weights: file } }, categories, 1, root)).toThrow(
    /missing \(1\): conv1.weight/,
  );
});

test('Faster R-CNN is a head like the other', async () => {
  const config = tinyConfig({
    pretrain: null,
    model: {
      ...tinyConfig().model,
      fpn: { channels: 8 },
      head: { kind: 'faster-rcnn', fcWidth: 16, anchorScale: 4, proposals: { train: 20, test: 20 }, roisPerImage: 16 },
    },
  });
  const result = await run(config, 'faster');
  const terms = readMetricsLog(path.join(root, 'faster/metrics.jsonl')).map((event) => Object.keys(event.terms as object).sort());
  expect(terms[0]).toEqual(['empty_windows', 'loss_box_reg', 'loss_classifier', 'loss_objectness', 'loss_rpn_box_reg', 'sparse']);
  expect(result.metrics.AP).toBeGreaterThanOrEqual(0);
});
