// One run of a program: everything it is given is checked before the program gets any of it, then copied, then the steps run elsewhere.
import type { RawProgram } from './binding.ts';
import { describe, finite, typed, whole } from './check.ts';
import type { MaskSlot } from './program-steps.ts';

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

/** What a run must fit. */
export interface ProgramSizes {
  images: number;
  /** Length of each. */
  inputs: readonly number[];
  /** Cells of each. */
  masks: readonly number[];
  outputs: number;
  steps: number;
}

const OPERATION = 'run';
const MAX_SIDE = 2 ** 24;

export async function startRun(raw: RawProgram, program: ProgramSizes, run: ProgramRun): Promise<ProgramResult> {
  const { images, inputs, masks, key, shift, from, to, want, wantOutputs, profile, signal } = checked(program, run);
  signal?.throwIfAborted();
  let running: ReturnType<RawProgram['run']>;
  try {
    for (const [i, { data, height, width }] of images.entries()) raw.giveImage(i, height, width, data);
    for (const [i, data] of inputs) raw.giveInput(i, data);
    for (const [slot, mask] of masks) raw.giveMask(slot, mask);
    running = raw.run(from, to, key, shift, profile, want, wantOutputs);
  } catch (error) {
    raw.refuse();
    throw error;
  }
  const stop = () => raw.stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const result = await running;
    if (result === null) throw signal!.reason;
    return { ...result, masks: Object.fromEntries(Array.from(want, (slot, i) => [slot, result.masks[i]])) };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function checked(program: ProgramSizes, run: ProgramRun) {
  if (typeof run !== 'object' || run === null) throw new TypeError(`${OPERATION}: options is ${describe(run)}; give an object`);
  const images = list('images', run.images, program.images);
  const inputs = list('inputs', run.inputs, program.inputs.length);
  const { masks = {}, signal } = run;
  if (typeof masks !== 'object' || masks === null) throw new TypeError(`${OPERATION}: masks is ${describe(masks)}; give an object`);
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    throw new TypeError(`${OPERATION}: signal is ${describe(signal)}; give an AbortSignal`);
  }
  const from = whole(OPERATION, 'from', run.from ?? 0, 0, program.steps);
  return {
    images: images.map((image, i) => {
      const height = whole(OPERATION, `images[${i}].height`, image?.height, 1, MAX_SIDE);
      const width = whole(OPERATION, `images[${i}].width`, image.width, 1, MAX_SIDE);
      return { height, width, data: typed(OPERATION, `images[${i}].data`, image.data, 'Uint8Array', height * width * 3) };
    }),
    inputs: inputs.flatMap((data, i) =>
      data === undefined ? [] : [[i, typed(OPERATION, `inputs[${i}]`, data, 'Float32Array', program.inputs[i])] as const],
    ),
    masks: Object.entries(masks).map(([slot, mask]) => {
      const index = slotOf(program, 'masks', Number(slot), slot);
      return [index, typed(OPERATION, `masks[${slot}]`, mask, 'Uint8Array', program.masks[index])] as const;
    }),
    key: Float64Array.from(list('key', run.key), (part) => {
      if (Number.isSafeInteger(part)) return part;
      throw new RangeError(`${OPERATION}: key holds ${typeof part === 'number' ? part : describe(part)}; give whole numbers`);
    }),
    shift: finite(OPERATION, 'shift', run.shift ?? 0),
    from,
    to: whole(OPERATION, 'to', run.to ?? program.steps, from, program.steps),
    want: Int32Array.from(list('want', run.want), (slot) => slotOf(program, 'want', slot, slot)),
    wantOutputs: Int32Array.from(
      run.wantOutputs === undefined ? Array(program.outputs).keys() : list('wantOutputs', run.wantOutputs),
      (output, i) => whole(OPERATION, `wantOutputs[${i}]`, output, 0, program.outputs - 1),
    ),
    profile: Boolean(run.profile),
    signal,
  };
}

/** A copy without holes. */
function list<T>(name: string, value: readonly T[] | undefined, most = Number.POSITIVE_INFINITY): T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new TypeError(`${OPERATION}: ${name} is ${describe(value)}; give a list`);
  if (value.length > most) throw new RangeError(`${OPERATION}: ${name} has ${value.length} elements for a program of ${most}`);
  return Array.from(value);
}

function slotOf(program: ProgramSizes, name: string, slot: number, shown: unknown): number {
  if (Number.isInteger(slot) && slot >= 0 && slot < program.masks.length) return slot;
  throw new RangeError(
    `${OPERATION}: ${name} names ${typeof shown === 'number' ? shown : describe(shown)}, of ${program.masks.length} masks`,
  );
}
