// Where the networks compute: the masks of a few fixed images with sliders over blocks and sweep values, and the same masks as MACs
// per pixel. The arms stand side by side; what is drawn into the tiles is the script's work (client/explorer.ts).
import { styleClass } from './chart.ts';
import { HEAT_GRADIENT } from './heat.ts';
import { html, type Markup } from './markup.ts';
import type { MaskData } from './page-data.ts';
import { maskSteps, stageSteps, sweptSteps } from './steps.ts';

export interface Picture {
  id: number;
  width: number;
  height: number;
  /** The image as a `data:` address. */
  source: string;
}

export interface ExplorerInput {
  pictures: readonly Picture[];
  masks: MaskData;
  /** What was left out to keep the page small, a sentence. */
  note?: string;
}

export function explorerSection({ pictures, masks, note }: ExplorerInput): Markup {
  const arms = [...new Map(masks.views.map(({ arm, style }) => [arm, style]))];
  const [sweeps, steps, stages] = [sweptSteps(masks.views), maskSteps(masks), stageSteps(masks)];
  const tiles = (kind: 'mask' | 'cost') =>
    html`<div class="tiles" data-tiles="${kind}"${kind === 'cost' && html` tabindex="0" role="group" aria-label="Cost maps of all arms. Arrow keys move the probe." aria-describedby="probe-help"`}>${arms.map(
      ([arm, style]) =>
        html`<figure class="tile" data-arm="${arm}"><canvas role="img" aria-label="${arm}"></canvas><figcaption><span class="key ${styleClass(style)}"></span><strong>${arm}</strong> <span data-caption></span></figcaption></figure>`,
    )}</div>`;
  return html`<noscript><p>The masks are drawn by a script; this part needs it.</p></noscript>
<div class="explorer" data-explorer>
<div class="picture-tabs" role="tablist" aria-label="Image">${pictures.map(
    ({ id, source }, i) =>
      html`<button type="button" role="tab" id="picture-${i}" aria-controls="explorer-panel" aria-selected="${i === 0 ? 'true' : 'false'}" tabindex="${i === 0 ? 0 : -1}"><img src="${source}" alt="" data-picture="${i}"> image ${id}</button>`,
  )}</div>
<div id="explorer-panel" role="tabpanel" aria-labelledby="picture-0" tabindex="0">
<div class="controls">${slider('swept', 'Swept value', sweeps, sweeps.length - 1)}</div>
<h3>Sampled positions</h3>
<div class="controls">${slider('mask', 'Block and mask', steps, 0)}</div>
${tiles('mask')}
<h3>Cost map</h3>
<div class="controls">${slider('stage', 'Computed up to', stages, stages.length - 1)}</div>
<div class="legend-bar"><span class="bar" style="background:${HEAT_GRADIENT}" aria-hidden="true"></span><span class="ends"><span>0</span><span data-heat-high></span></span><span>MACs per image pixel, the same scale for all arms and images. <span data-dense></span></span></div>
${tiles('cost')}
<p class="note" id="probe-help">Point at a map, or focus the maps and use the arrow keys, to read values. Every interpolated value counts 49 taps (at the image's own density).</p>
<p class="readout" data-readout role="status" aria-live="polite"></p>
</div></div>${note && html`<p class="note">${note}</p>`}`;
}

/** A slider over named values; its text is spoken, and shown beside it. Nothing for a single value. */
function slider(name: string, label: string, values: readonly string[], selected: number): Markup | '' {
  if (values.length < 2) return '';
  return html`<div class="slider"><label for="slider-${name}">${label}</label><input type="range" id="slider-${name}" data-slider="${name}" min="0" max="${values.length - 1}" step="1" value="${selected}" data-values="${JSON.stringify(values)}" aria-valuetext="${values[selected]}"><output for="slider-${name}">${values[selected]}</output></div>`;
}
