// Small random networks, once as tfjs functions and once as a checkpoint: the two sides that the tests compare.
import { fpn, type Params, type ResNetConfig, resnet, type SamplingConfig } from '@stint/backbones';
import { normalValues, uniformValues } from '@stint/core-sampling';
import { fasterRcnn, oneStage } from '@stint/detection-head';
import { fcn, fpnDecoder } from '@stint/segmentation-head';
import * as tf from '@tensorflow/tfjs-core';
import { BODY, type Checkpoint, PYRAMID } from '../src/checkpoint.ts';
import { type HeadDescription, isSegmentation, type ModelDescription } from '../src/description.ts';

export const sampling = (kind: SamplingConfig['interpolation']['kind'] = 'rbf', options: Partial<SamplingConfig> = {}): SamplingConfig => ({
  integration: 'two-masks',
  interval: 5,
  interpolation: { kind, window: 7, sigma: 1.5 },
  bias: 0,
  ...options,
});

export const small = (options: Partial<ResNetConfig> = {}): ResNetConfig => ({
  stem: { kind: 'small', widths: [5, 12] },
  layers: [2, 1],
  planes: [6, 10],
  expansion: 2,
  sampling: sampling(),
  ...options,
});

/** A head that fits the backbone `small()` and a pyramid of 8 channels at its finest level. */
export const oneStageHead = (options: object = {}): HeadDescription => ({
  kind: 'one-stage',
  classes: 3,
  channels: 8,
  strides: [4],
  width: 9,
  convs: 1,
  scoreThreshold: 0.01,
  ...options,
});

/** Values of every parameter, so that masks vary over the image and no running statistic is trivial. The caller owns the tensors. */
function values(parameters: readonly { name: string; shape: number[]; role: string }[], seed: number): Params {
  return Object.fromEntries(
    parameters.map(({ name, shape, role }, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const key = [seed, i];
      if (role === 'norm-variance' || role === 'norm-scale') {
        return [
          name,
          tf.tensor(
            uniformValues(size, key).map((value) => 0.5 + value),
            shape,
          ),
        ];
      }
      if (role === 'sigma') return [name, tf.fill(shape, 1 + uniformValues(1, key)[0])];
      const fan = role === 'mask-weight' ? 0.05 : shape.length > 1 ? Math.sqrt(2 / (size / shape[shape.length - 1])) : 0.1;
      return [
        name,
        tf.tensor(
          normalValues(size, key).map((value) => value * fan),
          shape,
        ),
      ];
    }),
  );
}

/** A model on both sides. Call `dispose` at the end. */
export function model(description: ModelDescription, seed = 1) {
  const backbone = resnet(description.backbone);
  const pyramid = description.fpn && fpn({ inChannels: backbone.outChannels, ...description.fpn });
  const { head: config } = description;
  const segmenter = config && isSegmentation(config) ? (config.kind === 'fcn' ? fcn(config) : fpnDecoder(config)) : undefined;
  const head = config && !isSegmentation(config) ? (config.kind === 'one-stage' ? oneStage(config) : fasterRcnn(config)) : undefined;
  const parts = [
    { prefix: pyramid ? BODY : '', part: backbone },
    { prefix: PYRAMID, part: pyramid },
    { prefix: '', part: head ?? segmenter },
  ].flatMap(({ prefix, part }) => (part ? [{ prefix, params: values(part.parameters, seed + prefix.length) }] : []));
  const params: Params = Object.assign({}, ...parts.map(({ prefix, params }) => withPrefix(params, prefix)));
  const checkpoint: Checkpoint = {
    description,
    tensors: new Map(
      Object.entries(params).map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync() as Float32Array }]),
    ),
    metadata: {},
    source: 'test',
  };
  const [{ params: body }, neck] = parts;
  return { backbone, pyramid, head, segmenter, checkpoint, body, neck: neck?.params, params, dispose: () => tf.dispose(params) };
}

const withPrefix = (params: Params, prefix: string): Params =>
  Object.fromEntries(Object.entries(params).map(([name, tensor]) => [prefix + name, tensor]));

/** Normalised floats [height,width,3]. */
export const image = (height: number, width: number, seed = 7) => ({ data: normalValues(height * width * 3, [seed]), height, width });

/** Zeros right and below, as batches have them. */
export function padded({ data, height, width }: { data: Float32Array; height: number; width: number }): tf.Tensor4D {
  const [h, w] = [height, width].map((size) => Math.ceil(size / 32) * 32);
  return tf.pad(tf.tensor4d(data, [1, height, width, 3]), [
    [0, 0],
    [0, h - height],
    [0, w - width],
    [0, 0],
  ]);
}

export const maskBytes = (mask: tf.Tensor) => Uint8Array.from(mask.dataSync());
