// Runs exported models in onnxruntime, and makes the TensorFlow.js networks they are held against: same parameters, images and masks.
import { type Backbone, type Fpn, type FpnConfig, fpn, type ParameterSpec, type Params, type ResNetConfig, resnet } from '@stint/backbones';
import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expectClose } from '../../../tools/jest/fixtures.ts';
import type { Parameter } from '../src/parameters.ts';

/** NCHW. */
export interface Values {
  dims: readonly number[];
  data: Float32Array;
}

/** One run of a model on one thread; inputs and outputs by name. */
export async function runOnnx(model: Uint8Array, inputs: Record<string, Values>): Promise<Record<string, Values>> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  try {
    const feeds = Object.entries(inputs).map(([name, { dims, data }]) => [name, new Tensor('float32', data, dims)]);
    const results = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(Object.entries(results).map(([name, { dims, data }]) => [name, { dims, data: data as Float32Array }]));
  } finally {
    await session.release();
  }
}

export interface TestModel {
  backbone: Backbone;
  pyramid?: Fpn;
  params: Params;
  pyramidParams: Params;
  /** All of it under a detector's names, as exportOnnx takes it. */
  named: Map<string, Parameter>;
}

/** A network whose norms, masks and sigmas are as uneven as trained ones; a pure function of the seed. */
export function testModel(config: ResNetConfig, seed: number, pyramidConfig?: Omit<FpnConfig, 'inChannels'>): TestModel {
  const backbone = resnet(config);
  const params = uneven(backbone.initialise(seed), backbone.parameters, seed);
  const pyramid = pyramidConfig && fpn({ inChannels: backbone.outChannels, ...pyramidConfig });
  const pyramidParams = pyramid ? uneven(pyramid.initialise(seed), pyramid.parameters, seed + 1) : {};
  const named = new Map([...toMap(params, 'backbone.body.'), ...toMap(pyramidParams, 'backbone.fpn.')]);
  return { backbone, pyramid, params, pyramidParams, named };
}

export function toMap(params: Params, prefix = ''): Map<string, Parameter> {
  return new Map(
    Object.entries(params).map(([name, tensor]) => [prefix + name, { shape: tensor.shape, data: tensor.dataSync() as Float32Array }]),
  );
}

const RANGES: Partial<Record<ParameterSpec['role'], [number, number]>> = {
  'norm-scale': [0.5, 1.5],
  'norm-variance': [0.5, 1.5],
  'norm-shift': [-0.3, 0.3],
  'norm-mean': [-0.3, 0.3],
  bias: [-0.3, 0.3],
  'mask-weight': [-0.5, 0.5],
  'mask-bias': [-0.5, 0.1],
  sigma: [0.8, 3.2],
  filter: [-0.1, 0.2],
};

function uneven(params: Params, specs: readonly ParameterSpec[], seed: number): Params {
  return Object.fromEntries(
    specs.map(({ name, role, shape }, i) => {
      const range = RANGES[role];
      return [name, range ? tf.randomUniform(shape, ...range, 'float32', 100 * seed + i + 1) : params[name]];
    }),
  );
}

/** An image [1,3,H,W] of noise, for both engines. */
export function testImage(height: number, width: number, seed: number): { onnx: Values; tf: tf.Tensor4D } {
  const image = tf.randomUniform([1, height, width, 3], -2, 2, 'float32', seed) as tf.Tensor4D;
  return { onnx: nchw(image), tf: image };
}

/** [1,H,W,C] -> [1,C,H,W]. */
export function nchw(map: tf.Tensor4D): Values {
  const turned = tf.tidy(() => tf.transpose(map, [0, 3, 1, 2]));
  const data = turned.dataSync() as Float32Array;
  const dims = [...turned.shape];
  turned.dispose();
  return { dims, data };
}

/** Shapes equal, values within 1e-4 (and 1e-4 of the value). `want` is a map in our layout or a matrix. */
export function expectEqual(got: Values, want: tf.Tensor, label: string): void {
  const { dims, data } = want.rank === 4 ? nchw(want as tf.Tensor4D) : { dims: want.shape, data: want.dataSync() as Float32Array };
  expect([label, ...got.dims]).toEqual([label, ...dims]);
  expectClose(got.data, data, { rtol: 1e-4, atol: 1e-4 }, label);
}
