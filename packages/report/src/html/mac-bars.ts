// Where the MACs go: each arm and sweep value as a bar of its parts, beside the dense network.
import { groupIntoPoints, type ReportRun, sweepLabel } from '../runs.ts';
import { mean } from '../statistics.ts';
import { html, type Markup } from './markup.ts';
import { macUnit } from './tradeoff.ts';

const PARTS = [
  { name: 'stem and downsample', className: 'p0', pick: (run: ReportRun) => run.macs.dense.mean },
  { name: 'sampled convolutions', className: 'p1', pick: (run: ReportRun) => run.macs.conditional.mean },
  { name: 'mask heads', className: 'p2', pick: (run: ReportRun) => run.macs.mask.mean },
  { name: 'interpolation, 49 taps', className: 'p3', pick: (run: ReportRun) => run.macs.interpolation.direct.mean },
];

export function macBars(runs: readonly ReportRun[]): Markup {
  const points = groupIntoPoints(runs);
  const reference = mean(runs.map((run) => run.macs.reference));
  const totals = points.map((point) => mean(point.runs.map((run) => run.macs.total.direct.mean)));
  const largest = Math.max(reference, ...totals);
  const unit = macUnit(largest);
  const show = (value: number) => (value / unit.size).toFixed(1);
  const bar = (name: string, parts: { className: string; name: string; macs: number }[], total: number) =>
    html`<li><span class="name">${name}</span><span class="stack" aria-hidden="true">${parts.map(
      ({ className, macs, name: part }) =>
        html`<span class="${className}" style="width:${((100 * macs) / largest).toFixed(2)}%" title="${part}: ${show(macs)} ${unit.name}"></span>`,
    )}</span><span class="value">${show(total)}<span class="hidden"> ${unit.name} of MACs: ${parts.map(({ name: part, macs }) => `${part} ${show(macs)}`).join(', ')}</span></span></li>`;
  return html`<figure><figcaption>Backbone MACs an image by part, ${unit.name}, means over the evaluation set and the seeds.</figcaption><ul class="key-list" aria-hidden="true">${PARTS.map(
    ({ name, className }) => html`<li><span class="${className}"></span>${name}</li>`,
  )}</ul><ul class="mac-bars">${bar('dense network', [{ className: 'p4', name: 'all positions', macs: reference }], reference)}${points.map(
    ({ arm, sweep, runs: own }, i) =>
      bar(
        `${arm} ${sweepLabel(sweep)}`,
        PARTS.map(({ name, className, pick }) => ({ name, className, macs: mean(own.map(pick)) })),
        totals[i],
      ),
  )}</ul></figure>`;
}
