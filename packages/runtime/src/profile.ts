// Where the time of a run went.
import type { StepInfo } from './plan/builder.ts';

export interface ProfileRow {
  /** Such as `layer1.0.conv2`. */
  name: string;
  ms: number;
  /** Share of the positions that were computed; 1 for what has no mask. */
  density: number;
  /** Multiply-adds done. */
  macs: number;
  /** 1e9 floating-point operations a second, two a multiply-add; 0 where none are counted. */
  gflops: number;
}

export interface Profile {
  /** In the order of computation. */
  rows: ProfileRow[];
  /** Sum of the rows, in ms: all of the run but the way into and out of it. */
  total: number;
}

/** @param counts sampled positions of each slot. @param cells positions of each slot. */
export function profileOf(steps: readonly StepInfo[], ms: Float64Array, counts: Int32Array, cells: readonly number[]): Profile {
  const rows = steps.map(({ label, denseMacs, mask }, i) => {
    const density = mask === undefined ? 1 : Math.max(counts[mask], 0) / cells[mask];
    const macs = denseMacs * density;
    return { name: label, ms: ms[i], density, macs, gflops: ms[i] > 0 ? (2 * macs) / (ms[i] * 1e6) : 0 };
  });
  return { rows, total: rows.reduce((sum, row) => sum + row.ms, 0) };
}
