// What fine-tuning starts from beside the pretrained weights: a checkpoint (`start`), and fewer channels (`prune`). Deterministic: the same files
// and configuration give the same network again, so that a run can be resumed.
import path from 'node:path';
import { descriptionOf, type ModelDescription, type NamedTensor } from '@stint/runtime';
import { readSafetensors } from '@stint/safetensors';
import { loadWeights } from '@stint/training';
import * as tf from '@tensorflow/tfjs-core';
import type { PruneConfig, RunConfig } from '../config/schema.ts';
import { prunable, pruneModel } from '../pruning/prune-model.ts';
import type { RunData } from '../task/task.ts';
import { isSamplingParameter, type Model, modelOf } from './model.ts';
import { recalibrate } from './recalibrate.ts';

/** The model as training begins. Where it takes the place of `model`, which has the pretrained weights, that one is disposed of. */
export async function startingModel(model: Model, config: RunConfig, data: RunData, { root }: { root: string }): Promise<Model> {
  const { start, prune } = config;
  const started = start === undefined ? model : fromCheckpoint(model, path.resolve(root, start), config);
  if (!prune?.ratio) return started;
  const smaller = pruned(started, prune, config);
  await recalibrate(smaller, data, config, prune.recalibrate);
  return smaller;
}

/** The model for the weights of a finished training of `config`: of the same channels. Its weights are not loaded. */
export function asTrained(model: Model, { start, prune, model: { head }, seed }: RunConfig, checkpoint: string): Model {
  if (start === undefined && !prune?.ratio) return model;
  return replaced(model, modelOf(narrowed(model.description, describedIn(checkpoint)), head, seed));
}

/** A model of the channels that the file says, with its weights; what only sampling brings keeps its start. */
function fromCheckpoint(model: Model, file: string, { model: { head }, seed }: RunConfig): Model {
  const started = replaced(model, modelOf(narrowed(model.description, describedIn(file)), head, seed));
  loadWeights(file, started.params, { allowMissing: isSamplingParameter, allowUnexpected: isSamplingParameter });
  return started;
}

function pruned(model: Model, { recalibrate: _, ...prune }: PruneConfig, { model: { head }, seed }: RunConfig): Model {
  const values = Object.entries(model.params).map(([name, value]): [string, NamedTensor] => [
    name,
    { shape: value.shape, data: value.dataSync() as Float32Array },
  ]);
  const { entries, description } = pruneModel(new Map(values), model.description, { ...prune, seed });
  const smaller = modelOf(description, head, seed);
  for (const [name, { shape, data }] of entries) tf.tidy(() => smaller.params[name].assign(tf.tensor(data, [...shape])));
  return replaced(model, smaller);
}

function replaced(model: Model, other: Model): Model {
  model.dispose();
  return other;
}

function describedIn(file: string): ModelDescription {
  const description = descriptionOf(readSafetensors(file).metadata, file);
  if (!description)
    throw new Error(`${file} does not say which network it holds: give a checkpoint that "stint run" or "stint prune" wrote`);
  return prunable(description);
}

/** `own` with the channels of `other`; everything else (depth, head, sampling) stays, and where it differs loading says so. */
function narrowed(own: ModelDescription, other: ModelDescription): ModelDescription {
  const { widths } = other.backbone;
  const backbone = widths ? { ...own.backbone, widths } : own.backbone;
  const { fpn, head } = other;
  if (!own.fpn || !own.head || !fpn || !head) return { ...own, backbone };
  const width = own.head.kind === head.kind && 'width' in head ? { width: head.width } : {};
  return {
    ...own,
    backbone,
    fpn: { ...own.fpn, channels: fpn.channels, ...(fpn.inner && { inner: fpn.inner }) },
    head: { ...own.head, channels: fpn.channels, ...width },
  };
}
