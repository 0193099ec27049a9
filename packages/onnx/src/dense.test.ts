// Dense export in onnxruntime against the TensorFlow.js network: stems, depths, expansions, odd sizes, dynamic and fixed.
import type { FpnConfig, ResNetConfig } from '@stint/backbones';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectEqual, runOnnx, type TestModel, testImage, testModel } from '../testing/run.ts';
import { type ExportOptions, exportOnnx } from './index.ts';

const small: ResNetConfig = { stem: { kind: 'small', widths: [4, 8] }, layers: [1, 2], planes: [8, 12], expansion: 2 };
const imagenet: ResNetConfig = { stem: { kind: 'imagenet', width: 8 }, layers: [2, 1, 1], planes: [4, 8, 12], classes: 5 };

const describeModel = ({ backbone, pyramid }: TestModel) => ({ backbone: backbone.config, fpn: pyramid?.config });

async function compare(model: TestModel, sizes: [number, number][], options: ExportOptions = {}): Promise<void> {
  const outputs = model.pyramid ? (['features', 'pyramid'] as const) : (['features'] as const);
  const bytes = exportOnnx(describeModel(model), model.named, { outputs, ...options });
  for (const [i, [height, width]] of sizes.entries()) {
    const image = testImage(height, width, i + 1);
    const got = await runOnnx(bytes, { image: image.onnx });
    tf.tidy(() => {
      const { features } = model.backbone.forward(model.params, image.tf, { mode: 'dense' });
      features.forEach((map, s) => expectEqual(got[`c${s + 2}`], map, `c${s + 2} of ${height}x${width}`));
      model.pyramid?.forward(model.pyramidParams, features).forEach((map, s) => expectEqual(got[`p${s + 2}`], map, `p${s + 2}`));
    });
  }
}

test.each([
  ['small stem', small],
  ['imagenet stem', imagenet],
])('%s: one dynamic model serves every image size', async (_, config) => {
  await compare(testModel(config, 1, { channels: 6 }), [
    [64, 96],
    [45, 34],
    [33, 97],
    [7, 5],
    [1, 1],
  ]);
});

test('a fixed image size', async () => {
  const model = testModel(imagenet, 2, { channels: 6 });
  await compare(model, [[50, 71]], { inputSize: [50, 71] });
  const fixed = exportOnnx(describeModel(model), model.named, { inputSize: [50, 71] });
  await expect(runOnnx(fixed, { image: testImage(50, 72, 1).onnx })).rejects.toThrow(/dimension|shape/i);
});
