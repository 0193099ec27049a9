// Programs: a whole network's operations, planned once, checked once, then run off the main thread without allocating.
import type { NativeEngine } from './engine.ts';
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
export function nativeProgram(_engine: NativeEngine, _options: ProgramOptions): NativeProgram {
  throw new Error('nativeProgram: not there yet');
}
