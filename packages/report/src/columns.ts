// The columns of an experiment's table, once for all its forms: console, Markdown and HTML.
import type { ReportMetrics } from './metrics.ts';
import type { ReportRun, Spread } from './runs.ts';
import { mean, standardDeviation } from './statistics.ts';

const MEGA = 1e6;

export interface Column {
  head: string;
  /** What it is, a few words. */
  about: string;
  /** A value a run; empty where the runs do not have it. */
  values(runs: readonly ReportRun[]): number[];
  digits: number;
  /** Whether the deviation over seeds stands beside the mean. */
  spread: boolean;
  unit?: string;
}

const metric = (name: string, about: string): Column => ({
  head: name,
  about,
  values: (runs) => (runs.every((run) => name in run.metrics) ? runs.map((run) => run.metrics[name]) : []),
  digits: 1,
  spread: true,
});

const macs = (head: string, about: string, pick: (run: ReportRun) => Spread, spread = false): Column => ({
  head,
  about,
  values: (runs) => runs.map((run) => pick(run).mean / MEGA),
  digits: 1,
  spread,
});

type MaskName = 'mask1' | 'mask2' | 'mask3';

/** Mean density of one mask over the blocks of a run that have it; 1 without masks. */
export function meanDensity(run: ReportRun, mask: MaskName): number {
  const values = Object.values(run.densities)
    .map((block) => block[mask])
    .filter((value) => value !== undefined);
  return values.length ? mean(values) : 1;
}

const hasMask = ({ densities }: ReportRun, mask: MaskName): boolean => Object.values(densities).some((block) => mask in block);

const density = (head: string, mask: MaskName): Column => ({
  head,
  about: `mean density of mask ${mask.at(-1)} over the blocks`,
  values: (runs) => runs.map((run) => meanDensity(run, mask)),
  digits: 2,
  spread: false,
});

/** Metrics with what they are; others are named only. */
const METRICS: Record<string, string> = {
  AP: 'COCO average precision, percent',
  AP50: 'average precision at IoU 0.5',
  AP75: 'average precision at IoU 0.75',
  APs: 'average precision of small objects',
  APm: 'average precision of medium objects',
  APl: 'average precision of large objects',
  mIoU: 'intersection over union, mean over the classes, percent',
  mAcc: 'accuracy of pixels, mean over the classes, percent',
  aAcc: 'accuracy of all pixels, percent',
  top1: 'images whose class has the highest score, percent',
  top5: 'images whose class is among the five highest scores, percent',
};

export const metricColumn = (name: string): Column => metric(name, METRICS[name] ?? name);

/** The primary metric in the order of training. */
export const trainingOrderColumn = (primary: string): Column => ({
  head: `${primary} t.o.`,
  about: `${primary} of the same network with interpolation before conv3, the order of training`,
  values: (runs) => {
    const values = runs.flatMap((run) => run.trainingOrder?.[primary] ?? (primary === 'AP' ? run.trainingOrderAP : undefined) ?? []);
    return values.length === runs.length ? values : [];
  },
  digits: 1,
  spread: true,
});

export const macColumns: Column[] = [
  macs('total', 'MACs of the backbone in millions an image, 49 interpolation taps', (run) => run.macs.total.direct, true),
  macs('total14', 'MACs of the backbone in millions an image, 14 interpolation taps (separable)', (run) => run.macs.total.separable, true),
  {
    head: 'of dense',
    about: 'total as a part of the same network with every position computed and no masks',
    values: (runs) => runs.map((run) => (100 * run.macs.total.direct.mean) / run.macs.reference),
    digits: 0,
    spread: false,
    unit: '%',
  },
  macs('fixed', 'MACs of stem and downsample', (run) => run.macs.dense),
  macs('cond.', 'MACs of the sampled convolutions', (run) => run.macs.conditional),
  macs('mask', 'MACs of the mask heads', (run) => run.macs.mask),
  macs('interp', 'MACs of the interpolation, 49 taps', (run) => run.macs.interpolation.direct),
  macs('interp14', 'MACs of the interpolation, 14 taps', (run) => run.macs.interpolation.separable),
  density('d1', 'mask1'),
  density('d2', 'mask2'),
  {
    ...density('d3', 'mask3'),
    values: (runs) => (runs.every((run) => hasMask(run, 'mask3')) ? runs.map((run) => meanDensity(run, 'mask3')) : []),
  },
];

/** The columns of the text tables. */
export const columnsOf = ({ shown }: ReportMetrics): Column[] => [
  ...shown.map((name) => metricColumn(name)),
  trainingOrderColumn(shown[0]),
  ...macColumns,
];

/** `mean +- std` with `digits` decimals; without the deviation where there is one value only. */
export function plusMinus(values: readonly number[], digits: number): string {
  const centre = mean(values).toFixed(digits);
  return values.length > 1 ? `${centre} ± ${standardDeviation(values).toFixed(digits)}` : centre;
}

/** A cell of a column as text; empty where the runs do not have it. */
export function cellText({ values, digits, spread, unit }: Column, runs: readonly ReportRun[]): string {
  const found = values(runs);
  if (found.length === 0) return '';
  return `${spread ? plusMinus(found, digits) : mean(found).toFixed(digits)}${unit ? ` ${unit}` : ''}`;
}
