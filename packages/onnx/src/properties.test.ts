// Whatever network, image size, masks and options: the exported model equals the TensorFlow.js network.
import type { InterpolationKind, ResNetConfig } from '@stint/backbones';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { compareExport, describeModel, type Sampler } from '../testing/compare.ts';
import { decodeModel, graphFaults } from '../testing/decode.ts';
import { testModel } from '../testing/run.ts';
import { type ExportOptions, exportOnnx } from './index.ts';

const side = fc.integer({ min: 1, max: 70 });
const width = fc.integer({ min: 1, max: 9 });
const stem = fc.oneof(
  fc.record({ kind: fc.constant('imagenet' as const), width }),
  fc.record({ kind: fc.constant('small' as const), widths: fc.tuple(width, fc.constantFrom(4, 8)) }),
);
const interpolation = fc.record({
  kind: fc.constantFrom<InterpolationKind>('rbf', 'average', 'convolution', 'zeros'),
  window: fc.constantFrom(1, 3, 5, 7),
  sigma: fc.constant(3),
});
const stages = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), width), { minLength: 1, maxLength: 3 });
const config: fc.Arbitrary<ResNetConfig> = fc
  .record({ stem, stages, expansion: fc.constantFrom(1, 2, 4), interpolation, classes: fc.constantFrom(undefined, 3) })
  .map(({ stem, stages, interpolation, ...rest }) => ({
    ...rest,
    stem,
    layers: stages.map(([count]) => count),
    planes: stages.map(([, planes]) => planes),
    sampling: { integration: 'two-masks', interval: 5, interpolation, bias: 3 },
  }));
const options = (mode: ExportOptions['mode']) =>
  fc.record({ mode: fc.constant(mode), opset: fc.integer({ min: 17, max: 26 }), foldBatchNorm: fc.boolean() });
const sampler: fc.Arbitrary<Sampler> = fc.record({
  kind: fc.constant('random' as const),
  interval: fc.constantFrom(0, 5),
  density: fc.constantFrom(0, 0.02, 0.2, 0.5, 0.9, 1),
  key: fc.tuple(fc.nat()),
});

test.each(['dense', 'masked', 'sampled'] as const)('%s', async (mode) => {
  await fc.assert(
    fc.asyncProperty(config, side, side, options(mode), sampler, fc.nat(1000), async (config, height, width, options, sampler, seed) => {
      const model = testModel(config, seed, config.layers.length > 1 ? { channels: 3 } : undefined);
      await compareExport(model, [[height, width]], options, sampler);
      tf.dispose([model.params, model.pyramidParams]);
    }),
    { numRuns: 30, seed: 4 },
  );
});

test('every value is made once, before it is read, and for an output; the bytes depend on the input alone', () => {
  const masks = fc.constantFrom('inputs' as const, 'deterministic' as const);
  const mode = fc.constantFrom('dense' as const, 'masked' as const, 'sampled' as const);
  fc.assert(
    fc.property(config, mode, masks, fc.boolean(), fc.boolean(), (config, mode, masks, foldBatchNorm, fixed) => {
      const model = testModel(config, 1, { channels: 2 });
      const options: ExportOptions = { mode, masks, foldBatchNorm, inputSize: fixed ? [32, 48] : 'dynamic' };
      const bytes = exportOnnx(describeModel(model), model.named, options);
      expect(graphFaults(decodeModel(bytes))).toEqual([]);
      expect(Buffer.compare(exportOnnx(describeModel(model), model.named, options), bytes)).toBe(0);
      tf.dispose([model.params, model.pyramidParams]);
    }),
    { numRuns: 40, seed: 5 },
  );
});
