// report.md of an experiment: verdicts, table, densities, failures, how it was made.
import { type Claim, type JudgedClaim, judgeClaim } from './claims.ts';
import { DETECTION_METRICS, type ReportMetrics } from './metrics.ts';
import { type FailedRun, type ReportRun, sweepLabel } from './runs.ts';
import { hasStability, STABILITY_LEGEND, stabilityTable } from './stability.ts';
import { signed } from './statistics.ts';
import { densityTable, markdownRows, markdownTable, tableLegend } from './table.ts';

export interface ReportInput {
  title: string;
  /** What the paper says, one sentence. */
  paper?: string;
  claims: readonly Claim[];
  /** Default: those of object detection. */
  metrics?: ReportMetrics;
  runs: readonly ReportRun[];
  failed: readonly FailedRun[];
  /** Rows of "how it was made": command, commit, machine, wall time... */
  provenance: Record<string, string>;
  /** Files of pictures relative to the report, by caption. */
  pictures: Record<string, string>;
}

/** Verdicts as rows: claim, verdict, mean difference, interval, seeds. */
export function verdictRows(judged: readonly JudgedClaim[]): string[][] {
  return judged.map(({ text, verdict, differences, mean, interval, reason, macs }) => [
    text,
    `**${verdict}**`,
    differences.length ? signed(mean) : '',
    Number.isFinite(interval.low) && differences.length ? `[${signed(interval.low)}, ${signed(interval.high)}]` : '',
    differences.map(({ difference }) => signed(difference)).join(', '),
    macs ? `${(macs.from / 1e6).toFixed(1)}-${(macs.to / 1e6).toFixed(1)}` : '',
    reason,
  ]);
}

export const VERDICT_COLUMNS = ['claim', 'verdict', 'mean difference', '95 % interval', 'by seed', 'at MACs (M)', 'basis'];

/** The whole report as Markdown. */
export function markdownReport(input: ReportInput): string {
  const { title, paper, claims, metrics = DETECTION_METRICS, runs, failed, provenance, pictures } = input;
  const judged = claims.map((claim) => judgeClaim(claim, runs));
  const parts = [`# ${title}`];
  if (paper) parts.push(`The paper: ${paper}`);
  parts.push('## Verdicts', judged.length ? markdownRows(VERDICT_COLUMNS, verdictRows(judged)) : 'No claims are stated.');
  parts.push('## Results', runs.length ? `${markdownTable(runs, metrics)}\n\n${tableLegend(metrics)}` : 'No run finished.');
  for (const [caption, file] of Object.entries(pictures)) parts.push(`![${caption}](${file})`);
  if (runs.some((run) => Object.keys(run.densities).length)) {
    parts.push(
      '## Densities',
      `Fraction of positions sampled, mask by mask of each block (its convolutions in their order).\n\n${densityTable(runs)}`,
    );
  }
  if (hasStability(runs)) parts.push('## Stability', `${stabilityTable(runs, claims[0]?.in ?? metrics.shown[0])}\n\n${STABILITY_LEGEND}`);
  if (failed.length) parts.push('## Failed runs', ...failed.map(failure));
  parts.push('## How this was made', markdownRows(['', ''], Object.entries(provenance)));
  return `${parts.join('\n\n')}\n`;
}

function failure({ arm, sweep, seed, lastLines }: FailedRun): string {
  return `**${arm} ${sweepLabel(sweep)} seed ${seed}** ended without a result. Its last lines:\n\n\`\`\`\n${lastLines.join('\n')}\n\`\`\``;
}
