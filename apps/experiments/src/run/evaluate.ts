// Evaluation: hard masks, inference order; AP by COCO's rules, densities and MACs measured on every image with the masks drawn.

import { type BackboneLayout, type BlockDensities, type BlockSamples, countMacs, type MacReport } from '@stint/backbones';
import { emptyWindows, type Sampler } from '@stint/core-sampling';
import type { ImageBatch } from '@stint/datasets';
import { type CocoDetection, cocoAp } from '@stint/metrics';
import type { MacSummary, Spread } from '@stint/report';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import type { RunData } from './batches.ts';
import type { Model } from './model.ts';
import type { RunResult } from './result.ts';

export interface Evaluation {
  metrics: Record<string, number>;
  macs: MacSummary;
  densities: RunResult['densities'];
  emptyWindows?: number;
  images: number;
  detections: CocoDetection[];
}

/** Finds the objects of a batch; `key` names the noise of its masks. */
export type Detect = (batch: ImageBatch, key: readonly number[]) => BatchResult | Promise<BatchResult>;

export interface BatchResult {
  /** Objects of each image, boxes in the batch's pixels. */
  found: { boxes: Float32Array; scores: Float32Array; labels: Int32Array }[];
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

const METRICS = ['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl'];

/** Evaluates the model on the validation set with TensorFlow; several draws of a stochastic sampler are averaged. */
export async function evaluateModel({ config, model, data, order, onBatch }: EvaluateOptions): Promise<Evaluation> {
  return evaluateDetector({ config, backbone: model.detector.backbone, data, detect: tfjsDetector(model, config, order), onBatch });
}

/** Evaluates whatever finds objects; several draws of a stochastic sampler are averaged. */
export async function evaluateDetector(options: DetectorEvaluation): Promise<Evaluation> {
  const { evaluate } = options.config;
  const draws: Evaluation[] = [];
  for (let draw = 0; draw < evaluate.draws; draw++) draws.push(await evaluateOnce(options, draw));
  const metrics = Object.fromEntries(METRICS.map((name) => [name, average(draws.map((result) => result.metrics[name]))]));
  return { ...draws[0], metrics };
}

export interface DetectorEvaluation {
  config: RunConfig;
  /** Whose MACs are counted. */
  backbone: BackboneLayout;
  data: RunData;
  detect: Detect;
  onBatch?(done: number): void;
}

function tfjsDetector(model: Model, { evaluate, model: { sampling } }: RunConfig, order?: 'inference' | 'training'): Detect {
  const dense = sampling.integration === 'dense' || evaluate.sampler === 'dense';
  const { detector, params } = model;
  return (batch, key) =>
    tf.tidy(() => {
      const { pyramid, samples } = detector.forward(params, tf.tensor4d(batch.images, batch.shape), {
        mode: dense ? 'dense' : 'inference',
        sampler: samplerOf(evaluate, sampling, key),
        shift: evaluate.shift,
        order,
      });
      const [, height, width] = batch.shape;
      return {
        found: detector.head.detect(params, pyramid, batch.sizes, [height, width]),
        densities: samples.map((block) => ({ name: block.name, masks: eachMask(masksOf(block), imageMeans) })),
        emptyWindows: samples.length > 0 ? emptyShare(samples, sampling).dataSync()[0] : undefined,
      } as unknown as tf.TensorContainer; // plain arrays: nothing for tidy to free
    }) as unknown as BatchResult;
}

async function evaluateOnce({ config, backbone, data, detect, onBatch }: DetectorEvaluation, draw: number): Promise<Evaluation> {
  const { evaluate } = config;
  const detections: CocoDetection[] = [];
  const reports: MacReport[] = [];
  const blocks = new Map<string, PerMask<number[]>>();
  const empty: number[] = [];
  let done = 0;
  for await (const batch of data.valBatches(evaluate.batchSize, evaluate.scale)) {
    const [n, height, width] = batch.shape;
    const { found, densities: batchDensities, emptyWindows } = await detect(batch, [config.seed, 1_000_000 + draw, batch.ids[0]]);
    found.forEach((image, i) => {
      detections.push(...toCoco(image, batch, i, data.categories));
    });
    for (let i = 0; i < n; i++) {
      const densities: Record<string, BlockDensities> = Object.fromEntries(
        batchDensities.map(({ name, masks }) => [name, eachMask(masks, (values) => values[i])]),
      );
      reports.push(countMacs(backbone, [height, width], batchDensities.length > 0 ? densities : undefined));
      for (const [name, block] of Object.entries(densities)) {
        const lists = blocks.get(name) ?? eachMask(block, (): number[] => []);
        eachMask(block, (density, mask) => lists[mask]!.push(density));
        blocks.set(name, lists);
      }
    }
    if (emptyWindows !== undefined) for (let i = 0; i < n; i++) empty.push(emptyWindows);
    done += n;
    onBatch?.(done);
  }
  const { stats } = cocoAp(data.groundTruth(), detections);
  return {
    metrics: Object.fromEntries(METRICS.map((name, i) => [name, stats[i] < 0 ? -1 : 100 * stats[i]])),
    macs: summarise(reports),
    densities: Object.fromEntries([...blocks].map(([name, lists]) => [name, eachMask(lists, average)])),
    ...(empty.length > 0 && { emptyWindows: average(empty) }),
    images: done,
    detections,
  };
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

function toCoco(
  { boxes, scores, labels }: { boxes: Float32Array; scores: Float32Array; labels: Int32Array },
  batch: ImageBatch,
  image: number,
  categories: RunData['categories'],
): CocoDetection[] {
  const { x, y } = batch.scales[image];
  return Array.from(scores, (score, k) => {
    const [x1, y1, x2, y2] = boxes.subarray(4 * k, 4 * k + 4);
    return {
      image_id: batch.ids[image],
      category_id: categories[labels[k]].id,
      bbox: [x1 / x, y1 / y, (x2 - x1) / x, (y2 - y1) / y] as [number, number, number, number],
      score,
    };
  });
}

function summarise(reports: MacReport[]): MacSummary {
  const spread = (pick: (report: MacReport) => number): Spread => {
    const values = reports.map(pick);
    const centre = average(values);
    return { mean: centre, std: Math.sqrt(average(values.map((value) => (value - centre) ** 2))) };
  };
  return {
    dense: spread((report) => report.dense),
    conditional: spread((report) => report.conditional),
    mask: spread((report) => report.mask),
    interpolation: {
      direct: spread((report) => report.interpolation.direct),
      separable: spread((report) => report.interpolation.separable),
    },
    total: { direct: spread((report) => report.total.direct), separable: spread((report) => report.total.separable) },
    reference: average(reports.map((report) => report.denseTotal)),
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
