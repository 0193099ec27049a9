// Programs: a whole network's operations, planned once, checked once, then run off the main thread without allocating.
import { binding, type RawProgram } from './binding.ts';
import { describe, finite, sizes, typed, whole } from './check.ts';
import { type NativeEngine, rawEngine } from './engine.ts';
import { stepFields } from './program-fields.ts';
import type { MaskSlot, ProgramStep, Span } from './program-steps.ts';

export interface ProgramOptions {
  /** Floats of the memory that all steps share; zeros at first. */
  arena: number;
  /** A shape [N,H,W] for each slot. */
  masks?: readonly (readonly [batch: number, height: number, width: number])[];
  /** How many images a run is given; default 0. */
  images?: number;
  /** Written from the run's `inputs` before its first step. */
  inputs?: readonly Span[];
  /** Copied out after the run's last step. */
  outputs?: readonly Span[];
  steps: readonly ProgramStep[];
}

export interface ProgramRun {
  /** RGB bytes, [height,width,3] each. Copied at the call. */
  images?: readonly { data: Uint8Array; height: number; width: number }[];
  /** One for each of the program's inputs; undefined leaves what is there. Copied at the call. */
  inputs?: readonly (Float32Array | undefined)[];
  /** Masks [N,H,W] (not 0: sampled) that take the place of what the steps would draw or dilate into these slots. Copied at the call. */
  masks?: Readonly<Record<MaskSlot, Uint8Array>>;
  /** Beginning of all noise keys; default []. */
  key?: readonly number[];
  /** Added to the logits of all mask heads; default 0. */
  shift?: number;
  /** Steps [from, to) are run; default all. What the arena and the slots hold stays between runs, but a run from 0 forgets the slots. */
  from?: number;
  to?: number;
  /** Masks to copy out. */
  want?: readonly MaskSlot[];
  /** Outputs to copy out, by index; default all. */
  wantOutputs?: readonly number[];
  /** Measure each step. */
  profile?: boolean;
  /** Looked at between steps; the run then rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface ProgramResult {
  outputs: Float32Array[];
  /** Sampled positions of each slot; -1: not set. */
  counts: Int32Array;
  masks: Record<MaskSlot, Uint8Array>;
  /** Milliseconds of each step, 0 where it was not run; with `profile`. */
  ms?: Float64Array;
}

export interface NativeProgram {
  /** Of the arena and the slots. */
  readonly bytes: number;
  run(run?: ProgramRun): Promise<ProgramResult>;
}

/** Checks the steps and allocates their memory. Errors name the step and the field. */
export function nativeProgram(engine: NativeEngine, options: ProgramOptions): NativeProgram {
  const operation = 'nativeProgram';
  const engineOf = rawEngine(operation, engine);
  const { masks = [], images = 0, inputs = [], outputs = [], steps } = options;
  whole(operation, 'arena', options.arena, 0, 2 ** 40);
  whole(operation, 'images', images, 0, 65536);
  const raw = new (binding().Program)(engineOf, options.arena, images);
  masks.forEach((shape, i) => {
    const [batch, height, width] = sizes(operation, `masks[${i}]`, shape, 3);
    raw.addSlot(batch, height, width, 1);
  });
  for (const span of inputs) raw.addInput(...spanOf(operation, 'inputs', span));
  for (const span of outputs) raw.addOutput(...spanOf(operation, 'outputs', span));
  if (!Array.isArray(steps)) throw new TypeError(`${operation}: steps is ${describe(steps)}; give a list`);
  steps.forEach((step: ProgramStep, i) => {
    const name = `step ${i}${step?.label ? ` (${step.label})` : ''}`;
    raw.addStep(String(step?.op), name, step?.unlessFull ?? null, ...stepFields(engine, step, name));
  });
  const sizesOf = { masks: masks.length, inputs, images, outputs: outputs.length, steps: steps.length };
  return { bytes: raw.bytes, run: (run = {}) => start(raw, sizesOf, run) };
}

interface ProgramSizes {
  masks: number;
  inputs: readonly Span[];
  images: number;
  outputs: number;
  steps: number;
}

async function start(raw: RawProgram, program: ProgramSizes, run: ProgramRun): Promise<ProgramResult> {
  const operation = 'run';
  const {
    images = [],
    inputs = [],
    masks = {},
    key = [],
    shift = 0,
    from = 0,
    to = program.steps,
    want = [],
    profile = false,
    signal,
  } = run;
  signal?.throwIfAborted();
  if (images.length > program.images) throw new RangeError(`run: ${images.length} images for a program of ${program.images}`);
  if (inputs.length > program.inputs.length) throw new RangeError(`run: ${inputs.length} inputs for a program of ${program.inputs.length}`);
  for (const part of key) {
    if (!Number.isSafeInteger(part)) throw new RangeError(`run: key [${key}] holds ${part}; give whole numbers`);
  }
  const wanted = run.wantOutputs ?? Array.from({ length: program.outputs }, (_, i) => i);
  for (const [i, { data, height, width }] of images.entries()) raw.giveImage(i, height, width, data);
  inputs.forEach((data, i) => {
    if (data) raw.giveInput(i, typed(operation, `inputs[${i}]`, data, 'Float32Array', program.inputs[i].length));
  });
  for (const [slot, mask] of Object.entries(masks)) raw.giveMask(Number(slot), mask);
  const running = raw.run(
    from,
    to,
    Float64Array.from(key),
    finite(operation, 'shift', shift),
    Boolean(profile),
    Int32Array.from(want),
    Int32Array.from(wanted),
  );
  const stop = () => raw.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const result = await running;
    if (result === null) throw signal!.reason;
    return { ...result, masks: Object.fromEntries(want.map((slot, i) => [slot, result.masks[i]])) };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function spanOf(operation: string, name: string, span: Span): [number, number] {
  if (typeof span !== 'object' || span === null)
    throw new TypeError(`${operation}: ${name} holds ${describe(span)}; give {offset, length}`);
  return [span.offset, span.length];
}
