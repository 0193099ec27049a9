// The training loop: batch (fetched one step ahead) -> step -> evaluation -> checkpoint, until done, stopped or not finite.
import * as tf from '@tensorflow/tfjs-core';
import { type BestMetric, type CheckpointInfo, saveCheckpoint } from './checkpoint.ts';
import type { Optimizer } from './optimizer.ts';
import { learningRateAt, type ScheduleConfig } from './schedule.ts';
import { type LossTerms, type StepValues, trainStep } from './step.ts';
import type { Variables } from './variables.ts';

/** What is known after a step; a line of metrics.jsonl. */
export interface StepRecord extends StepValues {
  /** Counted from 0. */
  step: number;
  lr: number;
  /** Tensors alive after the step. */
  tensors: number;
  /** The whole step, and the part of it spent waiting for the batch. */
  ms: number;
  waitMs: number;
}

export interface EvaluationRecord {
  /** The last step trained before the evaluation. */
  step: number;
  metrics: Record<string, number>;
  /** Whether this is the best so far (always false without `best`). */
  best: boolean;
}

export interface TrainOptions<B> {
  totalSteps: number;
  variables: Variables;
  optimizer: Optimizer;
  schedule: ScheduleConfig | ((step: number) => number);
  /** Makes the batch of a step; called for step + 1 before step is computed. Should hold typed arrays rather than tensors. */
  batch?: (step: number) => B | Promise<B>;
  /** Called with each batch after use, also with one fetched but not used. */
  releaseBatch?: (batch: B) => void;
  /** Loss terms of a batch: scalars. Synchronous, inside tf.tidy. */
  loss(batch: B, step: number): LossTerms;
  /** Weights of the terms (default 1 each). 0: logged, not trained on. */
  weights?: Record<string, number> | ((step: number) => Record<string, number>);
  /** Largest norm of all gradients together. Default: no clipping. */
  clipNorm?: number;
  onStep?(record: StepRecord): void | Promise<void>;
  evaluation?: {
    /** After every so many steps, and after the last. */
    every: number;
    run(step: number): Record<string, number> | Promise<Record<string, number>>;
    /** Which metric decides what `best.safetensors` holds. */
    best?: { metric: string; mode?: 'max' | 'min' };
    onResult?(record: EvaluationRecord): void | Promise<void>;
  };
  checkpoint?: {
    directory: string;
    /** After every so many steps; also at the end and when stopped. */
    every: number;
    buffers?: Variables;
    random?: unknown;
    metadata?: Record<string, string>;
    onSave?(file: string, step: number): void;
  };
  /** What `loadCheckpoint` returned: go on from there. */
  resume?: CheckpointInfo;
  /** Stops after the step under way, with a checkpoint. */
  signal?: AbortSignal;
  /** Throw when a step leaves tensors behind (from the second step on: the first may fill caches). */
  checkLeaks?: boolean;
  /** Milliseconds. Default performance.now. */
  now?: () => number;
}

export interface TrainResult {
  status: 'finished' | 'stopped';
  /** Steps done. */
  step: number;
  best?: BestMetric;
}

/**
 * Trains until `totalSteps` steps are done or `signal` is aborted.
 * @throws NonFiniteLossError before the variables take a NaN; whatever `batch`, `loss`, `onStep` or `evaluation.run` throw
 */
export async function trainLoop<B = undefined>(options: TrainOptions<B>): Promise<TrainResult> {
  const { totalSteps, evaluation, checkpoint, signal } = options;
  const now = options.now ?? (() => performance.now());
  let step = options.resume?.step ?? 0;
  let best = options.resume?.best;
  let next = fetch(options, step);

  const save = (name: 'last' | 'best'): void => {
    if (!checkpoint) return;
    const { directory, onSave, ...rest } = checkpoint;
    const { variables, optimizer } = options;
    const file = saveCheckpoint(directory, { ...rest, variables, optimizer, step, best }, name);
    onSave?.(file, step);
  };
  const evaluate = async (): Promise<void> => {
    const metrics = await evaluation!.run(step - 1);
    const better = isBetter(metrics, best, evaluation!.best);
    if (better) {
      const { metric } = evaluation!.best!;
      best = { metric, value: metrics[metric], step: step - 1 };
    }
    await evaluation!.onResult?.({ step: step - 1, metrics, best: better });
    // Before `last`: a run killed in between comes here again and writes the same.
    if (better) save('best');
  };

  try {
    for (let first = true; step < totalSteps; first = false) {
      if (signal?.aborted) {
        save('last');
        return { status: 'stopped', step, best };
      }
      const start = now();
      const batch = (await next) as B;
      const waitMs = now() - start;
      next = fetch(options, step + 1);
      const lr = typeof options.schedule === 'function' ? options.schedule(step) : learningRateAt(step, options.schedule);
      const values = runStep(options, batch, step, lr, !first);
      await options.onStep?.({ step, lr, ...values, tensors: tf.memory().numTensors, ms: now() - start, waitMs });
      step++;
      const last = step === totalSteps;
      if (evaluation && (last || step % evaluation.every === 0)) await evaluate();
      if (checkpoint && (last || step % checkpoint.every === 0)) save('last');
      // A turn of the event loop, so that signals and the loading of the next batch get their chance.
      await new Promise(setImmediate);
    }
    return { status: 'finished', step, best };
  } finally {
    // A batch fetched for nothing; its failure is of no interest any more.
    next?.then(options.releaseBatch, () => {});
  }
}

function fetch<B>({ batch, totalSteps }: TrainOptions<B>, step: number): Promise<B> | undefined {
  if (!batch || step >= totalSteps) return undefined;
  const promise = (async () => batch(step))();
  // Awaited a step later: until then a failure must not count as unhandled.
  promise.catch(() => {});
  return promise;
}

function runStep<B>(options: TrainOptions<B>, batch: B, step: number, learningRate: number, watch: boolean): StepValues {
  const { variables, optimizer, clipNorm, weights = {} } = options;
  // The optimizer's own tensors are no leak.
  const count = (): number => tf.memory().numTensors - optimizer.tensorCount;
  const before = count();
  try {
    const values = trainStep({
      variables,
      optimizer,
      clipNorm,
      step,
      learningRate,
      loss: () => options.loss(batch, step),
      weights: typeof weights === 'function' ? weights(step) : weights,
    });
    const left = count() - before;
    if (options.checkLeaks && watch && left !== 0) {
      throw new Error(`training: step ${step} left ${left} tensors behind; dispose of what the loss keeps, or do not tf.keep it`);
    }
    return values;
  } finally {
    options.releaseBatch?.(batch);
  }
}

function isBetter(metrics: Record<string, number>, best?: BestMetric, rule?: { metric: string; mode?: 'max' | 'min' }): boolean {
  if (!rule) return false;
  const { metric, mode = 'max' } = rule;
  if (!(metric in metrics)) throw new Error(`training: best metric ${metric} is not among ${Object.keys(metrics).join(', ')}`);
  const value = metrics[metric];
  if (Number.isNaN(value)) return false;
  return best === undefined || (mode === 'max' ? value > best.value : value < best.value);
}
