// A chart as SVG text: series of points with error bars and lines, on two linear axes or over named places. Drawn when the page is
// written, so that it stands there without a script, and drawn anew in the page at its width and for its controls.
import { html, type Markup } from './markup.ts';
import { type Domain, domainOf, linear, ticks, tickTexts } from './scale.ts';

export interface ChartPoint {
  x: number;
  y: number;
  /** Ends of the error bars. */
  xBar?: readonly [number, number];
  yBar?: readonly [number, number];
  /** Lines of what the point says when it is pointed at; also its spoken name. */
  tip: string[];
}

export interface ChartSeries {
  name: string;
  /** Number of the series' colour and marker; an arm keeps it over all charts. */
  style: number;
  points: ChartPoint[];
  /** Points of single seeds: small, without a line. */
  faint?: boolean;
}

export interface Chart {
  /** Spoken name. */
  label: string;
  xTitle: string;
  yTitle: string;
  /** Names below the places 0, 1, 2, ...; without them x is a number. */
  places?: string[];
  yDomain?: Domain;
  series: ChartSeries[];
  /** Marked x values, such as the dense network's MACs. */
  rules?: { x: number; text: string }[];
}

export interface ChartSize {
  width: number;
  height: number;
}

const MARGIN = { top: 30, right: 14, bottom: 46, left: 46 };
/** Colours in the style sheet, and markers here. */
export const STYLES = 8;
const MARKERS = [
  'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0',
  'M-4 -4h8v8h-8z',
  'M0 -5.2L5 4h-10z',
  'M0 -5.6L5.6 0L0 5.6L-5.6 0z',
  'M0 5.2L5 -4h-10z',
  'M-1.6 -5h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4v-3.2h3.4z',
  'M0 -5.5L5.2 -1.7L3.2 4.5h-6.4L-5.2 -1.7z',
  'M-5 -3h10v6h-10z',
];
const DASHES = ['', '7 3', '2 3', '9 3 2 3'];

/** The chart as an `<svg>` of this size; series named in `hidden` leave their place in the domain but are not drawn. */
export function drawChart(chart: Chart, { width, height }: ChartSize, hidden: ReadonlySet<string> = new Set()): Markup {
  const points = chart.series.flatMap((series) => series.points);
  const xDomain = chart.places
    ? { low: -0.4, high: Math.max(1, chart.places.length) - 0.6 }
    : domainOf([...points.flatMap((point) => [point.x, ...(point.xBar ?? [])]), ...(chart.rules ?? []).map((rule) => rule.x)]);
  const yDomain = chart.yDomain ?? domainOf(points.flatMap((point) => [point.y, ...(point.yBar ?? [])]));
  const x = linear(xDomain, MARGIN.left, width - MARGIN.right);
  const y = linear(yDomain, height - MARGIN.bottom, MARGIN.top);
  const shown = chart.series.filter(({ name }) => !hidden.has(name));
  return html`<svg class="chart" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-label="${chart.label}">${axes(
    chart,
    { xDomain, yDomain, x, y, width, height },
  )}${(chart.rules ?? []).map((rule) => ruleMark(rule, x, height, width))}${shown.filter(({ faint }) => !faint).map((series) => lineMark(series, x, y))}${shown.map((series) => pointMarks(series, x, y))}</svg>`;
}

interface Frame extends ChartSize {
  xDomain: Domain;
  yDomain: Domain;
  x: (value: number) => number;
  y: (value: number) => number;
}

function axes(chart: Chart, { xDomain, yDomain, x, y, width, height }: Frame): Markup {
  const bottom = height - MARGIN.bottom;
  const yTicks = ticks(yDomain, Math.max(3, Math.round((bottom - MARGIN.top) / 45)));
  const yTexts = tickTexts(yTicks);
  const rows = yTicks.map(
    (value, i) =>
      html`<line class="grid" x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${round(y(value))}" y2="${round(y(value))}"/><text class="tick" x="${MARGIN.left - 8}" y="${round(y(value) + 4)}" text-anchor="end">${yTexts[i]}</text>`,
  );
  return html`<g aria-hidden="true">${rows}<line class="axis" x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${bottom}" y2="${bottom}"/>${
    chart.places ? placeTicks(chart.places, x, bottom, width) : numberTicks(xDomain, x, bottom, width)
  }<text class="title" x="${MARGIN.left - 38}" y="14">${chart.yTitle}</text><text class="title" x="${width - MARGIN.right}" y="${height - 6}" text-anchor="end">${chart.xTitle}</text></g>`;
}

function numberTicks(domain: Domain, x: (value: number) => number, bottom: number, width: number): Markup[] {
  const values = ticks(domain, Math.max(3, Math.round(width / 90)));
  const texts = tickTexts(values);
  return values.map(
    (value, i) =>
      html`<line class="axis" x1="${round(x(value))}" x2="${round(x(value))}" y1="${bottom}" y2="${bottom + 5}"/><text class="tick" x="${round(x(value))}" y="${bottom + 19}" text-anchor="middle">${texts[i]}</text>`,
  );
}

/** Names below the axis; of many only every n-th has room. */
function placeTicks(places: readonly string[], x: (value: number) => number, bottom: number, width: number): Markup[] {
  const longest = Math.max(...places.map((name) => name.length)) * 6.6 + 8;
  const every = Math.max(1, Math.ceil((longest * places.length) / (width - MARGIN.left - MARGIN.right)));
  return places.flatMap((name, i) => [
    html`<line class="axis" x1="${round(x(i))}" x2="${round(x(i))}" y1="${bottom}" y2="${bottom + 5}"/>`,
    ...(i % every === 0 ? [html`<text class="tick" x="${round(x(i))}" y="${bottom + 19}" text-anchor="middle">${name}</text>`] : []),
  ]);
}

function ruleMark({ x: value, text }: { x: number; text: string }, x: (value: number) => number, height: number, width: number): Markup {
  const at = round(x(value));
  const right = at > width / 2;
  return html`<g aria-hidden="true"><line class="rule" x1="${at}" x2="${at}" y1="${MARGIN.top}" y2="${height - MARGIN.bottom}"/><text class="tick" x="${right ? at - 6 : at + 6}" y="${height - MARGIN.bottom - 8}" text-anchor="${right ? 'end' : 'start'}">${text}</text></g>`;
}

function lineMark({ points, style }: ChartSeries, x: (value: number) => number, y: (value: number) => number): Markup {
  const path = [...points].sort((a, b) => a.x - b.x).map((point, i) => `${i ? 'L' : 'M'}${round(x(point.x))} ${round(y(point.y))}`);
  return html`<path class="line ${styleClass(style)}" d="${path.join('')}" stroke-dasharray="${dash(style)}" aria-hidden="true"/>`;
}

function pointMarks({ name, points, style, faint }: ChartSeries, x: (value: number) => number, y: (value: number) => number): Markup {
  return html`<g class="series ${styleClass(style)}${faint ? ' faint' : ''}" data-series="${name}">${points.map((point) => {
    const [cx, cy] = [round(x(point.x)), round(y(point.y))];
    const bars = [
      point.yBar ? `M${cx} ${round(y(point.yBar[0]))}V${round(y(point.yBar[1]))}` : '',
      point.xBar ? `M${round(x(point.xBar[0]))} ${cy}H${round(x(point.xBar[1]))}` : '',
    ].join('');
    return html`<g class="point" tabindex="0" role="img" aria-label="${point.tip.join(', ')}" data-x="${cx}" data-y="${cy}" data-tip="${point.tip.join('\n')}">${
      bars !== '' && html`<path class="bar" d="${bars}"/>`
    }<path class="marker" d="${marker(style)}" transform="translate(${cx} ${cy})${faint ? ' scale(.6)' : ''}"/></g>`;
  })}</g>`;
}

/** A short piece of the series' line with its marker, for legends. */
export function legendSwatch(style: number): Markup {
  return html`<svg class="swatch ${styleClass(style)}" width="30" height="14" viewBox="0 0 30 14" aria-hidden="true"><path class="line" d="M1 7H29" stroke-dasharray="${dash(style)}"/><path class="marker" d="${marker(style)}" transform="translate(15 7)"/></svg>`;
}

/** A negative style is the text's colour. */
export const styleClass = (style: number): string => (style < 0 ? 'plain' : `s${style % STYLES}`);
const marker = (style: number): string => MARKERS[style < 0 ? 3 : style % MARKERS.length];
/** Colours and markers repeat together after eight series; dashes tell the repetitions apart. */
const dash = (style: number): string => DASHES[Math.max(0, Math.floor(style / STYLES)) % DASHES.length];
const round = (value: number): number => Math.round(value * 10) / 10;
