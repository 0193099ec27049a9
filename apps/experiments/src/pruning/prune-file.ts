// A checkpoint -> a physically smaller checkpoint, which is an ordinary one: it runs, is pruned again, and training starts from it.
import fs from 'node:fs';
import { countMacs, resnetLayout } from '@stint/backbones/plain';
import type { PrunedGroup } from '@stint/pruning/plain';
import { BUDGET_KEY, type Checkpoint, loadCheckpoint, MODEL_KEY, type ModelDescription } from '@stint/runtime';
import { readSafetensors, type SafeTensor, writeSafetensors } from '@stint/safetensors';
import { createNetwork } from '../run/network.ts';
import { pruneModel } from './prune-model.ts';
import type { PruneSettings } from './settings.ts';

/** Metadata key that says what was done, so that a file tells where it comes from. */
export const PRUNED_KEY = 'stint.pruned';

export interface Size {
  /** Trained values. */
  parameters: number;
  /** Of the backbone, every position computed. */
  macs: number;
}

export interface PruneSummary {
  groups: PrunedGroup[];
  before: Size;
  after: Size;
}

/** Reads a checkpoint. @throws naming what is missing when it does not say which network it holds. */
export function readModel(file: string): Checkpoint {
  const { metadata } = readSafetensors(file);
  if ('stint' in metadata && !(MODEL_KEY in metadata)) {
    throw new Error(
      `${file} does not say which network it holds (its metadata have no ${MODEL_KEY}): train it again with this version, which writes it`,
    );
  }
  return loadCheckpoint(file);
}

/**
 * Writes the pruned network of `checkpoint` to `out`, atomically. What no longer holds is left out: the optimizer's state, the step, a table
 * of budgets.
 * @param size of the images for which MACs are counted.
 * @throws when `out` is the file that was read.
 */
export function pruneFile(checkpoint: Checkpoint, out: string, settings: PruneSettings, size: readonly [number, number]): PruneSummary {
  if (isSameFile(checkpoint.source, out)) throw new Error(`${out} is the checkpoint itself: write the pruned one to another file`);
  const { entries, description, groups } = pruneModel(checkpoint.tensors, checkpoint.description, settings);
  const { stint: _, [BUDGET_KEY]: __, ...metadata } = checkpoint.metadata;
  const named = [...entries].map(([name, { shape, data }]): [string, SafeTensor] => [
    `model.${name}`,
    { dtype: 'F32', shape: [...shape], data },
  ]);
  writeSafetensors(out, named, {
    ...metadata,
    [MODEL_KEY]: JSON.stringify(description),
    [PRUNED_KEY]: JSON.stringify(settings),
    stint: JSON.stringify({ step: 0 }),
  });
  return { groups, before: sizeOf(checkpoint.description, size), after: sizeOf(description, size) };
}

export function sizeOf(description: ModelDescription, [height, width]: readonly [number, number]): Size {
  const trained = createNetwork(description).parameters.filter(({ trainable }) => trainable);
  return {
    parameters: trained.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    macs: countMacs(resnetLayout(description.backbone), [height, width]).denseTotal,
  };
}

/** By whatever names and links. */
export function isSameFile(a: string, b: string): boolean {
  if (!fs.existsSync(a) || !fs.existsSync(b)) return false;
  const [one, other] = [fs.statSync(a), fs.statSync(b)];
  return one.dev === other.dev && one.ino === other.ino;
}
