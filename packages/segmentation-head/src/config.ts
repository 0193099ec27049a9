// Settings of the heads, and the checks that both share.

export interface SegmentationConfig {
  /** Number of classes K, from 2 to 256; labels are 0..K-1. */
  classes: number;
  /** Channels of every pyramid level. */
  channels: number;
  /** Channels inside the head. */
  width?: number;
  /** 'group' (default): group norm after every 3x3 convolution; 'none': bias instead. */
  norm?: 'group' | 'none';
  /** Groups of the group norm; default the largest number up to 32 that divides both 32 and the width. */
  groups?: number;
  /** Label of pixels that are not learnt, default 255. */
  ignoreLabel?: number;
  /** Factor on the loss of each class, default 1 each; the loss is divided by the sum of the factors of its pixels. */
  classWeights?: readonly number[];
  /** Factor on the whole loss, default 1. */
  lossWeight?: number;
}

export interface FpnDecoderConfig extends SegmentationConfig {
  /** Channels of every stage; default 128. */
  width?: number;
  /** Pixels a cell of each pyramid level, finest first; each a power of two. Default [4, 8, 16, 32]. */
  strides?: readonly number[];
}

export interface FcnConfig extends SegmentationConfig {
  /** Pixels a cell of each pyramid level, finest first. */
  strides: readonly number[];
  /** Which level is read, 0 the finest; default 0. */
  level?: number;
  /** 3x3 convolutions before the predictor; default 1. */
  convs?: number;
  /** Channels of the 3x3 convolutions; default `channels`. */
  width?: number;
}

/** Group norm (the usual choice in heads, as batches are small), or none. */
export type NormSpec = { kind: 'group'; groups: number } | { kind: 'none' };

/** Throws on numbers that cannot work, naming them. */
export function resolveNorm(operation: string, { norm = 'group', groups }: SegmentationConfig, width: number): NormSpec {
  if (norm === 'none') return { kind: 'none' };
  if (norm !== 'group') throw new Error(`${operation}: norm ${JSON.stringify(norm)} must be 'group' or 'none'`);
  const chosen = groups ?? commonDivisor(32, width);
  if (!(Number.isInteger(chosen) && chosen >= 1 && width % chosen === 0))
    throw new Error(`${operation}: ${chosen} groups do not divide width ${width}; give a divisor`);
  return { kind: 'group', groups: chosen };
}

/** Throws unless every value is a whole number of at least 1. */
export function checkCounts(operation: string, counts: Record<string, number>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 1) throw new Error(`${operation}: ${name} ${value} must be a whole number >= 1`);
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
