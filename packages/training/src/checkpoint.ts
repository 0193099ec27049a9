// Checkpoints: one safetensors file holds all a run needs to go on. Names: `model.NAME` for variables and buffers,
// `optimizer.NAME` for the optimizer's state; the metadata key `stint` has step, best metric and random state as JSON.
import fs from 'node:fs';
import path from 'node:path';
import { readSafetensors, type SafeTensor, toFloat32, writeSafetensors } from '@stint/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from './optimizer.ts';
import type { Variables } from './variables.ts';

export interface BestMetric {
  metric: string;
  value: number;
  /** The step after which it was measured. */
  step: number;
}

export interface CheckpointInfo {
  /** Steps done, which is the step to go on with. */
  step: number;
  best?: BestMetric;
  /** Whatever the source of randomness needs, as JSON: a seed, a counter. */
  random?: unknown;
  /** Strings of the application's own. */
  metadata?: Record<string, string>;
}

/** What training changes. */
export interface TrainingState {
  variables: Variables;
  /** Not trained, but part of the model: running statistics, frozen parameters. */
  buffers?: Variables;
  optimizer?: Pick<Optimizer, 'state' | 'restore'>;
}

/** The file is whole, but it does not fit the model, or is no checkpoint. `problems` lists every name at fault. */
export class CheckpointError extends Error {
  readonly file: string;
  readonly problems: string[];

  constructor(file: string, problems: string[]) {
    const shown = problems.slice(0, 10).map((problem) => `\n  ${problem}`);
    const more = problems.length > 10 ? [`\n  and ${problems.length - 10} more`] : [];
    super(`checkpoint ${file} does not fit:${[...shown, ...more].join('')}`);
    this.name = 'CheckpointError';
    this.file = file;
    this.problems = problems;
  }
}

/**
 * Writes `DIRECTORY/NAME.safetensors` atomically: the old file stays until the new one is complete. Made twice from the same state,
 * it has the same bytes. Returns the file's path.
 */
export function saveCheckpoint(directory: string, contents: TrainingState & CheckpointInfo, name: 'last' | 'best' = 'last'): string {
  const { variables, buffers = {}, optimizer, step, best, random, metadata = {} } = contents;
  for (const key of Object.keys(buffers)) if (key in variables) throw new Error(`saveCheckpoint: ${key} is both a variable and a buffer`);
  if ('stint' in metadata) throw new Error('saveCheckpoint: the metadata key "stint" is taken by step, best and random');
  fs.mkdirSync(directory, { recursive: true });
  const file = path.join(directory, `${name}.safetensors`);
  removeLeftovers(directory, path.basename(file));
  const state = optimizer?.state() ?? {};
  const entries = [...toEntries('model.', { ...variables, ...buffers }), ...toEntries('optimizer.', state)];
  tf.dispose(state);
  writeSafetensors(file, entries, { ...metadata, stint: JSON.stringify({ step, best, random }) });
  return file;
}

/**
 * Reads a checkpoint into variables, buffers and optimizer. All names and shapes are checked before anything is changed.
 * @throws CheckpointError listing the names that are missing, unexpected or of another shape; SafetensorsError on a damaged file
 */
export function loadCheckpoint(file: string, { variables, buffers = {}, optimizer }: TrainingState): CheckpointInfo {
  const { tensors, metadata } = readSafetensors(file);
  const info = parseInfo(file, metadata);
  const current = optimizer?.state() ?? {};
  const wanted = {
    ...withPrefix('model.', { ...variables, ...buffers }),
    ...withPrefix('optimizer.', current),
  };
  // Without an optimizer (evaluation), its state in the file is of no interest.
  const given = new Map([...tensors].filter(([name]) => optimizer || !name.startsWith('optimizer.')));
  const problems = compare(given, wanted);
  tf.dispose(current);
  if (problems.length > 0) throw new CheckpointError(file, problems);
  assignAll(given, withPrefix('model.', { ...variables, ...buffers }));
  if (optimizer) {
    const state = Object.fromEntries(
      [...given]
        .filter(([name]) => name.startsWith('optimizer.'))
        .map(([name, tensor]) => [name.slice('optimizer.'.length), toTensor(tensor)]),
    );
    optimizer.restore(state);
    tf.dispose(state);
  }
  return info;
}

export interface LoadWeightsOptions {
  /** Names of `variables` that the file need not have, e.g. new mask heads: they keep their values. Default none. */
  allowMissing?: (name: string) => boolean;
  /** Names in the file to leave aside, e.g. a classifier. Default none. */
  allowUnexpected?: (name: string) => boolean;
}

/**
 * Starts a model from another one's checkpoint (pretraining): only the `model.` part, with stated differences. Returns the names
 * that kept their values and the names left aside.
 * @throws CheckpointError as loadCheckpoint; nothing is changed then
 */
export function loadWeights(
  file: string,
  variables: Variables,
  { allowMissing = () => false, allowUnexpected = () => false }: LoadWeightsOptions = {},
): { missing: string[]; unexpected: string[] } {
  const given = new Map<string, SafeTensor>();
  for (const [name, tensor] of readSafetensors(file).tensors) {
    if (name.startsWith('model.')) given.set(name.slice('model.'.length), tensor);
  }
  const missing = Object.keys(variables).filter((name) => !given.has(name) && allowMissing(name));
  const unexpected = [...given.keys()].filter((name) => !(name in variables) && allowUnexpected(name));
  const wanted = Object.fromEntries(Object.entries(variables).filter(([name]) => !missing.includes(name)));
  for (const name of unexpected) given.delete(name);
  const problems = compare(given, wanted);
  if (problems.length > 0) throw new CheckpointError(file, problems);
  assignAll(given, wanted);
  return { missing, unexpected };
}

function parseInfo(file: string, metadata: Record<string, string>): CheckpointInfo {
  const { stint, ...rest } = metadata;
  if (stint === undefined) throw new CheckpointError(file, ['the metadata have no "stint": not a checkpoint of this package']);
  let info: Partial<CheckpointInfo> | null = null;
  try {
    info = JSON.parse(stint);
  } catch {
    // Not JSON: no step in it.
  }
  const { step, best, random } = info ?? {};
  if (!Number.isSafeInteger(step) || (step as number) < 0)
    throw new CheckpointError(file, [`the metadata "stint" (${stint.slice(0, 60)}) hold no step: a whole number, at least 0`]);
  return { step: step as number, best, random, metadata: rest } as CheckpointInfo;
}

function compare(given: Map<string, SafeTensor>, wanted: Record<string, tf.Tensor>): string[] {
  const problems: string[] = [];
  for (const [name, { shape, dtype }] of Object.entries(wanted)) {
    const tensor = given.get(name);
    if (!tensor) problems.push(`${name} is missing, expected [${shape}]`);
    else if (`${tensor.shape}` !== `${shape}`) problems.push(`${name} is [${tensor.shape}], expected [${shape}]`);
    else if (tfDtype(tensor) !== dtype) problems.push(`${name} is ${tensor.dtype}, expected ${dtype}`);
  }
  for (const [name, { shape }] of given) if (!(name in wanted)) problems.push(`${name} [${shape}] is unexpected`);
  return problems;
}

function assignAll(given: Map<string, SafeTensor>, variables: Record<string, tf.Variable>): void {
  for (const [name, variable] of Object.entries(variables)) tf.tidy(() => variable.assign(toTensor(given.get(name)!)));
}

function toTensor(tensor: SafeTensor): tf.Tensor {
  const dtype = tfDtype(tensor);
  // Copies: a tensor must not be a view of the whole file's bytes.
  const values = dtype === 'float32' ? toFloat32(tensor).slice() : (tensor.data as Int32Array | Uint8Array).slice();
  return tf.tensor(values, tensor.shape, dtype);
}

function tfDtype({ dtype }: SafeTensor): tf.DataType {
  return dtype === 'I32' ? 'int32' : dtype === 'BOOL' ? 'bool' : 'float32';
}

function* toEntries(prefix: string, tensors: Record<string, tf.Tensor>): Generator<[string, SafeTensor]> {
  const dtypes: Partial<Record<tf.DataType, string>> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };
  for (const [name, tensor] of Object.entries(tensors)) {
    yield [prefix + name, { dtype: dtypes[tensor.dtype], shape: tensor.shape, data: tensor.dataSync() } as SafeTensor];
  }
}

function withPrefix<T>(prefix: string, tensors: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}

/** Temporary files of processes that were killed while writing. A run's folder has one writer, so none is in use. */
function removeLeftovers(directory: string, base: string): void {
  for (const name of fs.readdirSync(directory)) {
    if (name.startsWith(`${base}.`) && name.endsWith('.tmp')) fs.rmSync(path.join(directory, name), { force: true });
  }
}
