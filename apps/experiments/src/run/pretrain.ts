// Dense training from the initial weights with batch statistics: the network that every arm starts from. Made once for each
// configuration and kept in a cache folder by its hash; two processes that need the same one take turns.
import fs from 'node:fs';
import path from 'node:path';
import { uniformValues } from '@stint/core-sampling';
import type { ImageBatch } from '@stint/datasets';
import { slimmingPenalty, slimmingScales } from '@stint/pruning';
import { type CheckpointInfo, loadCheckpoint, type StepRecord, saveCheckpoint, type TrainResult, trainLoop } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import type { PretrainConfig, RunConfig } from '../config/schema.ts';
import { prunable } from '../pruning/prune-model.ts';
import type { RunData } from '../task/task.ts';
import { type Model, metadataOf } from './model.ts';
import { optimizerOf, scheduleOf } from './optimisation.ts';
import { scaleAt } from './train.ts';

const BATCH_NORM_MOMENTUM = 0.1;

export interface PretrainOptions {
  config: RunConfig & { pretrain: PretrainConfig };
  /** A dense model with the pretraining seed's weights; trained in place. */
  model: Model;
  data: RunData;
  /** Where the checkpoint goes; one that is there is gone on with. */
  directory: string;
  onStart?(step: number): void;
  onStep?(record: StepRecord): void;
  signal?: AbortSignal;
}

/** Trains densely, and writes `last.safetensors` into `directory`. */
export async function pretrainDense({ config, model, data, directory, onStart, onStep, signal }: PretrainOptions): Promise<TrainResult> {
  const { pretrain } = config;
  const { network, variables, buffers, params } = model;
  const { slimming } = pretrain;
  const scales = slimming ? slimmingScales(prunable(model.description)) : [];
  const optimizer = optimizerOf(pretrain, variables);
  const last = path.join(directory, 'last.safetensors');
  const info: CheckpointInfo | undefined = fs.existsSync(last) ? loadCheckpoint(last, { variables, buffers, optimizer }) : undefined;
  onStart?.(info?.step ?? 0);
  try {
    return await trainLoop<ImageBatch>({
      totalSteps: pretrain.steps,
      variables,
      optimizer,
      schedule: scheduleOf(pretrain),
      clipNorm: pretrain.clip ?? undefined,
      batch: (step) => data.trainBatch(step, pretrain.batchSize, pretrain.seed, scaleAt(step, pretrain.seed, pretrain.scales)),
      loss: (full, step) => {
        const { images, batch } = resizeBatch(full, resolutionAt(step, pretrain));
        const { maps } = network.forward(params, images, {
          mode: 'dense',
          batchNorm: {
            mode: 'train',
            momentum: BATCH_NORM_MOMENTUM,
            update(name, value) {
              buffers[network.bodyPrefix + name].assign(value);
              value.dispose();
            },
          },
        });
        const imageSize = [images.shape[1], images.shape[2]] as const;
        const losses = network.head.losses(params, maps, batch, { imageSize, key: [pretrain.seed, step] });
        return slimming ? { ...losses, slimming: slimmingPenalty(params, scales) } : losses;
      },
      weights: slimming ? { slimming } : undefined,
      checkpoint: { directory, every: 200, buffers, random: { seed: pretrain.seed }, metadata: metadataOf(model) },
      resume: info,
      onStep,
      signal,
    });
  } finally {
    optimizer.dispose();
  }
}

/** The image size of a step, drawn from the configured ones; undefined: as the data are. */
function resolutionAt(step: number, { resolutions, seed }: PretrainConfig): number | undefined {
  if (!resolutions) return undefined;
  return resolutions[Math.floor(uniformValues(1, [seed, step, 7])[0] * resolutions.length)];
}

/** Square batch at another resolution: bilinear, boxes scaled with it. Its tensor alone is resized, the plain pixels are not. */
function resizeBatch(batch: ImageBatch, size: number | undefined): { images: tf.Tensor4D; batch: ImageBatch } {
  const [, height, width] = batch.shape;
  const full = tf.tensor4d(batch.images, batch.shape);
  if (size === undefined || (size === height && size === width)) return { images: full, batch };
  const scale = (list: Float32Array[]) =>
    list.map((values) => values.map((value, i) => value * (i % 2 === 0 ? size / width : size / height)));
  return {
    images: tf.image.resizeBilinear(full, [size, size], false, true),
    batch: { ...batch, boxes: scale(batch.boxes), ignore: scale(batch.ignore) },
  };
}

/** Writes the pretrained weights alone (no optimiser state) as `DIRECTORY/best.safetensors`. */
export function savePretrained(directory: string, model: Model, step: number): string {
  const { variables, buffers } = model;
  return saveCheckpoint(directory, { variables, buffers, step, metadata: metadataOf(model) }, 'best');
}
