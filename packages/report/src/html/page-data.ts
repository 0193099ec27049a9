// What the page's script reads: the numbers behind the charts and the masks, embedded as JSON.

import type { ReportRun, TapCount } from '../runs.ts';
import { sweepLabel } from '../runs.ts';
import type { CostStage } from './cost.ts';

export interface SeedData {
  seed: number;
  metrics: Record<string, number>;
  /** MACs of the backbone, mean over the images. */
  macs: Record<TapCount, number>;
  /** By block, then by mask. */
  densities: Record<string, Record<string, number>>;
}

/** An arm at a sweep value. */
export interface PointData {
  arm: string;
  style: number;
  swept: string;
  seeds: SeedData[];
}

/** A network to compare with, such as the dense one before fine-tuning. */
export interface Baseline {
  label: string;
  metrics: Record<string, number>;
  macs: number;
}

export interface ChartData {
  /** Metrics that the runs have, the claimed one first. */
  metrics: string[];
  points: PointData[];
  /** MACs of the same network with every position computed. */
  reference?: number;
  baseline?: Baseline;
}

/** One mask of one image: cells row-major, eight a byte, the first in the highest bit, as base64. */
export interface PackedMask {
  block: string;
  mask: number;
  height: number;
  width: number;
  bits: string;
}

/** The masks of one run on the shown images, and what they cost. */
export interface MaskView {
  arm: string;
  style: number;
  swept: string;
  seed: number;
  /** In the order of the shown images. */
  images: { masks: PackedMask[]; stages: CostStage[] /** MACs per pixel of the same network without masks. */; dense: number }[];
}

export interface MaskData {
  images: { id: number; width: number; height: number }[];
  views: MaskView[];
}

/** Four significant digits are more than a chart shows. */
const short = (value: number): number => Number(value.toPrecision(5));

const shortAll = (values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, short(value)]));

/** Metrics that every run has and that some run could be measured in (COCO says -1 where there is no ground truth). */
export function measuredMetrics(runs: readonly ReportRun[], first: readonly string[] = []): string[] {
  const names = [...new Set([...first, ...runs.flatMap((run) => Object.keys(run.metrics))])];
  return names.filter((name) => runs.length > 0 && runs.every((run) => name in run.metrics) && runs.some((run) => run.metrics[name] >= 0));
}

/** `arms` gives the styles: their order is that of colours and markers. */
export function chartPoints(runs: readonly ReportRun[], arms: readonly string[]): PointData[] {
  const points = new Map<string, PointData>();
  for (const { arm, sweep, seed, metrics, macs, densities } of runs) {
    const swept = sweepLabel(sweep);
    const key = JSON.stringify([arm, swept]);
    const point = points.get(key) ?? { arm, style: arms.indexOf(arm), swept, seeds: [] };
    const { direct, separable } = macs.total;
    point.seeds.push({
      seed,
      metrics: shortAll(metrics),
      macs: { direct: short(direct.mean), separable: short(separable.mean) },
      densities: Object.fromEntries(Object.entries(densities).map(([block, masks]) => [block, shortAll({ ...masks })])),
    });
    points.set(key, point);
  }
  return [...points.values()];
}
