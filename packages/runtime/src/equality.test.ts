// The compiled model against the tfjs model in evaluation mode (inference order), with the same masks: 1e-4 everywhere.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectClose } from '../../../tools/jest/fixtures.ts';
import { image, maskBytes, model, oneStageHead, padded, sampling, small } from '../testing/models.ts';
import { compile } from './compile.ts';
import type { ModelDescription } from './description.ts';
import type { RuntimeImage } from './image.ts';
import type { BlockMasks } from './run.ts';

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const CLOSE = { rtol: 1e-4, atol: 1e-4 };
type Floats = RuntimeImage & { data: Float32Array };

/** Runs both sides with the masks that the tfjs side drew; compares every map. */
async function compare(description: ModelDescription, picture: Floats, seed = 1) {
  const { backbone, pyramid, head, checkpoint, body, neck, params } = model(description, seed);
  const dense = description.backbone.sampling === undefined;
  const { features, samples, logits } = backbone.forward(body, padded(picture), {
    mode: dense ? 'dense' : 'inference',
    sampler: { kind: 'stochastic', interval: 5, key: [seed] },
  });
  const masks: BlockMasks = Object.fromEntries(
    samples.map(({ name, mask1, mask2, mask3 }) => [
      name,
      { mask1: maskBytes(mask1), mask2: maskBytes(mask2), ...(mask3 && { mask3: maskBytes(mask3) }) },
    ]),
  );
  const levels = pyramid?.forward(neck, features);
  const compiled = await compile(checkpoint, { threads: 1, keepMaps: true });
  const result = await compiled.run(picture, { masks, wantMaps: true, wantMasks: true });
  compiled.close();
  features.forEach((map, i) => {
    const { data, ...size } = result.features![i];
    expect([1, size.height, size.width, size.channels]).toEqual(map.shape);
    expectClose(data, map.dataSync(), CLOSE, `stage ${i + 1}`);
  });
  levels?.forEach((map, i) => {
    expectClose(result.pyramid![i].data, map.dataSync(), CLOSE, `level ${i}`);
  });
  expect(result.pyramid?.length).toBe(levels?.length);
  if (logits) expectClose(result.logits!, logits.dataSync(), CLOSE, 'logits');
  for (const { name, mask1, mask2, mask3 } of samples) {
    expect(result.densities[name].mask1).toBeCloseTo(tf.mean(mask1).dataSync()[0], 6);
    expect(result.densities[name].mask2).toBeCloseTo(tf.mean(mask2).dataSync()[0], 6);
    expect('mask3' in result.densities[name]).toBe(mask3 !== undefined);
    if (mask3) expect(result.densities[name].mask3).toBeCloseTo(tf.mean(mask3).dataSync()[0], 6);
  }
  // Also mask 1 of a block of one mask, which is not given but follows from mask 2.
  if (!dense) expect(result.masks).toEqual(masks);
  const found = head?.detect(params, levels!, [picture], [Math.ceil(picture.height / 32) * 32, Math.ceil(picture.width / 32) * 32])[0];
  return { result, found };
}

const variants = ['one-mask', 'two-masks', 'three-masks'] as const;
const kinds = ['rbf', 'average', 'convolution', 'zeros', 'reuse'] as const;

test.each(variants.flatMap((integration) => kinds.map((kind) => [integration, kind] as const)))(
  '%s, interpolation %s, small stem, image sizes that need padding',
  async (integration, kind) => {
    await compare({ backbone: small({ planes: [6, 12], sampling: sampling(kind, { integration }) }) }, image(50, 83));
  },
);

test('any network, any size: random shapes, masks from empty to full', async () => {
  const network = fc.record({
    stem: fc.oneof(
      fc.record({ kind: fc.constant('imagenet' as const), width: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ kind: fc.constant('small' as const), widths: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 })) }),
    ),
    layers: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 2, maxLength: 2 }),
    planes: fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 2, maxLength: 2 }),
    expansion: fc.integer({ min: 1, max: 4 }),
    bias: fc.constantFrom(-30, -2, 0, 2, 30),
    interval: fc.constantFrom(0, 3, 11),
    integration: fc.constantFrom(...variants),
    kind: fc.constantFrom('rbf' as const, 'average' as const, 'convolution' as const, 'zeros' as const),
    window: fc.constantFrom(3, 5, 7),
    sigma: fc.constantFrom(0.5, 3),
    height: fc.integer({ min: 1, max: 70 }),
    width: fc.integer({ min: 1, max: 70 }),
    seed: fc.nat(1000),
  });
  await fc.assert(
    fc.asyncProperty(network, async ({ integration, bias, interval, kind, window, sigma, height, width, seed, ...body }) => {
      const sampled = { integration, interval, bias, interpolation: { kind, window, sigma } };
      const scope = tf.engine().startScope();
      await compare({ backbone: { ...body, sampling: sampled } }, image(height, width, seed), seed);
      tf.engine().endScope(scope);
    }),
    { seed: 4, numRuns: 25 },
  );
});

test('a dense network with a classifier', async () => {
  await compare({ backbone: { stem: { kind: 'imagenet', width: 8 }, layers: [1, 2], planes: [8, 16], classes: 7 } }, image(64, 40));
});

test('pyramid and one-stage head find the same objects', async () => {
  const { result, found } = await compare({ backbone: small(), fpn: { channels: 8, outputs: 1 }, head: oneStageHead() }, image(61, 96));
  expect(found!.scores.length).toBeGreaterThan(20);
  expect([...result.detections!.labels]).toEqual([...found!.labels]);
  expectClose(result.detections!.scores, found!.scores, CLOSE, 'scores');
  expectClose(result.detections!.boxes, found!.boxes, { rtol: 1e-4, atol: 1e-3 }, 'boxes');
});

test('Faster R-CNN finds the same objects', async () => {
  const description: ModelDescription = {
    backbone: small({ layers: [1, 1, 1], planes: [4, 6, 8] }),
    fpn: { channels: 8 },
    head: {
      kind: 'faster-rcnn',
      classes: 3,
      channels: 8,
      anchorSizes: [[16], [32], [64], [128]],
      roi: { hidden: 12, levels: 3 },
      rpn: { postNmsDetect: 40 },
      detections: { scoreThreshold: 0.2 },
    },
  };
  const { result, found } = await compare(description, image(90, 128));
  expect(found!.scores.length).toBeGreaterThan(3);
  expect([...result.detections!.labels]).toEqual([...found!.labels]);
  expectClose(result.detections!.scores, found!.scores, { rtol: 1e-3, atol: 1e-4 }, 'scores');
  expectClose(result.detections!.boxes, found!.boxes, { rtol: 1e-3, atol: 1e-2 }, 'boxes');
});
