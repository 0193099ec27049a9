// What says what is in an image: a checkpoint, compiled, or in TensorFlow where the compiled runtime does not know the model or the sampler.
import { isSampled, type MacReport } from '@stint/backbones/plain';
import type { Detections } from '@stint/detection-head/plain';
import { budgetsOf, type Checkpoint, type LabelImage, loadCheckpoint, type ModelDescription, shiftFor } from '@stint/runtime';
import { UsageError } from '../config/catalog.ts';
import { type TaskKind, taskKindOf } from '../task/kinds.ts';
import { openCompiled } from './compiled.ts';

/** An image as the network is given it: RGB bytes, or floats already normalised. */
export interface NetworkImage {
  data: Uint8Array | Float32Array;
  height: number;
  width: number;
}

/** A mask at its own resolution, row-major, not 0 where it samples; `stride` pixels of the network's image a cell. */
export interface PredictedMask {
  block: string;
  mask: 1 | 2 | 3;
  height: number;
  width: number;
  stride: number;
  values: ArrayLike<number>;
}

/** What the head of the network says; exactly one of detections, labels and logits. */
export interface Prediction {
  /** Boxes in pixels of the network's image, by falling score. */
  detections?: Detections;
  /** A class a pixel, in the size that was asked for. */
  labels?: LabelImage;
  /** Of the classes. */
  logits?: Float32Array;
  masks: PredictedMask[];
  macs: MacReport;
  /** Wall time of the network alone: no reading, no drawing. */
  ms: number;
}

export interface Predictor {
  engine: 'compiled' | 'tfjs';
  /** For people: kernels or TensorFlow, threads. */
  about: string;
  description: ModelDescription;
  /** Added to the logits of all masks. */
  shift: number;
  /** What the network is for. */
  task: TaskKind;
  /** @param labelSize [H,W] of labels, for networks that give a class a pixel. */
  predict(image: NetworkImage, labelSize: readonly [height: number, width: number]): Promise<Prediction>;
  close(): void;
}

export type EngineChoice = 'auto' | 'compiled' | 'tfjs';

export interface SamplerChoice {
  sampler?: string;
  /** Share of the positions, or 'matched': what the network itself would sample. */
  density?: number | 'matched';
  /** Grid prior in cells. */
  interval?: number;
  seed: number;
}

export interface PredictorOptions extends SamplerChoice {
  engine: EngineChoice;
  threads: number;
  /** Share of the dense network's MACs; the checkpoint must be calibrated for it. */
  budget?: number;
  shift?: number;
}

/** With what follows from the checkpoint. */
export type ResolvedOptions = PredictorOptions & { task: TaskKind; shift: number };

export const SAMPLERS = ['stochastic', 'deterministic', 'blue-noise', 'random', 'uniform', 'activation', 'dense'] as const;
const WITH_DENSITY = ['random', 'uniform', 'activation'];

/**
 * Opens a checkpoint. `log` hears when the compiled runtime cannot be used and why.
 * @throws UsageError for options that do not fit the model; the checkpoint's own errors.
 */
export async function openPredictor(file: string, options: PredictorOptions, log: (line: string) => void): Promise<Predictor> {
  const checkpoint = loadCheckpoint(file);
  checkChoices(checkpoint, options);
  const task = taskOfCheckpoint(checkpoint);
  const resolved = { ...options, task, shift: shiftOf(checkpoint, options) };
  const { engine, sampler, density } = options;
  const onlyTfjs = sampler === 'activation' || density === 'matched';
  if (engine === 'tfjs' || (onlyTfjs && engine === 'auto')) {
    if (engine === 'auto')
      log(`the compiled runtime has no ${sampler} at density ${density}: going on with TensorFlow, which takes longer`);
    return (await import('./tfjs.ts')).openTfjs(checkpoint, resolved);
  }
  if (onlyTfjs) throw new UsageError(`--engine compiled has no sampler ${sampler} at density ${density}: give --engine tfjs`);
  try {
    return await openCompiled(checkpoint, resolved);
  } catch (error) {
    if (engine === 'compiled') throw error;
    log(`the compiled runtime does not take this model: ${(error as Error).message}\ngoing on with TensorFlow, which takes longer`);
    return (await import('./tfjs.ts')).openTfjs(checkpoint, resolved);
  }
}

/** The task of a network. @throws where it has nothing to predict with. */
export function taskOfCheckpoint({ description: { head, backbone }, source }: Pick<Checkpoint, 'description' | 'source'>): TaskKind {
  if (head) return taskKindOf(head.kind);
  if (backbone.classes) return 'classification';
  throw new Error(`${source} has neither a head nor classes: there is nothing to predict; "stint bench" times such a network`);
}

function checkChoices({ description, source }: Checkpoint, { sampler, density, interval, budget, shift }: PredictorOptions): void {
  const { sampling } = description.backbone;
  const given = { '--sampler': sampler === 'dense' ? undefined : sampler, '--interval': interval, '--budget': budget, '--shift': shift };
  const [first] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  if (!isSampled(sampling) && first !== undefined) throw new UsageError(`${first}: ${source} has no masks; leave the option out`);
  if (budget !== undefined && shift !== undefined) throw new UsageError('--budget and --shift both move the masks: give one of them');
  if (density !== undefined && !WITH_DENSITY.includes(sampler ?? ''))
    throw new UsageError(`--density ${density} needs a sampler that takes one: --sampler ${WITH_DENSITY.join(', ')}`);
  if (density === undefined && WITH_DENSITY.includes(sampler ?? ''))
    throw new UsageError(`--sampler ${sampler} needs --density: a share of the positions such as 0.35, or matched`);
}

function shiftOf({ metadata, source }: Checkpoint, { budget, shift = 0 }: PredictorOptions): number {
  if (budget === undefined) return shift;
  const table = budgetsOf(metadata, source);
  const found = shiftFor(budget, table);
  if (found !== undefined) return found;
  if (!table) {
    throw new UsageError(
      `--budget ${budget}: ${source} is not calibrated; once: stint calibrate --checkpoint ${source} --images FOLDER --budgets ${budget}`,
    );
  }
  const known = table.points.map((point) => point.budget.toFixed(3));
  throw new UsageError(
    `--budget ${budget}: ${source} is calibrated from ${known[0]} to ${known.at(-1)}; give one between, or calibrate it again`,
  );
}
