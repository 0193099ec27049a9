// A claim's evidence on one line, as in a forest plot: zero, the interval over seeds, its mean, a tick for each seed. Positions are
// percentages, so that it fits any width without a script.
import { armsOf, type JudgedClaim } from '../claims.ts';
import { html, type Markup } from './markup.ts';
import { type Domain, domainOf, linear, ticks, tickTexts } from './scale.ts';

/** A scale that holds zero and all that is drawn of these claims; claims in one metric share it. */
export function forestDomain(judged: readonly JudgedClaim[]): Domain {
  const values = judged.flatMap(({ claim, interval, differences }) => [
    interval.low,
    interval.high,
    ...differences.map(({ difference }) => difference),
    ...('within' in claim ? [-claim.within, claim.within] : []),
  ]);
  return domainOf([0, ...values.filter(Number.isFinite)], 0.12);
}

export function forestPlot({ claim, differences, mean, interval, verdict }: JudgedClaim, domain: Domain): Markup {
  const at = linear(domain, 0, 100);
  const x = (value: number) => `${at(value).toFixed(2)}%`;
  const values = ticks(domain, 5);
  const texts = tickTexts(values);
  const [first, second] = armsOf(claim);
  const [left, right] = 'lower' in claim ? [`${first} lower`, `${second} lower`] : [`${second} better`, `${first} better`];
  const bounded = Number.isFinite(interval.low) && differences.length > 1;
  const axis = values.map(
    (value, i) =>
      html`<line class="axis" x1="${x(value)}" x2="${x(value)}" y1="40" y2="44"/><text class="tick" x="${x(value)}" y="57" text-anchor="middle">${texts[i]}</text>`,
  );
  const margin =
    'within' in claim &&
    html`<rect class="margin" x="${x(-claim.within)}" width="${(at(claim.within) - at(-claim.within)).toFixed(2)}%" y="4" height="36"/>`;
  const marks = html`${bounded && html`<line class="interval" x1="${x(interval.low)}" x2="${x(interval.high)}" y1="20" y2="20"/>`}${differences.map(
    ({ difference }) => html`<line class="seed" x1="${x(difference)}" x2="${x(difference)}" y1="10" y2="30"/>`,
  )}<circle class="mean" cx="${x(mean)}" cy="20" r="5.5"/>`;
  return html`<div class="forest ${verdict}" aria-hidden="true"><svg width="100%" height="62">${margin}<line class="axis" x1="0" x2="100%" y1="40" y2="40"/>${axis}<line class="zero" x1="${x(0)}" x2="${x(0)}" y1="2" y2="40"/>${differences.length > 0 && marks}</svg><div class="sides"><span>← ${left}</span><span>${right} →</span></div></div>`;
}
