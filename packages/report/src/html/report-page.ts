// The page of one experiment: verdicts, results, plots, masks, costs, densities, configurations, how it was made.
import { type Claim, judgeClaim } from '../claims.ts';
import { DETECTION_METRICS, type ReportMetrics } from '../metrics.ts';
import { type FailedRun, type ReportRun, sweepLabel } from '../runs.ts';
import { hasStability, STABILITY_LEGEND } from '../stability.ts';
import { summaryCsv, tableLegend } from '../table.ts';
import { drawChart, legendSwatch } from './chart.ts';
import { type ArmConfig, configSection } from './configs.ts';
import { densityChart, densitySweeps, maskNames, sampledPoints } from './density.ts';
import { experimentDocument } from './experiment-document.ts';
import { type ExplorerInput, explorerSection } from './explorer.ts';
import { jsonElement } from './json-element.ts';
import { macBars } from './mac-bars.ts';
import { html, type Markup } from './markup.ts';
import { type Baseline, type ChartData, chartPoints, measuredMetrics } from './page-data.ts';
import { resultsTable, runsTable, stabilityResults } from './results.ts';
import { type PaperSource, type ReportSummary, summariseClaim } from './summary.ts';
import { BASELINE_STYLE, tradeoffChart } from './tradeoff.ts';
import { verdictCards } from './verdicts.ts';

export interface HtmlReportInput {
  /** Of the experiment, as on the command line. */
  name: string;
  profile: string;
  title: string;
  paper?: PaperSource;
  claims: readonly Claim[];
  /** Default: those of object detection. */
  metrics?: ReportMetrics;
  runs: readonly ReportRun[];
  failed: readonly FailedRun[];
  /** Runs that neither finished nor failed: not started, or stopped. */
  unfinished?: readonly string[];
  /** All arms in their order, the base first; default: those of the runs. */
  arms?: readonly string[];
  /** Rows of "how it was made": command, commit, machine, wall time... */
  provenance: Record<string, string>;
  /** Rows of what the runs ran in. */
  environment?: Record<string, string>;
  /** One configuration an arm, the base first. */
  configs?: readonly ArmConfig[];
  /** Dotted paths of swept values. */
  swept?: Record<string, readonly (number | string)[]>;
  baseline?: Baseline;
  overlays?: ExplorerInput;
}

const CHART = { width: 760, height: 400 };
const SMALL_CHART = { width: 520, height: 300 };

/** The whole page as one HTML document. It makes no request; scripts, styles, pictures and numbers are in it. */
export function htmlReport(input: HtmlReportInput): string {
  const {
    name,
    profile,
    title,
    paper,
    runs,
    failed,
    unfinished = [],
    provenance,
    environment = {},
    configs = [],
    swept = {},
    overlays,
    metrics: judgedBy = DETECTION_METRICS,
  } = input;
  const arms = input.arms ?? [...new Set([...runs, ...failed].map((run) => run.arm))];
  const judged = input.claims.map((claim) => judgeClaim(claim, runs));
  const claimed = [...new Set(input.claims.map((claim) => claim.in))].filter((metric) => runs.some((run) => metric in run.metrics));
  const metrics = measuredMetrics(runs, [...claimed, ...judgedBy.shown]);
  const data: ChartData = {
    metrics,
    points: chartPoints(runs, arms),
    // Of the images' own size: runs on smaller ones have a smaller dense network.
    reference: runs.length > 0 ? Math.max(...runs.map((run) => run.macs.reference)) : undefined,
    baseline: input.baseline,
  };
  const summary: ReportSummary = {
    name,
    profile,
    title,
    paper,
    claims: judged.map(summariseClaim),
    arms: [...arms],
    finished: runs.length,
    failed: failed.length,
    unfinished: unfinished.length,
    provenance,
  };
  const hasMasks = runs.some((run) => Object.keys(run.densities).length > 0);
  const parts: { id: string; title: string; content?: Markup | false }[] = [
    { id: 'verdicts', title: 'Verdicts', content: verdictCards(judged) },
    { id: 'failed', title: 'Runs without a result', content: failed.length + unfinished.length > 0 && missingRuns(failed, unfinished) },
    { id: 'tradeoff', title: `${metrics[0] ?? 'Metric'} against MACs`, content: metrics.length > 0 && tradeoffSection(data) },
    { id: 'results', title: 'Results', content: runs.length > 0 ? resultsSection(input, arms, metrics) : html`<p>No run finished.</p>` },
    { id: 'masks', title: 'Where it computes', content: overlays && overlays.masks.views.length > 0 && explorerSection(overlays) },
    { id: 'density', title: 'Density by layer', content: hasMasks && densitySection(data) },
    { id: 'macs', title: 'Where the MACs go', content: runs.length > 0 && macBars(runs) },
    {
      id: 'stability',
      title: 'Stability of training',
      content: hasStability(runs) && html`${stabilityResults({ runs, arms, metrics })}<p class="note">${STABILITY_LEGEND}</p>`,
    },
    { id: 'configs', title: 'Configurations', content: configs.length > 0 && configSection(configs, swept) },
    { id: 'made', title: 'How this was made', content: madeSection(provenance, environment) },
  ];
  const shown = parts.flatMap(({ content, ...part }) => (content ? [{ ...part, content }] : []));
  return experimentDocument({
    summary,
    facts: factsLine(input, arms),
    parts: shown,
    data: [jsonElement('chart-data', data), ...(overlays ? [jsonElement('mask-data', overlays.masks)] : [])],
  });
}

function factsLine({ runs, failed, unfinished = [] }: HtmlReportInput, arms: readonly string[]): Markup {
  const seeds = [...new Set(runs.map((run) => run.seed))].length;
  const total = runs.length + failed.length + unfinished.length;
  const facts = [
    `${arms.length} ${arms.length === 1 ? 'arm' : 'arms'}`,
    `${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`,
    `${runs.length} of ${total} runs finished`,
  ];
  return html`${facts.join(' · ')}${failed.length > 0 && html` · <a class="alert" href="#failed">${failed.length} failed</a>`}`;
}

function missingRuns(failed: readonly FailedRun[], unfinished: readonly string[]): Markup {
  return html`${failed.map(
    ({ arm, sweep, seed, lastLines }) =>
      html`<div class="card failed"><h3>${arm} ${sweepLabel(sweep)} seed ${seed}</h3><p>Ended without a result. Its last lines:</p><pre tabindex="0" role="region" aria-label="Last lines of ${[arm, sweepLabel(sweep), `seed ${seed}`].filter(Boolean).join(' ')}">${lastLines.join('\n')}</pre></div>`,
  )}${unfinished.length > 0 && html`<p>Not finished: ${unfinished.join(', ')}.</p>`}`;
}

function tradeoffSection(data: ChartData): Markup {
  const { metrics, points, baseline } = data;
  const chart = tradeoffChart(data, { metric: metrics[0], taps: 'direct' });
  return html`<figure class="chart-figure" data-chart="tradeoff"><div class="controls"><label>Metric <select data-control="metric">${metrics.map(
    (name) => html`<option>${name}</option>`,
  )}</select></label><label>Interpolation <select data-control="taps"><option value="direct">49 taps</option><option value="separable">14 taps</option></select></label><label><input type="checkbox" data-control="seeds"> single seeds</label></div>${legend(
    points,
    baseline?.label,
  )}<div class="plot" data-height="${CHART.height}">${drawChart(chart, CHART)}</div><figcaption>Up and left is better. Means over seeds; bars are one standard deviation over seeds, of the metric and of the MACs.${
    baseline && html` The diamond is the ${baseline.label}: no arm, and not trained further.`
  }</figcaption></figure>`;
}

/** Buttons that show and hide the arms. */
function legend(points: ChartData['points'], baseline?: string): Markup {
  const arms = [...new Map(points.map(({ arm, style }) => [arm, style])), ...(baseline ? [[baseline, BASELINE_STYLE] as const] : [])];
  return html`<div class="legend" role="group" aria-label="Shown series">${arms.map(
    ([arm, style]) => html`<button type="button" aria-pressed="true" data-series="${arm}">${legendSwatch(style)}${arm}</button>`,
  )}</div>`;
}

function resultsSection(
  { runs, metrics: judgedBy = DETECTION_METRICS }: HtmlReportInput,
  arms: readonly string[],
  metrics: readonly string[],
): Markup {
  const csv = `data:text/csv;charset=utf-8,${encodeURIComponent(summaryCsv(runs))}`;
  return html`${resultsTable({ runs, arms, metrics, primary: judgedBy.shown[0] })}<p class="note">${tableLegend(judgedBy).replaceAll('`', '')} Bold: the best mean of a metric, at whatever MACs.</p><details><summary>All runs</summary>${runsTable(
    { runs, arms, metrics },
  )}<p><a href="${csv}" download="summary.csv">All runs as CSV</a></p></details>`;
}

function densitySection(data: ChartData): Markup {
  const sweeps = densitySweeps(data.points);
  const swept = sweeps[Math.floor((sweeps.length - 1) / 2)];
  const masks = maskNames(data.points);
  return html`<figure class="chart-figure" data-chart="density">${
    sweeps.length > 1 &&
    html`<div class="controls"><label>Swept value <select data-control="swept">${sweeps.map((value) => html`<option${value === swept && html` selected`}>${value}</option>`)}</select></label></div>`
  }${legend(sampledPoints(data.points))}<div class="pair">${masks.map(
    (mask) =>
      html`<div class="plot" data-height="${SMALL_CHART.height}" data-mask="${mask}">${drawChart(densityChart(data.points, mask, swept), SMALL_CHART)}</div>`,
  )}</div><figcaption>Fraction of positions sampled, mean over the evaluation set and the seeds; bars span the seeds. Blocks from the image to the output.</figcaption></figure>`;
}

function madeSection(provenance: Record<string, string>, environment: Record<string, string>): Markup {
  const rows = (entries: Record<string, string>) =>
    html`<dl class="rows">${Object.entries(entries).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
  return html`${rows(provenance)}${Object.keys(environment).length > 0 && html`<details><summary>Environment</summary>${rows(environment)}</details>`}`;
}
