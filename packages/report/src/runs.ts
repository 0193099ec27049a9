// What the report reads of a finished run, and how runs group into arms. Structural: any producer of this JSON will do.

export interface Spread {
  mean: number;
  std: number;
}

/** Multiply-accumulates of the backbone for an image: mean and standard deviation over the evaluation set. */
export interface MacSummary {
  dense: Spread;
  conditional: Spread;
  mask: Spread;
  interpolation: { direct: Spread; separable: Spread };
  total: { direct: Spread; separable: Spread };
  /** The same network with every position computed and no masks. */
  reference: number;
}

export interface ReportRun {
  arm: string;
  /** Swept values, for example `{ 'loss.sparseWeight': 0.2 }`; equal within a point of the curve. */
  sweep: Record<string, number | string>;
  seed: number;
  /** In percent. */
  metrics: Record<string, number>;
  macs: MacSummary;
  densities: Record<string, { mask1: number; mask2: number; mask3?: number }>;
  seconds: { train: number; evaluate: number };
  /** The metrics when interpolation comes before conv3, as in training; only for kinds that train in that order. */
  trainingOrder?: Record<string, number>;
  /** As earlier versions wrote it. */
  trainingOrderAP?: number;
  /** Share of the positions whose window holds no sample, in the evaluation. */
  emptyWindows?: number;
  /** How its training went, over the last half of the steps. */
  training?: { loss: { mean: number; variance: number }; emptyWindows?: number };
}

/** A metric of a run, or another of its numbers by its path (`training.loss.variance`, `emptyWindows`); undefined where it has none. */
export function measured(run: ReportRun, name: string): number | undefined {
  if (name in run.metrics) return run.metrics[name];
  const value = name.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], run);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A run that ended without a result. */
export interface FailedRun {
  arm: string;
  sweep: Record<string, number | string>;
  seed: number;
  lastLines: string[];
}

export type TapCount = 'direct' | 'separable';

/** Text of swept values: `sparseWeight=0.2` (the last part of each path), empty when nothing is swept. */
export function sweepLabel(sweep: Record<string, number | string>): string {
  return Object.entries(sweep)
    .map(([path, value]) => `${path.split('.').at(-1)}=${value}`)
    .join(' ');
}

/** Runs of one arm and one sweep value, all seeds. Order of first appearance. */
export interface Point {
  arm: string;
  sweep: Record<string, number | string>;
  runs: ReportRun[];
}

/** Groups runs into points: an arm at a sweep value. */
export function groupIntoPoints(runs: readonly ReportRun[]): Point[] {
  const points = new Map<string, Point>();
  for (const run of runs) {
    const key = JSON.stringify([run.arm, run.sweep]);
    const point = points.get(key) ?? { arm: run.arm, sweep: run.sweep, runs: [] };
    point.runs.push(run);
    points.set(key, point);
  }
  return [...points.values()];
}

/** Names of the arms, in order of first appearance. */
export function armNames(runs: readonly ReportRun[]): string[] {
  return [...new Set(runs.map((run) => run.arm))];
}
