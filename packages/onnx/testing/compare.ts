// One exported model against the TensorFlow.js network it was made from.
import type { BackboneOutput, ForwardContext } from '@stint/backbones';
import * as tf from '@tensorflow/tfjs-core';
import { type ExportOptions, exportOnnx, type ModelDescription } from '../src/index.ts';
import { expectEqual, nchw, runOnnx, type TestModel, testImage, type Values } from './run.ts';

export const describeModel = ({ backbone, pyramid }: TestModel): ModelDescription => ({ backbone: backbone.config, fpn: pyramid?.config });

/** How the reference draws its masks; the exported model gets the same ones, or finds them itself. */
export type Sampler = NonNullable<ForwardContext['sampler']>;

/** Compares features, pyramid, logits, and masks computed inside, for each image size. @returns density of all masks, size by size. */
export async function compareExport(
  model: TestModel,
  sizes: [number, number][],
  options: ExportOptions = {},
  sampler: Sampler = { kind: 'stochastic', interval: 11, key: [1] },
): Promise<number[]> {
  const masksInside = options.masks === 'deterministic';
  const outputs: ExportOptions['outputs'] = [
    'features',
    ...(model.pyramid ? (['pyramid'] as const) : []),
    ...(model.backbone.config.classes ? (['logits'] as const) : []),
    ...(masksInside ? (['masks'] as const) : []),
  ];
  const bytes = exportOnnx(describeModel(model), model.named, { outputs, ...options });
  const densities: number[] = [];
  for (const [i, [height, width]] of sizes.entries()) {
    const image = testImage(height, width, i + 1);
    const want = reference(
      model,
      image.tf,
      options.mode ?? 'dense',
      masksInside ? { kind: 'deterministic', interval: sampler.interval } : sampler,
    );
    const masks = masksOf(want);
    const got = await runOnnx(bytes, { image: image.onnx, ...(masksInside ? {} : masks) });
    if (masksInside) for (const [name, mask] of Object.entries(masks)) expect([name, got[name]]).toEqual([name, mask]);
    for (const [name, map] of Object.entries(want.maps)) expectEqual(got[name], map, `${name} of ${height}x${width}`);
    const values = Object.values(masks).flatMap(({ data }) => Array.from(data));
    densities.push(values.reduce((sum, value) => sum + value, 0) / values.length);
    tf.dispose([image.tf, want as unknown as tf.TensorContainer]);
  }
  return densities;
}

interface Reference {
  maps: Record<string, tf.Tensor>;
  samples: BackboneOutput['samples'];
}

function reference(model: TestModel, image: tf.Tensor4D, mode: string, sampler: Sampler): Reference {
  return tf.tidy(() => {
    const context: ForwardContext = mode === 'dense' ? { mode: 'dense' } : { mode: 'inference', sampler };
    const { features, samples, logits } = model.backbone.forward(model.params, image, context);
    const maps: Record<string, tf.Tensor> = {};
    for (const [s, map] of features.entries()) maps[`c${s + 2}`] = map;
    for (const [s, map] of (model.pyramid?.forward(model.pyramidParams, features) ?? []).entries()) maps[`p${s + 2}`] = map;
    if (logits) maps.logits = logits;
    return { maps, samples } as unknown as tf.TensorContainer;
  }) as unknown as Reference;
}

function masksOf({ samples }: Reference): Record<string, Values> {
  return Object.fromEntries(
    samples.flatMap(({ name, mask1, mask2 }) => [
      [`${name}.mask1`, nchw(mask1)],
      [`${name}.mask2`, nchw(mask2)],
    ]),
  );
}
