// Settings that both heads have, and their checks.
import { checkClassWeights } from './cross-entropy.ts';
import type { NormSpec } from './layers.ts';

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

export interface LossSettings {
  ignoreLabel: number;
  classWeights?: readonly number[];
  lossWeight: number;
}

/** Throws on numbers that cannot work, naming them. */
export function resolveNorm(operation: string, { norm = 'group', groups }: SegmentationConfig, width: number): NormSpec {
  if (norm === 'none') return { kind: 'none' };
  if (norm !== 'group') throw new Error(`${operation}: norm ${JSON.stringify(norm)} must be 'group' or 'none'`);
  const chosen = groups ?? commonDivisor(32, width);
  if (!(Number.isInteger(chosen) && chosen >= 1 && width % chosen === 0))
    throw new Error(`${operation}: ${chosen} groups do not divide width ${width}; give a divisor`);
  return { kind: 'group', groups: chosen };
}

/** Throws on numbers that cannot work, naming them. */
export function resolveLoss(operation: string, config: SegmentationConfig): LossSettings {
  const { classes, ignoreLabel = 255, classWeights, lossWeight = 1 } = config;
  if (!(classes >= 2 && classes <= 256))
    throw new Error(`${operation}: classes ${classes} must be from 2 (background is one) to 256 (as many as a label image holds)`);
  if (Number.isInteger(ignoreLabel) && ignoreLabel >= 0 && ignoreLabel < classes)
    throw new Error(`${operation}: ignoreLabel ${ignoreLabel} is one of the ${classes} classes; give another number`);
  checkClassWeights(operation, classWeights, classes);
  return { ignoreLabel, classWeights, lossWeight };
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
