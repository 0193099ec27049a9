// Networks for tests: between tensors and plain arrays, and the masked network that pruning must equal.
import { fpn, type Params, resnet } from '@stint/backbones';
import * as tf from '@tensorflow/tfjs-core';
import { prefixes } from '../src/network.ts';
import type { Entries, ModelDescription, NamedTensor, PrunedGroup } from '../src/types.ts';

export const toEntries = (params: Params): Map<string, NamedTensor> =>
  new Map(Object.entries(params).map(([name, value]) => [name, { shape: value.shape, data: value.dataSync() as Float32Array }]));

export const toParams = (entries: Entries, prefix = ''): Params =>
  Object.fromEntries(
    [...entries]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { shape, data }]) => [name.slice(prefix.length), tf.tensor(data, [...shape])]),
  );

/** Weights of backbone and pyramid, with scales, shifts, statistics and biases that are not 0 and 1. */
export function weights(description: ModelDescription, seed = 1): Map<string, NamedTensor> {
  const backbone = resnet(description.backbone);
  const pyramid = description.fpn && fpn({ inChannels: backbone.outChannels, ...description.fpn });
  const prefix = prefixes(description);
  const started = {
    ...renamed(backbone.initialise(seed), prefix.backbone),
    ...(pyramid ? renamed(pyramid.initialise(seed), prefix.fpn) : {}),
  };
  Object.entries(started).forEach(([name, value], i) => {
    const noise = (deviation: number) => tf.randomNormal(value.shape, 0, deviation, 'float32', 1000 * seed + i);
    if (/mask\.weight$|filter$/.test(name)) started[name] = noise(0.3);
    else if (name.endsWith('running_var')) started[name] = tf.add(1, tf.square(noise(0.5)));
    else if (name.endsWith('mask.bias')) started[name] = tf.add(0.2, noise(0.1));
    else if (value.rank === 1 && !name.endsWith('sigma')) started[name] = tf.add(value, noise(0.4));
  });
  return toEntries(started);
}

const renamed = (params: Params, before: string): Params =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [before + name, value]));

/** The whole network in which the channels that went say nothing: their batch norms' scale and shift, or else filter and bias, are 0. */
export function masked(entries: Entries, groups: readonly PrunedGroup[]): Map<string, NamedTensor> {
  const result = new Map(entries);
  const silence = (name: string, kept: Set<number>) => {
    const { shape, data } = result.get(name)!;
    result.set(name, { shape, data: data.map((value, i) => (kept.has(i % shape[shape.length - 1]) ? value : 0)) });
  };
  for (const { layers, kept } of groups) {
    for (const layer of layers) {
      const norm = layer.replace(/conv(\d)$/, 'bn$1').replace(/downsample\.0$/, 'downsample.1');
      for (const part of ['weight', 'bias']) silence(`${entries.has(`${norm}.weight`) ? norm : layer}.${part}`, new Set(kept));
    }
  }
  return result;
}

/** Fails where two tensors differ by more than `tolerance` of the largest value. */
export function expectSame(got: tf.Tensor, want: tf.Tensor, tolerance = 1e-5): void {
  expect(got.shape).toEqual(want.shape);
  const [difference, largest] = [tf.sub(got, want), want].map((x) => tf.max(tf.abs(x)).dataSync()[0]);
  expect(difference).toBeLessThanOrEqual(tolerance * (1 + largest));
}
