// The verdicts of an experiment, one card a claim, in the order in which they were claimed: what contradicts stands as large as what
// supports.
import type { JudgedClaim, Verdict } from '../claims.ts';
import { signed } from '../statistics.ts';
import { forestDomain, forestPlot } from './forest.ts';
import { html, type Markup } from './markup.ts';
import { macUnit } from './tradeoff.ts';

export const VERDICTS: readonly Verdict[] = ['supported', 'contradicted', 'inconclusive'];

/** Shapes besides colours. */
const SIGNS: Record<Verdict, string> = { supported: '✓', contradicted: '✗', inconclusive: '?' };

export function verdictBadge(verdict: Verdict): Markup {
  return html`<span class="badge ${verdict}"><span aria-hidden="true">${SIGNS[verdict]}</span> ${verdict}</span>`;
}

/** `3 contradicted, 1 supported` as badges. */
export function verdictCounts(verdicts: readonly Verdict[]): Markup {
  const found = VERDICTS.map((verdict) => ({ verdict, count: verdicts.filter((each) => each === verdict).length }));
  return html`<ul class="counts">${found.map(
    ({ verdict, count }) =>
      html`<li class="badge ${count ? verdict : 'none'}"><span aria-hidden="true">${SIGNS[verdict]}</span> ${count} ${verdict}</li>`,
  )}</ul>`;
}

export function verdictCards(judged: readonly JudgedClaim[]): Markup {
  if (judged.length === 0) return html`<p>No claims are stated.</p>`;
  return html`<ol class="cards">${judged.map((each) => verdictCard(each, forestDomain(judged.filter(({ claim }) => claim.in === each.claim.in))))}</ol>
<p class="note">Bar: 95 % bootstrap interval over seeds. Dot: mean difference. Ticks: single seeds.${
    judged.some(({ claim }) => 'within' in claim) && ' Shaded: the margin within which two arms count as equal.'
  } An interval over a few seeds rests on a few numbers and is narrower than it should be.</p>`;
}

function verdictCard(judged: JudgedClaim, domain: ReturnType<typeof forestDomain>): Markup {
  const { text, verdict, differences, mean, interval, reason, macs, claim } = judged;
  const facts: [string, string][] = [];
  if (differences.length) facts.push([`mean difference in ${claim.in}`, signed(mean)]);
  if (differences.length && Number.isFinite(interval.low))
    facts.push(['95 % interval', `[${signed(interval.low)}, ${signed(interval.high)}]`]);
  if (differences.length)
    facts.push([
      differences.length > 1 ? 'by seed' : `seed ${differences[0].seed}`,
      differences.map(({ difference }) => signed(difference)).join(', '),
    ]);
  if (macs) {
    const { letter, size } = macUnit(macs.to);
    facts.push(['compared at', `${(macs.from / size).toFixed(1)}–${(macs.to / size).toFixed(1)} ${letter} MACs`]);
  }
  return html`<li class="card ${verdict}"><h3>${verdictBadge(verdict)} <span>${text}</span></h3><div class="evidence"><dl class="facts">${facts.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>${forestPlot(judged, domain)}</div><p class="basis">${reason}</p></li>`;
}
