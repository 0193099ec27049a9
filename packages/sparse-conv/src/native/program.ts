// Programs: a whole network's operations, planned once, checked once, then run off the main thread without allocating.
import { binding } from './binding.ts';
import { describe, sizes, whole } from './check.ts';
import { type NativeEngine, rawEngine } from './engine.ts';
import { spanFields, stepFields } from './program-fields.ts';
import { type ProgramResult, type ProgramRun, type ProgramSizes, startRun } from './program-run.ts';
import type { ProgramStep, Span } from './program-steps.ts';

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

export interface NativeProgram {
  /** Of the arena and the slots. */
  readonly bytes: number;
  run(run?: ProgramRun): Promise<ProgramResult>;
}

/** Checks the steps and allocates their memory. Errors name the step and the field. */
export function nativeProgram(engine: NativeEngine, options: ProgramOptions): NativeProgram {
  const operation = 'nativeProgram';
  const engineOf = rawEngine(operation, engine);
  if (typeof options !== 'object' || options === null) throw new TypeError(`${operation}: options is ${describe(options)}; give an object`);
  const masks = list('masks', options.masks ?? []);
  const inputs = list('inputs', options.inputs ?? []);
  const outputs = list('outputs', options.outputs ?? []);
  const steps = list('steps', options.steps);
  const images = whole(operation, 'images', options.images ?? 0, 0, 65536);
  const raw = new (binding().Program)(engineOf, whole(operation, 'arena', options.arena, 0, 2 ** 40), images);
  const cells = masks.map((shape, i) => {
    const [batch, height, width] = sizes(operation, `masks[${i}]`, shape, 3);
    raw.addSlot(batch, height, width, 1);
    return batch * height * width;
  });
  const lengths = inputs.map((span, i) => {
    const [offset, length] = spanFields(operation, `inputs[${i}]`, span);
    raw.addInput(offset, length);
    return length;
  });
  for (const [i, span] of outputs.entries()) raw.addOutput(...spanFields(operation, `outputs[${i}]`, span));
  for (const [i, step] of steps.entries()) {
    const name = nameOf(step, i);
    const fields = stepFields(engine, step, `${operation}: ${name}`);
    raw.addStep(step.op, name, step.unlessFull ?? null, ...fields);
  }
  const program: ProgramSizes = { images, inputs: lengths, masks: cells, outputs: outputs.length, steps: steps.length };
  return { bytes: raw.bytes, run: (run = {}) => startRun(raw, program, run) };
}

/** For messages. */
function nameOf(step: ProgramStep, index: number): string {
  const label: unknown = step?.label ?? '';
  if (typeof label !== 'string') throw new TypeError(`nativeProgram: step ${index}: label is ${describe(label)}; give a string`);
  return `step ${index}${label && ` (${label})`}`;
}

/** A copy without holes. */
function list<T>(name: string, value: readonly T[]): T[] {
  if (!Array.isArray(value)) throw new TypeError(`nativeProgram: ${name} is ${describe(value)}; give a list`);
  return Array.from(value);
}
