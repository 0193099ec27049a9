// The report of a latency experiment: report.md and report.html, result.json with everything measured, summary.csv (a line a variant), layers.csv
// (a line a step) and the plot.
import path from 'node:path';
import { markdownRows, speedupPlot } from '@stint/report';
import { writeFileAtomic } from '../run/files.ts';
import { type JudgedLatencyClaim, judgeLatencyClaim, leastOf } from './claims.ts';
import { layersCsv } from './layers.ts';
import type { Measurement } from './measurement.ts';
import { latencyPage } from './page.ts';
import {
  agreement,
  crossoverSection,
  failureSection,
  machineRows,
  maskSection,
  memoryTable,
  shortfall,
  verdictSection,
  whereSection,
} from './report-sections.ts';
import type { LatencyOutcome } from './run-latency.ts';
import type { LatencyExperiment } from './schema.ts';
import { speedupPoints } from './speedup.ts';
import { TIME_COLUMNS, timeRows, timesCsv } from './table.ts';

export interface LatencyReport {
  experiment: LatencyExperiment;
  folder: string;
  outcome: Pick<LatencyOutcome, 'measured' | 'failures'>;
  /** Rows such as command and wall time. */
  provenance: Record<string, string>;
}

const PANELS = { overDense: 'realised, against our dense network', overFastest: 'realised, against the fastest dense engine' };

/** Writes all files; returns what the console shows. */
export async function writeLatencyReport(
  report: LatencyReport,
): Promise<{ text: string; files: string[]; verdicts: JudgedLatencyClaim[] }> {
  const { experiment, folder, outcome, provenance } = report;
  const measurements = outcome.measured.map(({ measurement }) => measurement);
  const verdicts = experiment.claims.map((claim) => judgeLatencyClaim(claim, measurements));
  const { name, profile, title, config } = experiment;
  const text = markdown(report, verdicts);
  const pictures: Record<string, string> =
    measurements.length > 0
      ? { 'speedup.svg': await speedupPlot(speedupPoints(measurements), { title: `${title} (${profile})`, panels: PANELS }) }
      : {};
  const files: Record<string, string> = {
    'report.md': text,
    'report.html': latencyPage({ ...report, verdicts, markdown: text, pictures }),
    'result.json': `${JSON.stringify({ kind: 'latency', experiment: name, profile, title, config, provenance, verdicts, failures: outcome.failures, cases: outcome.measured }, null, 1)}\n`,
    'summary.csv': timesCsv(measurements),
    'layers.csv': layersCsv(measurements),
    ...pictures,
  };
  for (const [file, content] of Object.entries(files)) writeFileAtomic(path.join(folder, file), content);
  const shown = [
    `${title} (${profile})`,
    ...verdicts.map((verdict) => `  ${verdict.verdict.padEnd(12)} ${verdict.text}${shortly(verdict)}`),
  ].join('\n');
  return { text: shown, files: Object.keys(files).map((file) => path.join(folder, file)), verdicts };
}

function shortly({ values, target, verdict }: JudgedLatencyClaim): string {
  const least = leastOf(values);
  if (!least) return '';
  const where = values.length > 1 ? ` (${least.name}, the least of ${values.length})` : '';
  return `: ${least.value.toFixed(2)}${where}${verdict === 'not reached' ? `, short by ${shortfall(least, target)}` : ''}`;
}

function markdown({ experiment, outcome, provenance }: LatencyReport, verdicts: readonly JudgedLatencyClaim[]): string {
  const { title, profile, paper } = experiment;
  const measurements = outcome.measured.map(({ measurement }) => measurement);
  const networks = [...new Set(measurements.map(({ network }) => network))];
  const sections = [
    `# ${title} (${profile})`,
    ...(paper?.claim ? [`The paper${paper.table ? `, Table ${paper.table}` : ''}: ${paper.claim}`] : []),
    '## Verdicts',
    ...verdictSection(verdicts),
    ...(measurements.length > 0 ? ['![Realised against theoretical speed-up](speedup.svg)'] : []),
    '## Times',
    TIMES_LEGEND,
    ...networks.flatMap((network) => [`### ${network}`, markdownRows(TIME_COLUMNS, of(network, measurements).flatMap(timeRows))]),
    '## Where the time goes',
    KINDS_LEGEND,
    ...networks.flatMap((network) => whereSection(network, of(network, measurements))),
    '## Where sampling begins to pay',
    CROSSOVER_LEGEND,
    ...networks.flatMap((network) => crossoverSection(network, of(network, measurements))),
    '## Memory',
    MEMORY_LEGEND,
    memoryTable(measurements),
    '## The engines agree',
    agreement(measurements),
    '## Masks',
    maskSection(experiment),
    ...failureSection(outcome),
    '## How this was made',
    markdownRows(
      ['', ''],
      Object.entries({ ...provenance, ...machineRows(outcome) }).map(([key, value]) => [key, value]),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

const of = (network: string, measurements: readonly Measurement[]) => measurements.filter((one) => one.network === network);

const TIMES_LEGEND =
  'Medians and quartiles over the rounds, in milliseconds an image; batch 1, float32. theory: multiply-adds of the dense network over those of the sampled one, by the rule of the paper (mask heads, and interpolation with 49 taps, included; theory14: with 14 taps, as two passes). Realised: time of our dense network, or of the fastest dense engine, over this time; "of theory" is the first over theory. Mask heads and draws run and count, also where masks are given.';
const KINDS_LEGEND =
  'Milliseconds of each kind of part, medians of each step added up. promised: what the sampled network would take if time went with multiply-adds, each kind at the rate of the same kind in our dense network, mask heads and interpolation (49 taps) at the mean rate of that network.';
const CROSSOVER_LEGEND =
  'The density at which a sampled layer costs what it costs in our dense network, by the shape of the block; below it sampling saves time. fill: interpolation, and for conv3 the sum with the shortcut, which in the dense network is a part of conv3. block: everything, mask heads and draws included. On lines between the measured densities below 1.';
const MEMORY_LEGEND =
  "MiB of each engine's process: before it loads the network (Node and its TypeScript loader, or Python), at most while loading, at most while running.";
