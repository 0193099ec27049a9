// The page over all experiments: every claim with its verdict, and a card an experiment that leads to its page.

import { signed } from '../statistics.ts';
import { pageDocument, section } from './document.ts';
import { html, type Markup } from './markup.ts';
import { domainOf, linear } from './scale.ts';
import { sortableTable, type TableCell } from './sortable-table.ts';
import { type ClaimSummary, type ReportSummary, sourceText } from './summary.ts';
import { VERDICTS, verdictBadge, verdictCounts } from './verdicts.ts';

export interface IndexEntry {
  /** Address of the experiment's page, relative to the index. */
  href: string;
  summary: ReportSummary;
}

export interface IndexPageInput {
  title?: string;
  entries: readonly IndexEntry[];
}

/** The whole page as one HTML document; it makes no request. */
export function indexPage({ title = 'Experiments', entries }: IndexPageInput): string {
  const verdicts = entries.flatMap(({ summary }) => summary.claims.map((claim) => claim.verdict));
  const header = html`<header><p class="eyebrow">Stint</p><h1>${title}</h1><p class="facts-line">${entries.length} ${
    entries.length === 1 ? 'report' : 'reports'
  } · ${verdicts.length} ${verdicts.length === 1 ? 'claim' : 'claims'} judged</p>${verdicts.length > 0 && verdictCounts(verdicts)}</header>`;
  const parts = [
    { id: 'claims', title: 'All claims', content: verdicts.length > 0 ? claimsTable(entries) : html`<p>No claims are stated.</p>` },
    {
      id: 'experiments',
      title: 'Experiments',
      content: entries.length > 0 ? html`<ul class="cards experiments">${entries.map(entryCard)}</ul>` : html`<p>No reports yet.</p>`,
    },
  ];
  return pageDocument({
    title,
    description: `${entries.length} experiments, ${verdicts.length} claims`,
    sections: parts,
    header,
    body: html`${parts.map((part) => section(part.id, part.title, part.content))}`,
  });
}

function claimsTable(entries: readonly IndexEntry[]): Markup {
  const all = entries.flatMap((entry) => entry.summary.claims.map((claim) => ({ ...entry, claim })));
  const rows = all.map(({ href, summary, claim }): TableCell[] => [
    {
      content: html`<a href="${href}">${summary.title}</a> <span class="aside">${summary.profile}</span>`,
      value: `${summary.title} ${summary.profile}`,
      header: true,
    },
    { content: verdictBadge(claim.verdict), value: VERDICTS.indexOf(claim.verdict) },
    { content: claim.text },
    {
      content:
        claim.mean !== null &&
        html`${signed(claim.mean)} ${claim.metric}${claim.interval && html`<br><span class="aside">[${signed(claim.interval.low)}, ${signed(claim.interval.high)}]</span>`}`,
      value: claim.mean ?? Number.NaN,
    },
    {
      content: smallForest(
        claim,
        all.map((each) => each.claim),
      ),
    },
    { content: String(claim.seeds), value: claim.seeds },
  ]);
  const head = [
    { text: 'experiment' },
    { text: 'verdict' },
    { text: 'claim' },
    { text: 'mean difference', numeric: true, about: 'with its 95 % bootstrap interval over seeds' },
    { text: '95 % interval', about: 'one scale for each metric; the line is zero' },
    { text: 'seeds', numeric: true, about: 'seeds that could be compared; of speed: cases' },
  ];
  return html`<div class="controls" data-filter="claims"><label>Show <select data-control="verdict"><option value="">all verdicts</option>${VERDICTS.map(
    (verdict) => html`<option value="${verdict}">${verdict}</option>`,
  )}</select></label></div>${sortableTable({ label: 'Claims with their verdicts', head, rows, rowKinds: all.map(({ claim }) => claim.verdict), className: 'claims' })}`;
}

/** The interval and the mean on the scale of all claims in the metric. */
function smallForest({ verdict, mean, interval, metric }: ClaimSummary, all: readonly ClaimSummary[]): Markup | '' {
  if (mean === null) return '';
  const same = all.filter((claim) => claim.metric === metric);
  const domain = domainOf([0, ...same.flatMap((claim) => [claim.mean ?? 0, claim.interval?.low ?? 0, claim.interval?.high ?? 0])], 0.1);
  const at = linear(domain, 0, 100);
  const x = (value: number) => `${at(value).toFixed(2)}%`;
  return html`<span class="forest small ${verdict}" aria-hidden="true"><svg width="100%" height="22"><line class="zero" x1="${x(0)}" x2="${x(0)}" y1="1" y2="21"/>${
    interval && html`<line class="interval" x1="${x(interval.low)}" x2="${x(interval.high)}" y1="11" y2="11"/>`
  }<circle class="mean" cx="${x(mean)}" cy="11" r="4.5"/></svg></span>`;
}

function entryCard({ href, summary }: IndexEntry): Markup {
  const { title, name, profile, paper, claims, arms, finished, failed, unfinished, provenance } = summary;
  const source = paper ? sourceText(paper) : '';
  const total = finished + failed + unfinished;
  return html`<li class="card"><p class="eyebrow"><code>${name}:${profile}</code>${source && ` · paper, ${source}`}</p><h3><a href="${href}">${title}</a></h3>${paper?.claim && html`<p>${paper.claim}</p>`}${
    claims.length > 0 && verdictCounts(claims.map((claim) => claim.verdict))
  }<p class="aside">${arms.join(', ')} · ${finished} of ${total} runs finished${failed > 0 && html` · <span class="alert">${failed} failed</span>`}</p>${
    provenance.command && html`<p class="aside"><code>${provenance.command}</code></p>`
  }</li>`;
}
