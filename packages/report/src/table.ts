// The table of an experiment: a row for each arm and sweep value, means over seeds; as console text and as Markdown.
import Table from 'cli-table3';
import { type Column, cellText, columnsOf, meanDensity } from './columns.ts';
import { DETECTION_METRICS, type ReportMetrics } from './metrics.ts';
import { groupIntoPoints, type Point, type ReportRun, sweepLabel } from './runs.ts';
import { mean } from './statistics.ts';

const headOf = (columns: readonly Column[]): string[] => ['arm', 'swept', 'seeds', ...columns.map((column) => column.head)];

function rowOf({ arm, sweep, runs }: Point, columns: readonly Column[]): string[] {
  return [arm, sweepLabel(sweep), String(runs.length), ...columns.map((column) => cellText(column, runs))];
}

/** Legend of the columns, one sentence. */
export const tableLegend = ({ shown: [primary], legend }: ReportMetrics = DETECTION_METRICS): string =>
  `${legend}; MACs of the backbone in millions an image, means over the evaluation set: \`total\` counts 49 interpolation taps, \`total14\` counts 14 (separable); ` +
  '`fixed` is stem and downsample, `cond.` the sampled convolutions; d1, d2 are the mean densities of the two masks. ± is the standard deviation over seeds. ' +
  `${primary} t.o. is the same network with interpolation before conv3 (the order of training); the two orders part in empty windows.`;

/** What fits on a console of 120 columns; the whole table is in the Markdown report. */
const consoleHead = ({ brief }: ReportMetrics): string[] => [
  ...['arm', 'swept', 'seeds', ...brief],
  ...['total', 'total14', 'of dense', 'd1', 'd2'],
];

/** The table's main columns as text for a console. */
export function consoleTable(runs: readonly ReportRun[], metrics: ReportMetrics = DETECTION_METRICS): string {
  const columns = columnsOf(metrics);
  const table = new Table({ head: consoleHead(metrics), style: { head: [], border: [], compact: true } });
  const shown = consoleHead(metrics).map((name) => headOf(columns).indexOf(name));
  for (const point of groupIntoPoints(runs)) {
    const row = rowOf(point, columns);
    table.push(shown.map((column) => row[column]));
  }
  return table.toString();
}

/** The table as Markdown. */
export function markdownTable(runs: readonly ReportRun[], metrics: ReportMetrics = DETECTION_METRICS): string {
  const columns = columnsOf(metrics);
  return markdownRows(
    headOf(columns),
    groupIntoPoints(runs).map((point) => rowOf(point, columns)),
  );
}

/** Rows of cells as a Markdown table. */
export function markdownRows(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Densities by block and mask, a row for each arm and sweep value. */
export function densityTable(runs: readonly ReportRun[]): string {
  const blocks = [...new Set(runs.flatMap((run) => Object.keys(run.densities)))];
  const rows = groupIntoPoints(runs).map(({ arm, sweep, runs: group }) => [
    arm,
    sweepLabel(sweep),
    ...blocks.map((block) => {
      const of = (mask: 'mask1' | 'mask2' | 'mask3') => mean(group.map((run) => run.densities[block]?.[mask] ?? Number.NaN));
      const shares = [of('mask1'), of('mask2'), of('mask3')].filter((share) => !Number.isNaN(share));
      return shares.map((share) => share.toFixed(2)).join(' / ');
    }),
  ]);
  return markdownRows(['arm', 'swept', ...blocks], rows);
}

/** All runs, one line each, as CSV (RFC 4180). */
export function summaryCsv(runs: readonly ReportRun[]): string {
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))];
  const head = [
    'arm',
    'sweep',
    'seed',
    ...metrics,
    'macs_total_49',
    'macs_total_14',
    'macs_dense',
    'macs_conditional',
    'macs_mask',
    'macs_interpolation_49',
    'macs_interpolation_14',
    'macs_reference',
    'density1',
    'density2',
    'train_seconds',
    'evaluate_seconds',
  ];
  const rows = runs.map((run) => [
    run.arm,
    sweepLabel(run.sweep),
    run.seed,
    ...metrics.map((name) => run.metrics[name]),
    run.macs.total.direct.mean,
    run.macs.total.separable.mean,
    run.macs.dense.mean,
    run.macs.conditional.mean,
    run.macs.mask.mean,
    run.macs.interpolation.direct.mean,
    run.macs.interpolation.separable.mean,
    run.macs.reference,
    meanDensity(run, 'mask1'),
    meanDensity(run, 'mask2'),
    run.seconds.train,
    run.seconds.evaluate,
  ]);
  return `${[head, ...rows].map((cells) => cells.map(csvCell).join(',')).join('\r\n')}\r\n`;
}

function csvCell(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
