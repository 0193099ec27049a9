// Fine-tuning of one arm: soft masks, falling temperature, L = L_task + gamma L_sparse (paper, section 3). Batch norm is frozen.

import { sparseLoss, temperatureAt } from '@stint/core-sampling';
import type { ImageBatch } from '@stint/datasets';
import { type CheckpointInfo, type LossTerms, type StepRecord, type TrainResult, trainLoop } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/schema.ts';
import type { RunData } from './batches.ts';
import { type Model, metadataOf } from './model.ts';
import { optimizerOf, scheduleOf } from './optimisation.ts';

export interface FineTuneOptions {
  config: RunConfig;
  model: Model;
  data: RunData;
  /** Where checkpoints go. */
  directory: string;
  /** Restores a checkpoint into what it is given and says where training goes on; undefined: from the start. */
  resume?(state: { variables: Model['variables']; buffers: Model['buffers']; optimizer: ReturnType<typeof optimizerOf> }): CheckpointInfo;
  onStep?(record: StepRecord): void;
  onStart?(step: number): void;
  signal?: AbortSignal;
}

/** Trains the model in place; checkpoints go to `directory`. */
export async function fineTune({ config, model, data, directory, resume, onStep, onStart, signal }: FineTuneOptions): Promise<TrainResult> {
  const { train, loss } = config;
  const { detector, variables, buffers, params } = model;
  const optimizer = optimizerOf(train, variables);
  const info = resume?.({ variables, buffers, optimizer });
  onStart?.(info?.step ?? 0);
  try {
    return await trainLoop<ImageBatch>({
      totalSteps: train.steps,
      variables,
      optimizer,
      schedule: scheduleOf(train),
      clipNorm: train.clip ?? undefined,
      batch: (step) => data.trainBatch(step, train.batchSize, config.seed),
      loss: (batch, step) => {
        const temperature = temperatureAt(step, train.steps, train.temperature);
        const { pyramid, samples } = detector.forward(params, tf.tensor4d(batch.images, batch.shape), {
          mode: config.model.sampling.integration === 'dense' ? 'dense' : 'train',
          temperature,
          key: [config.seed, step],
        });
        const terms: LossTerms = detector.head.losses(
          params,
          pyramid,
          { boxes: batch.boxes, labels: batch.labels, ignore: batch.ignore },
          { imageSize: [batch.shape[1], batch.shape[2]], key: [config.seed, step, 1] },
        );
        if (samples.length > 0) {
          terms.sparse = sparseLoss(
            samples.map(({ probability1, probability2, probability3 }) => ({
              mask1: probability1,
              mask2: probability2,
              mask3: probability3,
            })),
          );
        }
        return terms;
      },
      weights: { ...loss.tasks, ...(config.model.sampling.integration === 'dense' ? {} : { sparse: loss.sparseWeight }) },
      checkpoint: { directory, every: train.checkpointEvery, buffers, random: { seed: config.seed }, metadata: metadataOf(model) },
      resume: info,
      onStep,
      signal,
    });
  } finally {
    optimizer.dispose();
  }
}
