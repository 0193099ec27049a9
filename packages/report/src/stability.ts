// How steady the trainings were: the spread of the metric over seeds, the loss over the last half of the steps, and how often a window
// held no sample (the paper's reason for the grid prior, section 3.3).
import { type Column, cellText } from './columns.ts';
import { groupIntoPoints, measured, type ReportRun, sweepLabel } from './runs.ts';
import { standardDeviation } from './statistics.ts';
import { markdownRows } from './table.ts';

/** A value a run; none where a run lacks it. */
function allMeasured(runs: readonly ReportRun[], path: string): number[] {
  const values = runs.flatMap((run) => measured(run, path) ?? []);
  return values.length === runs.length ? values : [];
}

const number = (head: string, about: string, path: string, digits: number, scale = 1): Column => ({
  head,
  about,
  values: (runs) => allMeasured(runs, path).map((value) => scale * value),
  digits,
  spread: true,
});

/** Columns of the table; `metric` is the one that the experiment is about. */
export const stabilityColumns = (metric: string): Column[] => [
  {
    head: `${metric} std`,
    about: `standard deviation of ${metric} over the seeds`,
    values: (runs) => {
      const values = allMeasured(runs, metric);
      return values.length > 1 ? [standardDeviation(values)] : [];
    },
    digits: 2,
    spread: false,
  },
  number('loss', 'training loss, mean over the last half of the steps', 'training.loss.mean', 3),
  number('loss variance', 'variance of the training loss over the last half of the steps', 'training.loss.variance', 4),
  number(
    'empty in training',
    'windows without a sample in training, percent of the positions (masks cut at 1/2)',
    'training.emptyWindows',
    1,
    100,
  ),
  number('empty in evaluation', 'windows without a sample in the evaluation, percent of the positions', 'emptyWindows', 1, 100),
];

/** Whether the runs say anything of their training. */
export const hasStability = (runs: readonly ReportRun[]): boolean => runs.some((run) => run.training !== undefined);

export const STABILITY_LEGEND =
  'Loss: over the last half of the steps, ± over seeds. Empty: percent of the positions whose interpolation window holds no sample; in training of masks cut at 1/2.';

/** The table as Markdown. */
export function stabilityTable(runs: readonly ReportRun[], metric: string): string {
  const points = groupIntoPoints(runs);
  const columns = stabilityColumns(metric).filter((column) => points.some((point) => column.values(point.runs).length > 0));
  const rows = points.map(({ arm, sweep, runs: own }) => [arm, sweepLabel(sweep), ...columns.map((column) => cellText(column, own))]);
  return markdownRows(['arm', 'swept', ...columns.map(({ head }) => head)], rows);
}
