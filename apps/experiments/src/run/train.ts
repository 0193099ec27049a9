// Fine-tuning of one arm: soft masks, falling temperature, L = L_task + gamma L_sparse (paper, section 3), and with a teacher + weight L_distance.
// Batch norm is frozen.

import type { ForwardContext } from '@stint/backbones';
import { temperatureAt, uniformValues } from '@stint/core-sampling';
import type { ImageBatch } from '@stint/datasets';
import { type CheckpointInfo, type LossTerms, type StepRecord, type TrainResult, trainLoop } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import type { RunData } from '../task/task.ts';
import { distance, type Teacher, taught } from './distillation.ts';
import { emptyShare } from './evaluate.ts';
import { type Model, metadataOf } from './model.ts';
import { optimizerOf, scheduleOf } from './optimisation.ts';
import { sparseTerm } from './sparse-terms.ts';

export interface FineTuneOptions {
  config: RunConfig;
  model: Model;
  data: RunData;
  /** Needed for distillation. */
  teacher?: Teacher;
  /** Where checkpoints go. */
  directory: string;
  /** Restores a checkpoint into what it is given and says where training goes on; undefined: from the start. */
  resume?(state: { variables: Model['variables']; buffers: Model['buffers']; optimizer: ReturnType<typeof optimizerOf> }): CheckpointInfo;
  onStep?(record: StepRecord): void;
  onStart?(step: number): void;
  signal?: AbortSignal;
}

/** A batch and what the teacher made of it. */
interface Lesson extends ImageBatch {
  shown?: tf.Tensor[];
}

/** Trains the model in place; checkpoints go to `directory`. */
export async function fineTune(options: FineTuneOptions): Promise<TrainResult> {
  const { config, model, data, teacher, directory, resume, onStep, onStart, signal } = options;
  const { train, loss, seed } = config;
  const { variables, buffers } = model;
  const optimizer = optimizerOf(train, variables);
  const info = resume?.({ variables, buffers, optimizer });
  onStart?.(info?.step ?? 0);
  try {
    return await trainLoop<Lesson>({
      totalSteps: train.steps,
      variables,
      optimizer,
      schedule: scheduleOf(train),
      clipNorm: train.clip ?? undefined,
      batch: async (step) => {
        const batch = await data.trainBatch(step, train.batchSize, seed, scaleAt(step, seed, train.scales));
        return teacher ? { ...batch, shown: teacher.show(batch) } : batch;
      },
      releaseBatch: ({ shown }) => tf.dispose(shown),
      loss: (batch, step) => termsOf(options, batch, step),
      weights: { ...loss.tasks, ...weightsOf(config) },
      checkpoint: { directory, every: train.checkpointEvery, buffers, random: { seed }, metadata: metadataOf(model) },
      resume: info,
      onStep,
      signal,
    });
  } finally {
    optimizer.dispose();
  }
}

function termsOf({ config, model: { network, params } }: FineTuneOptions, batch: Lesson, step: number): LossTerms {
  const { seed, loss, model } = config;
  const imageSize = [batch.shape[1], batch.shape[2]] as const;
  const { maps, samples } = network.forward(params, tf.tensor4d(batch.images, batch.shape), contextAt(step, config));
  const terms: LossTerms = network.head.losses(params, maps, batch, { imageSize, key: [seed, step, 1] });
  if (batch.shown) terms.distillation = distance(taught(loss.distillation!.kind, { network, params }, maps, imageSize), batch.shown);
  if (samples.length > 0) {
    terms.sparse = sparseTerm(loss, network.backbone, samples, imageSize);
    terms.empty_windows = emptyShare(samples, model.sampling);
  }
  return terms;
}

function contextAt(step: number, { seed, train, model: { sampling } }: RunConfig): ForwardContext {
  if (sampling.integration === 'dense') return { mode: 'dense' };
  return {
    mode: 'train',
    order: train.order,
    temperature: temperatureAt(step, train.steps, train.temperature),
    key: [seed, step],
    // Equal noise for both classes cancels: the mask is sigmoid(logits / temperature).
    noise: train.sampler === 'deterministic' ? (_block, _head, shape) => ({ u: tf.fill(shape, 0.5), v: tf.fill(shape, 0.5) }) : undefined,
  };
}

/** Weights of the terms beside the task's. How much is empty is only logged. */
function weightsOf({ loss, model: { sampling } }: RunConfig): Record<string, number> {
  return {
    ...(loss.distillation && { distillation: loss.distillation.weight }),
    ...(sampling.integration !== 'dense' && { sparse: loss.sparseWeight, empty_windows: 0 }),
  };
}

/** Image size relative to the data's, drawn for each step from the configured ones. */
export function scaleAt(step: number, seed: number, scales: readonly number[] | undefined): number {
  if (!scales) return 1;
  return scales[Math.floor(uniformValues(1, [seed, step, 7])[0] * scales.length)];
}
