// What a program can do: its steps, each over parts of one arena and a few mask slots. native/src/program_reader.cc is their other half.
import type { MapShape } from './check.ts';
import type { PackedFilter } from './engine.ts';
import type { NativeFill } from './interpolate.ts';
import type { NativeSampler } from './masks.ts';

/** Part of the arena, in floats. The offset is a multiple of 16 (a cache line). A step may need less than the length. */
export interface Span {
  offset: number;
  length: number;
}

/** Index of one of the program's masks. */
export type MaskSlot = number;

/** (byte - mean) / std of each channel; the map is zero right of and below a smaller image. The RGB bytes are given to the run. */
export interface ImageStep {
  op: 'image';
  /** Which of the run's images. */
  image: number;
  /** [1,H,W,3] of the output. */
  shape: MapShape;
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  output: Span;
}

/** `convolve` at the positions of a slot, or everywhere. */
export interface ConvolveStep {
  op: 'convolve';
  filter: PackedFilter;
  /** [N,H,W,Cin]. */
  input: Span;
  /** Of the input map, also with `inputRows`. */
  shape: MapShape;
  /** Default 1. */
  stride?: number;
  /** [N,H',W']: where to compute. */
  at?: MaskSlot;
  /** [N,H',W',Cout]; may be the output. */
  residual?: Span;
  relu?: boolean;
  /** Row i of the input belongs to position i of `at`: kernel 1, stride 1. The span has room for every position. */
  inputRows?: boolean;
  /** Row i of the output belongs to position i of `at`. The span has room for every position. */
  outputRows?: boolean;
  output: Span;
  /** What is given here replaces the fields above when every position of `at` is sampled. */
  whenFull?: { residual?: Span; relu?: boolean; output?: Span; outputRows?: boolean };
}

/** `interpolate`; in place when the output is the features. Then nothing is done if the mask is full. */
export interface InterpolateStep {
  op: 'interpolate';
  /** [N,H,W,C]. */
  features: Span;
  shape: MapShape;
  mask: MaskSlot;
  fill: NativeFill;
  /** Unsampled positions outside of it are left as they are. */
  where?: MaskSlot;
  /** Not in place. May be the output. */
  residual?: Span;
  /** Not in place. */
  relu?: boolean;
  output: Span;
}

/** `maskHeads`; the run's `shift` is added to both biases. */
export interface MaskHeadsStep {
  op: 'maskHeads';
  /** [N,H,W,C]. */
  input: Span;
  shape: MapShape;
  heads: PackedFilter;
  bias: readonly [number, number];
  /** Of head 1 and head 2; default [1, 1]. */
  stride?: readonly [number, number];
  /** Probabilities [N,H',W'], H' by each head's stride. */
  outputs: readonly [Span, Span];
}

/** `drawMask`; the noise has the key [...run's key, ...sampler's key]. */
export interface DrawMaskStep {
  op: 'drawMask';
  /** [N,H,W]; all samplers but 'random'. */
  probability?: Span;
  mask: MaskSlot;
  /** Its key may be absent: []. */
  sampler: NativeSampler;
}

/** `dilate`: the inputs that a convolution needs for the outputs of another slot. */
export interface DilateStep {
  op: 'dilate';
  from: MaskSlot;
  mask: MaskSlot;
  kernel: number;
  stride: number;
}

export interface MaxPoolStep {
  op: 'maxPool3x3';
  /** [N,H,W,C]. */
  input: Span;
  shape: MapShape;
  /** [N,H',W',C], H' = floor((H - 1) / 2) + 1. */
  output: Span;
}

export interface UpsampleAddStep {
  op: 'upsampleAdd';
  /** [N,h,w,C]. */
  coarse: Span;
  coarseSize: readonly [height: number, width: number];
  /** [N,H,W,C]; may be the output. */
  fine: Span;
  shape: MapShape;
  output: Span;
}

/** Every stride-th row and column: [N,H,W,C] -> [N,H',W',C], H' = floor((H - 1) / stride) + 1. */
export interface SubsampleStep {
  op: 'subsample';
  input: Span;
  shape: MapShape;
  stride: number;
  output: Span;
}

/** [N,H,W,C] -> [N,C]. */
export interface MeanPoolStep {
  op: 'meanPool';
  input: Span;
  shape: MapShape;
  output: Span;
}

/** `upsampleBilinear`. */
export interface UpsampleBilinearStep {
  op: 'upsampleBilinear';
  /** [N,ceil(H / factor),ceil(W / factor),C]. */
  input: Span;
  factor: number;
  /** [N,H,W,C] of the output. */
  shape: MapShape;
  /** [N,H,W,C], added; may be the output. */
  residual?: Span;
  output: Span;
}

/** `groupNorm`. */
export interface GroupNormStep {
  op: 'groupNorm';
  /** [N,H,W,C]. */
  input: Span;
  shape: MapShape;
  /** Divides C. */
  groups: number;
  /** [C], copied when the program is made. */
  scale: Float32Array;
  shift: Float32Array;
  relu?: boolean;
  /** May be the input. */
  output: Span;
}

/** `roiAlign` of as many RoIs as a slot has positions. */
export interface RoiAlignStep {
  op: 'roiAlign';
  /** The finest first; maps of one image, each stride twice the one before. */
  levels: readonly { input: Span; shape: MapShape; stride: number }[];
  /** [max,4]: x1, y1, x2, y2 in pixels. */
  rois: Span;
  /** [1,1,max]: its count says how many RoIs there are, the first ones. */
  at: MaskSlot;
  size: number;
  /** Samples along each axis of a bin; 0: as many as the bin has cells. */
  samplingRatio: number;
  /** [max,size,size,C]; the rows of RoIs that there are. */
  output: Span;
}

export type ProgramStep = {
  /** For messages and for whoever reads the plan. */
  label?: string;
  /** The step is skipped when every position of this slot is sampled. */
  unlessFull?: MaskSlot;
} & (
  | ImageStep
  | ConvolveStep
  | InterpolateStep
  | MaskHeadsStep
  | DrawMaskStep
  | DilateStep
  | MaxPoolStep
  | UpsampleAddStep
  | SubsampleStep
  | MeanPoolStep
  | UpsampleBilinearStep
  | GroupNormStep
  | RoiAlignStep
);
