// The tables of results: a row an arm and sweep value, and a row a run with what tells it apart from every other.
import { type Column, cellText, macColumns, metricColumn, trainingOrderColumn } from '../columns.ts';
import { groupIntoPoints, type ReportRun, sweepLabel } from '../runs.ts';
import { stabilityColumns } from '../stability.ts';
import { mean } from '../statistics.ts';
import { styleClass } from './chart.ts';
import { html, type Markup } from './markup.ts';
import { sortableTable, type TableCell, type TableHead } from './sortable-table.ts';

/** Metrics of the table of points, recall (AR) left out; all of them are in that of runs. */
const shownMetrics = (metrics: readonly string[]): string[] => metrics.filter((name) => !name.startsWith('AR')).slice(0, 6);

export interface ResultsOptions {
  runs: readonly ReportRun[];
  arms: readonly string[];
  metrics: readonly string[];
  /** Of the column for the order of training; default AP. */
  primary?: string;
}

export function resultsTable({ runs, arms, metrics, primary = 'AP' }: ResultsOptions): Markup {
  const shown = shownMetrics(metrics).map((name) => metricColumn(name));
  const columns = [...shown, trainingOrderColumn(primary), ...macColumns];
  return pointsTable({ label: 'Results by arm and sweep value', runs, arms, columns, bold: shown });
}

/** How steady the trainings were (stability.ts). */
export function stabilityResults({ runs, arms, metrics }: ResultsOptions): Markup {
  return pointsTable({ label: 'Stability by arm and sweep value', runs, arms, columns: stabilityColumns(metrics[0] ?? 'AP') });
}

interface PointsOptions {
  label: string;
  runs: readonly ReportRun[];
  arms: readonly string[];
  columns: readonly Column[];
  /** Columns whose largest mean is bold. */
  bold?: readonly Column[];
}

/** A row an arm and sweep value; columns that no row has are left out. */
function pointsTable({ label, runs, arms, columns: wanted, bold = [] }: PointsOptions): Markup {
  const points = groupIntoPoints(runs);
  const columns = wanted.filter((column) => points.some((point) => column.values(point.runs).length > 0));
  const best = new Map(bold.map((column) => [column, Math.max(...points.map((point) => columnMean(column, point.runs)))]));
  const rows = points.map(({ arm, sweep, runs: own }): TableCell[] => [
    armCell(arm, arms),
    sweptCell(sweep),
    { content: String(own.length), value: own.length },
    ...columns.map((column) => {
      const value = columnMean(column, own);
      const text = cellText(column, own);
      return { content: best.get(column) === value ? html`<strong>${text}</strong>` : text, value };
    }),
  ]);
  return sortableTable({
    label,
    head: [...nameHeads, numberHead('seeds'), ...columns.map((column) => numberHead(column.head, column.about))],
    rows,
  });
}

const nameHeads: TableHead[] = [{ text: 'arm' }, { text: 'swept' }];
const numberHead = (text: string, about?: string): TableHead => ({ text, about, numeric: true });

function columnMean(column: Column, runs: readonly ReportRun[]): number {
  const values = column.values(runs);
  return values.length ? mean(values) : Number.NaN;
}

function armCell(arm: string, arms: readonly string[]): TableCell {
  return { content: html`<span class="key ${styleClass(arms.indexOf(arm))}"></span>${arm}`, value: arm, header: true };
}

/** Sorted as a number where one number is swept. */
function sweptCell(sweep: ReportRun['sweep']): TableCell {
  const values = Object.values(sweep);
  return { content: sweepLabel(sweep), value: values.length === 1 ? values[0] : sweepLabel(sweep) };
}

/** What a run may say of itself besides its numbers (the app's result.json does). */
interface RunIdentity {
  configHash?: string;
  codeHash?: string;
  checkpoint?: string;
}

/** Every run with all its metrics and what it was made of. */
export function runsTable({ runs, arms, metrics }: ResultsOptions): Markup {
  const columns: Column[] = [...metrics.map((name) => metricColumn(name)), ...macColumns.slice(0, 2)];
  const identities = (run: ReportRun) => run as RunIdentity;
  const hashes = (['configHash', 'codeHash', 'checkpoint'] as const).filter((name) => runs.some((run) => identities(run)[name]));
  const titles = { configHash: 'config', codeHash: 'code', checkpoint: 'checkpoint' };
  const rows = runs.map((run): TableCell[] => [
    armCell(run.arm, arms),
    sweptCell(run.sweep),
    { content: String(run.seed), value: run.seed },
    ...columns.map((column) => ({ content: cellText({ ...column, digits: 2 }, [run]), value: columnMean(column, [run]) })),
    { content: run.seconds.train.toFixed(0), value: run.seconds.train },
    { content: run.seconds.evaluate.toFixed(0), value: run.seconds.evaluate },
    ...hashes.map((name) => ({ content: html`<code title="${identities(run)[name]}">${identities(run)[name]?.slice(0, 8)}</code>` })),
  ]);
  const head = [
    ...nameHeads,
    numberHead('seed'),
    ...columns.map((column) => numberHead(column.head, column.about)),
    numberHead('train s', 'seconds of training'),
    numberHead('eval s', 'seconds of evaluation'),
    ...hashes.map((name) => ({
      text: titles[name],
      about: name === 'checkpoint' ? 'SHA-256 of the last checkpoint' : `hash of the ${titles[name]}`,
    })),
  ];
  return sortableTable({ label: 'All runs', head, rows });
}
