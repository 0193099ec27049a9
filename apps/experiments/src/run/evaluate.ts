// Evaluation: hard masks, inference order; the task's metrics, densities and MACs measured on every image with the masks drawn.

import { type BackboneLayout, type BlockDensities, type BlockSamples, countMacs } from '@stint/backbones';
import { emptyWindows, type Sampler } from '@stint/core-sampling';
import type { ImageBatch } from '@stint/datasets';
import type { MacSummary } from '@stint/report';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import type { RunData } from '../task/task.ts';
import { addCosts, average, costOf, type ImageCost, summariseCosts } from './cost.ts';
import type { Model } from './model.ts';
import type { RunResult } from './result.ts';

export interface Evaluation {
  metrics: Record<string, number>;
  macs: MacSummary;
  densities: RunResult['densities'];
  emptyWindows?: number;
  images: number;
  /** What the run's folder gets of it. */
  files: Record<string, string | Uint8Array>;
}

/** What is in the images of a batch; `key` names the noise of its masks. */
export type Predict = (batch: ImageBatch, key: readonly number[]) => BatchResult | Promise<BatchResult>;

export interface BatchResult {
  /** Of each image, in the form of the task. */
  found: unknown[];
  /** Each time that the network saw the batch, whole or a window of every image. */
  looks: NetworkLook[];
}

export interface NetworkLook {
  /** [H, W] of what it saw. */
  size: readonly [number, number];
  /** Sampled share of each block's masks, an entry an image; none for a dense network. */
  densities: { name: string; masks: PerMask<ArrayLike<number>> }[];
  /** Share of the positions whose window holds no sample, mean over images and masks; where it is known. */
  emptyWindows?: number;
}

/** One value for each mask of a block; the third where conv3 has a mask of its own. */
export interface PerMask<T> {
  mask1: T;
  mask2: T;
  mask3?: T;
}

export interface EvaluateOptions {
  config: RunConfig;
  model: Model;
  data: RunData;
  /** 'training' interpolates before conv3, as training does; the result then says how far the two orders differ. */
  order?: 'inference' | 'training';
  onBatch?(done: number): void;
}

/** Evaluates the model on the validation set with TensorFlow; several draws of a stochastic sampler are averaged. */
export async function evaluateModel({ config, model, data, order, onBatch }: EvaluateOptions): Promise<Evaluation> {
  return evaluatePredictions({ config, backbone: model.network.backbone, data, predict: tfjsPredict(model, config, order), onBatch });
}

/** Evaluates whatever predicts; several draws of a stochastic sampler are averaged. */
export async function evaluatePredictions(options: PredictionEvaluation): Promise<Evaluation> {
  const { evaluate } = options.config;
  const draws: Evaluation[] = [];
  for (let draw = 0; draw < evaluate.draws; draw++) draws.push(await evaluateOnce(options, draw));
  const names = Object.keys(draws[0].metrics);
  const metrics = Object.fromEntries(names.map((name) => [name, average(draws.map((result) => result.metrics[name]))]));
  return { ...draws[0], metrics };
}

export interface PredictionEvaluation {
  config: RunConfig;
  /** Whose MACs are counted. */
  backbone: BackboneLayout;
  data: RunData;
  predict: Predict;
  onBatch?(done: number): void;
}

function tfjsPredict(model: Model, { evaluate, model: { sampling } }: RunConfig, order?: 'inference' | 'training'): Predict {
  const dense = sampling.integration === 'dense' || evaluate.sampler === 'dense';
  const { network, params } = model;
  return (batch, key) =>
    tf.tidy(() => {
      const looks: NetworkLook[] = [];
      const look = (images: tf.Tensor4D): tf.Tensor4D[] => {
        const { maps, samples } = network.forward(params, images, {
          mode: dense ? 'dense' : 'inference',
          // Each window has noise of its own.
          sampler: samplerOf(evaluate, sampling, looks.length === 0 ? key : [...key, looks.length]),
          shift: evaluate.shift,
          order,
        });
        looks.push({
          size: [images.shape[1], images.shape[2]],
          densities: samples.map((block) => ({ name: block.name, masks: eachMask(masksOf(block), imageMeans) })),
          emptyWindows: samples.length > 0 ? emptyShare(samples, sampling).dataSync()[0] : undefined,
        });
        return maps;
      };
      const found = network.head.predict(params, batch, look, evaluate);
      return { found, looks } as unknown as tf.TensorContainer; // plain arrays: nothing for tidy to free
    }) as unknown as BatchResult;
}

async function evaluateOnce({ config, backbone, data, predict, onBatch }: PredictionEvaluation, draw: number): Promise<Evaluation> {
  const { evaluate } = config;
  const scoring = data.scoring();
  const costs: ImageCost[] = [];
  const blocks = new Map<string, PerMask<number[]>>();
  const empty: number[] = [];
  let done = 0;
  for await (const batch of data.valBatches(evaluate.batchSize, evaluate.scale)) {
    const [n] = batch.shape;
    const { found, looks } = await predict(batch, [config.seed, 1_000_000 + draw, batch.ids[0]]);
    await scoring.add(found, batch);
    for (let i = 0; i < n; i++) {
      const reports = looks.map(({ size, densities }) => {
        const own = densitiesOf(densities, i);
        for (const [name, block] of Object.entries(own)) {
          const lists = blocks.get(name) ?? eachMask(block, (): number[] => []);
          eachMask(block, (density, mask) => lists[mask]!.push(density));
          blocks.set(name, lists);
        }
        return costOf(countMacs(backbone, [...size], densities.length > 0 ? own : undefined));
      });
      costs.push(reports.reduce(addCosts));
    }
    for (const { emptyWindows: share } of looks) if (share !== undefined) for (let i = 0; i < n; i++) empty.push(share);
    done += n;
    onBatch?.(done);
  }
  return {
    ...scoring.finish(),
    macs: summariseCosts(costs),
    densities: Object.fromEntries([...blocks].map(([name, lists]) => [name, eachMask(lists, average)])),
    ...(empty.length > 0 && { emptyWindows: average(empty) }),
    images: done,
  };
}

/** Of one image. */
function densitiesOf(densities: NetworkLook['densities'], image: number): Record<string, BlockDensities> {
  return Object.fromEntries(densities.map(({ name, masks }) => [name, eachMask(masks, (values) => values[image])]));
}

/** How an evaluation draws its masks. */
export function samplerOf(evaluate: RunConfig['evaluate'], sampling: RunConfig['model']['sampling'], key: readonly number[]): Sampler {
  return { kind: evaluate.sampler, interval: evaluate.interval ?? sampling.interval, density: evaluate.density, key };
}

/** Share of the positions whose window holds no sample, mean over the masks. */
export function emptyShare(samples: readonly BlockSamples[], { interpolation: { window } }: RunConfig['model']['sampling']): tf.Scalar {
  return tf.tidy(() => {
    const shares = samples.flatMap((block) => Object.values(masksOf(block)).map((mask: tf.Tensor4D) => emptyWindows(mask, window)));
    return tf.div(tf.addN(shares), shares.length) as tf.Scalar;
  });
}

/** The masks that were drawn in a block. */
export function masksOf({ mask1, mask2, mask3 }: BlockSamples): PerMask<tf.Tensor4D> {
  return mask3 ? { mask1, mask2, mask3 } : { mask1, mask2 };
}

/** The same for each mask that there is. */
export function eachMask<T, R>({ mask1, mask2, mask3 }: PerMask<T>, of: (value: T, mask: keyof PerMask<T>) => R): PerMask<R> {
  const both = { mask1: of(mask1, 'mask1'), mask2: of(mask2, 'mask2') };
  return mask3 === undefined ? both : { ...both, mask3: of(mask3, 'mask3') };
}

/** Mean of each image of [N,H,W,1]. */
function imageMeans(mask: tf.Tensor4D): Float32Array {
  return tf.tidy(() => tf.mean(mask, [1, 2, 3]).dataSync() as Float32Array);
}
