// From a checkpoint to a model that runs: weights folded and packed once, a plan for each image size, images computed off the main thread.
import os from 'node:os';
import { countMacs, type MacReport, resnetLayout } from '@stint/backbones/plain';
import { type Isa, nativeEngine, type PackedFilter } from '@stint/sparse-conv/native';
import { budgetsOf, shiftFor } from './budget-table.ts';
import { calibrate } from './calibrate.ts';
import { type Checkpoint, loadCheckpoint } from './checkpoint.ts';
import type { ModelDescription } from './description.ts';
import { checkImage, paddedSize, type RuntimeImage } from './image.ts';
import { createLanes } from './lanes.ts';
import { type ModelPlan, planModel } from './plan/model.ts';
import { recent } from './recent.ts';
import { type RunOptions, type RunResult, runOn } from './run.ts';
import { planSampler, type SamplerOptions } from './sampler.ts';

export interface CompileOptions {
  /** Only 'cpu'. */
  device?: 'cpu';
  /** Threads that compute one image together. Default: what the machine offers, over `concurrency`. */
  threads?: number;
  /** Images computed at once, each with its own threads and memory; more wait. Default 1. With many images waiting, as many as cores, one thread each, is the most an hour. */
  concurrency?: number;
  /** Instruction set; default $STINT_ISA, else the fastest that the processor has. */
  isa?: Isa;
  sampler?: SamplerOptions;
  /** Expected multiply-adds as a share of the dense network's: shifts all mask logits by one number. Needs a calibrated checkpoint, or `calibration`. */
  budget?: number;
  /** A few typical images, for `budget` and a checkpoint that was not calibrated for it. */
  calibration?: readonly RuntimeImage[];
  /** The shift of the logits itself, in place of `budget`. */
  shift?: number;
  /** Description of the model, for files that do not carry one. */
  model?: ModelDescription;
  /** Feature maps and pyramid may be asked of a run; they take more memory. Default false. */
  keepMaps?: boolean;
  /** Image sizes whose plans and memory are kept. Default 4. */
  sizes?: number;
}

export interface CompiledModel {
  readonly description: ModelDescription;
  readonly isa: Isa;
  readonly threads: number;
  readonly concurrency: number;
  /** Added to the logits of all masks. */
  readonly shift: number;
  /** Computes one image. Any number may be under way; they share the lanes. */
  run(image: RuntimeImage, options?: RunOptions): Promise<RunResult>;
  /** MACs of an image of this size, padded, by the rule of the paper; densities default to 1. */
  macs(size: { height: number; width: number }, densities?: number | Record<string, { mask1: number; mask2: number }>): MacReport;
  /** Bytes of memory that plans hold, the weights not among them. */
  bytes(): number;
  /** Frees the plans' memory and refuses further runs. */
  close(): void;
}

/**
 * Compiles a checkpoint for this machine's CPU.
 * @param from path or bytes of a safetensors file, or a checkpoint already read.
 * @throws SafetensorsError or Error with every parameter that does not fit; RangeError for options out of range.
 */
export async function compile(from: string | Uint8Array | Checkpoint, options: CompileOptions = {}): Promise<CompiledModel> {
  const { device = 'cpu', concurrency = 1, budget, calibration } = options;
  if (device !== 'cpu') throw new Error(`compile: device '${device}'; this runtime knows 'cpu' only`);
  whole('concurrency', concurrency, 256);
  const threads = options.threads ?? Math.max(1, Math.floor(os.availableParallelism() / concurrency));
  whole('threads', threads, 256);
  const checkpoint = loadCheckpoint(from, options.model);
  if (budget !== undefined && options.shift !== undefined) throw new Error('compile: give a budget or a shift, not both');
  const known = budget === undefined ? (options.shift ?? 0) : shiftFor(budget, budgetsOf(checkpoint.metadata, checkpoint.source));
  if (known === undefined && !calibration?.length) {
    throw new Error(
      `compile: ${checkpoint.source} is not calibrated for a budget of ${budget}; give calibration images, or calibrate() it once`,
    );
  }
  const modelAt = openModel(checkpoint, { ...options, concurrency, threads });
  if (known !== undefined) return modelAt(known);
  const unshifted = modelAt(0);
  try {
    return modelAt((await calibrate(unshifted, calibration!, [budget!])).points[0].shift);
  } catch (error) {
    unshifted.close();
    throw error;
  }
}

/** Packs the weights and starts the engines; the model for each shift of the logits shares them. */
function openModel(
  checkpoint: Checkpoint,
  options: CompileOptions & { concurrency: number; threads: number },
): (shift: number) => CompiledModel {
  const { concurrency, threads, isa, keepMaps = false, sizes = 4 } = options;
  const { description } = checkpoint;
  const sampler = planSampler(description, options.sampler);
  const engines = Array.from({ length: concurrency }, () => nativeEngine({ isa, threads }));
  const lanes = createLanes(engines, sizes);
  const filters = new Map<string, PackedFilter>();
  const plans = recent<string, ModelPlan>(sizes);
  const layout = resnetLayout(description.backbone);
  const planFor = (size: readonly [number, number]): ModelPlan =>
    plans.get(size.join('x'), () => planModel({ engine: engines[0], checkpoint, sampler, filters, keepMaps }, size));
  // Plans are small, but a wrong option should fail here and not at the first image.
  planFor([64, 64]);
  return (shift) => ({
    description,
    isa: engines[0].isa,
    threads,
    concurrency,
    shift,
    async run(image, run = {}) {
      checkImage(image);
      const plan = planFor(paddedSize(image));
      return lanes.use((lane) => runOn(lane.program(plan), plan, image, { sampler: options.sampler, shift, ...run }), run.signal);
    },
    macs: (size, densities) => countMacs(layout, paddedSize(size), densities),
    bytes: () => lanes.bytes(),
    close: () => {
      lanes.close();
      plans.clear();
      filters.clear();
    },
  });
}

function whole(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new RangeError(`compile: ${name} is ${value}; give a whole number from 1 to ${most}`);
}
