// Finds and loads the compiled addon (native/src, built by tools/native/build.mjs), and says what is in it. This module is CommonJS in
// either kind of program (package.json, "exports"): an addon can only be required, and one process should hold it once.
import fs from 'node:fs';
import path from 'node:path';

/** Instruction sets the kernels are compiled for, on x86-64 and arm64. */
export type Isa = 'avx512' | 'avx2' | 'baseline' | 'neon';

/** Opaque; made by the addon, and recognised by it whatever JavaScript does to it. */
export interface RawFilter {
  readonly raw: 'filter';
}

type Sizes = [batch: number, height: number, width: number, channels: number];

/** The addon's operations, arguments by position; native/src/operations.cc reads them in this order. Arrays named output are written. */
export interface RawEngine {
  readonly simdWidth: number;
  convolve(
    filter: RawFilter,
    ...rest: [
      ...shape: Sizes,
      stride: number,
      positions: Int32Array | null,
      inputRows: boolean,
      input: Float32Array,
      residual: Float32Array | null,
      relu: boolean,
      outputRows: boolean,
      output: Float32Array,
    ]
  ): void;
  interpolate(
    ...args: [
      ...shape: Sizes,
      features: Float32Array,
      mask: Uint8Array,
      kind: number,
      window: number,
      sigma: number,
      filter: Float32Array | null,
      where: Uint8Array | null,
      residual: Float32Array | null,
      relu: boolean,
      output: Float32Array,
    ]
  ): void;
  maskHeads(
    heads: RawFilter,
    ...rest: [
      ...shape: Sizes,
      input: Float32Array,
      bias1: number,
      stride1: number,
      output1: Float32Array,
      bias2: number,
      stride2: number,
      output2: Float32Array,
    ]
  ): void;
  /** Returns the number of positions. */
  drawMask(
    ...args: [
      ...shape: Sizes,
      kind: number,
      probability: Float32Array | null,
      density: number,
      key: Float64Array,
      tileSize: number,
      tile: Int32Array | null,
      interval: number,
      outputMask: Uint8Array,
      outputPositions: Int32Array,
    ]
  ): number;
  /** Returns the number of positions. */
  dilate(
    ...args: [...shape: Sizes, kernel: number, stride: number, outputs: Int32Array, outputMask: Uint8Array, outputPositions: Int32Array]
  ): number;
  maxPool(...args: [...shape: Sizes, input: Float32Array, output: Float32Array]): void;
  upsampleAdd(
    ...args: [...shape: Sizes, coarseHeight: number, coarseWidth: number, coarse: Float32Array, fine: Float32Array, output: Float32Array]
  ): void;
  subsample(...args: [...shape: Sizes, stride: number, input: Float32Array, output: Float32Array]): void;
  meanPool(...args: [...shape: Sizes, input: Float32Array, output: Float32Array]): void;
  upsampleBilinear(
    ...args: [...shape: Sizes, factor: number, input: Float32Array, residual: Float32Array | null, output: Float32Array]
  ): void;
  groupNorm(
    ...args: [
      ...shape: Sizes,
      groups: number,
      relu: boolean,
      scale: Float32Array,
      shift: Float32Array,
      input: Float32Array,
      output: Float32Array,
    ]
  ): void;
  /** For each level its shape, stride and input come before the output. */
  roiAlign(
    size: number,
    samplingRatio: number,
    count: number,
    rois: Float32Array,
    levels: number,
    ...rest: (number | Float32Array)[]
  ): void;
  normaliseImage(
    ...args: [
      ...shape: Sizes,
      ...mean: [number, number, number],
      ...std: [number, number, number],
      height: number,
      width: number,
      image: Uint8Array,
      output: Float32Array,
    ]
  ): void;
}

/** Offset and length in the arena, in floats; or null where a step may do without. */
export type RawSpan = [offset: number, length: number];

/** A program of the addon: made empty, given slots, spans and steps, then run. native/src/program_reader.cc reads a step's fields in order. */
export interface RawProgram {
  readonly bytes: number;
  addSlot(...shape: Sizes): void;
  addInput(...span: RawSpan): void;
  addOutput(...span: RawSpan): void;
  addStep(op: string, name: string, unlessFull: number | null, ...fields: unknown[]): void;
  giveImage(image: number, height: number, width: number, data: Uint8Array): void;
  giveInput(input: number, data: Float32Array): void;
  giveMask(slot: number, mask: Uint8Array): void;
  /** Takes back what was given. */
  refuse(): void;
  /** null: stopped. */
  run(
    from: number,
    to: number,
    key: Float64Array,
    shift: number,
    profile: boolean,
    want: Int32Array,
    wantOutputs: Int32Array,
  ): Promise<{ outputs: Float32Array[]; masks: Uint8Array[]; counts: Int32Array; ms?: Float64Array } | null>;
  stop(): void;
}

export interface Binding {
  /** What this processor can run, the fastest first. */
  readonly available: Isa[];
  readonly Engine: new (isa: string, threads: number) => RawEngine;
  readonly Filter: new (
    engine: RawEngine,
    kernel: number,
    inChannels: number,
    outChannels: number,
    weights: Float32Array,
    bias: Float32Array | null,
  ) => RawFilter;
  readonly Program: new (engine: RawEngine, floats: number, images: number) => RawProgram;
}

/** The addon's file: $STINT_NATIVE, else the one of this platform in the package's folder native/build/release. */
export function addonFile(env: NodeJS.ProcessEnv = process.env): string {
  if (env.STINT_NATIVE) return path.resolve(env.STINT_NATIVE);
  // This file is src/native/binding.ts or dist/cjs/native/binding.js; the folder dist is no package.
  const above = ['../..', '../../..'].map((up) => path.join(__dirname, up));
  const root = above.find((folder) => fs.existsSync(path.join(folder, 'package.json'))) ?? above[0];
  return path.join(root, 'native/build/release', `${process.platform}-${process.arch}`, 'stint.node');
}

let loaded: Binding | undefined;

/** Loads the addon at the first call. */
export function binding(): Binding {
  loaded ??= load(addonFile());
  return loaded;
}

/** Exported for tests. */
export function load(file: string): Binding {
  const platform = `${process.platform}-${process.arch}`;
  if (!fs.existsSync(file)) throw new Error(withWayOut(`no kernels for ${platform} (${file})`));
  try {
    return require(file) as Binding;
  } catch (error) {
    // Made for an older or newer C library, for another processor, or cut off.
    const reason = (error as Error).message.split('\n')[0].replace(`${file}: `, '');
    throw new Error(withWayOut(`the kernels for ${platform} (${file}) do not load here (${reason})`), { cause: error });
  }
}

function withWayOut(problem: string): string {
  return `@stint/sparse-conv/native: ${problem}: run "npx nx build-native sparse-conv", or use sampledConv2d`;
}
