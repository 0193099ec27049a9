// What tells detection, segmentation and classification apart. Everything else of a run is common: layers, arms, sharing, pretraining, checkpoints,
// sampling, sparse losses, distillation, cost, report.
import type { ParameterSpec, Params } from '@stint/backbones';
import type { ImageBatch } from '@stint/datasets';
import type { ModelDescription } from '@stint/runtime';
import type { LossTerms } from '@stint/training';
import type * as tf from '@tensorflow/tfjs-core';
import type { DataConfig, EvaluateConfig, HeadConfig, ModelConfig } from '../config/schema.ts';
import type { TaskKind } from './kinds.ts';

export interface Category {
  /** In the dataset's own files. */
  id: number;
  name: string;
  /** What it is painted in: red, green, blue, 0..255. */
  color?: [number, number, number];
}

/**
 * A task. `Batch` is what its data give and its head reads; `Found` is what the head makes of one image.
 * Methods, not properties: a task of its own batches is then a task of any.
 */
export interface Task<Batch extends ImageBatch = ImageBatch, Found = unknown> {
  readonly kind: TaskKind;
  /** Opens both splits. Rejects with the datasets' own messages. */
  openData(config: DataConfig, root: string): Promise<RunData<Batch, Found>>;
  /** What a checkpoint says of its network, but for the names of its labels. */
  describe(model: ModelConfig, categories: readonly Category[]): ModelDescription;
  /** @param settings what a description does not say: weights of classes and the like; only the losses depend on them. */
  createHead(description: ModelDescription, settings?: HeadConfig): TaskHead<Batch, Found>;
}

export interface TaskHead<Batch extends ImageBatch = ImageBatch, Found = unknown> {
  readonly parameters: readonly ParameterSpec[];
  initialise(seed: number): Params;
  /** Loss terms by name. `maps`: the pyramid, or the backbone's features where there is none. */
  losses(
    params: Params,
    maps: tf.Tensor4D[],
    batch: Batch,
    context: { imageSize: readonly [number, number]; key: readonly number[] },
  ): LossTerms;
  /** What it says of every cell or image, before it is decoded: for distillation. */
  outputs(params: Params, maps: tf.Tensor4D[], imageSize: readonly [number, number]): tf.Tensor[];
  /** What is in each image of the batch. `look` runs the network on images; each look is recorded with its masks and its cost. */
  predict(params: Params, batch: Batch, look: Look, evaluate: EvaluateConfig): Found[];
}

/** Images [N,H,W,3] -> maps as in training. */
export type Look = (images: tf.Tensor4D) => tf.Tensor4D[];

/** What a run reads of its dataset. Everything is plain arrays; tensors are made where they are used. */
export interface RunData<Batch extends ImageBatch = ImageBatch, Found = unknown> {
  /** Name and id of each label. */
  categories: Category[];
  trainLength: number;
  /** A pure function of its arguments, so that a run resumes at any step. `scale` of the images' sides; default 1. */
  trainBatch(step: number, batchSize: number, seed: number, scale?: number): Promise<Batch>;
  valLength: number;
  /** Every evaluation image once; all images of a batch have one size. `scale` as above, rounded to multiples of 32. */
  valBatches(batchSize: number, scale?: number): AsyncIterable<Batch>;
  /** A fresh count of what is found in the evaluation images. */
  scoring(): Scoring<Batch, Found>;
  /** Images that were left out because they could not be read. */
  skipped: number;
  /** What was left out or repaired, a sentence each, for the person who runs it. */
  notices: string[];
}

export interface Scoring<Batch extends ImageBatch = ImageBatch, Found = unknown> {
  /** Takes what was found in the images of a batch of `valBatches`. */
  add(found: readonly Found[], batch: Batch): void | Promise<void>;
  /** When every image has been added. */
  finish(): Scores;
}

export interface Scores {
  /** In percent, by the names of kinds.ts. */
  metrics: Record<string, number>;
  /** What the run's folder gets, by file. */
  files: Record<string, string | Uint8Array>;
}
