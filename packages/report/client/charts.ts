// Charts in the page: drawn anew at its width and for its controls, series shown and hidden, values at the pointer and by arrow keys.
import { type Chart, drawChart } from '../src/html/chart.ts';
import { densityChart, densitySweeps } from '../src/html/density.ts';
import type { ChartData } from '../src/html/page-data.ts';
import { tradeoffChart } from '../src/html/tradeoff.ts';
import { all, embedded, one, onWidth } from './dom.ts';

/** How far from a point the pointer may be, in pixels. */
const REACH = 28;

type Controls = Map<string, string | boolean>;

/** What a figure draws into one of its plots. */
const KINDS: Record<string, (data: ChartData, controls: Controls, plot: HTMLElement) => Chart> = {
  tradeoff: (data, controls) =>
    tradeoffChart(data, {
      metric: String(controls.get('metric')),
      taps: controls.get('taps') === 'separable' ? 'separable' : 'direct',
      seeds: controls.get('seeds') === true,
    }),
  density: (data, controls, plot) =>
    densityChart(data.points, plot.dataset.mask ?? '', String(controls.get('swept') ?? densitySweeps(data.points)[0])),
};

export function startCharts(): void {
  const data = embedded<ChartData>('chart-data');
  if (!data) return;
  for (const figure of all('[data-chart]')) startFigure(figure, data);
}

function startFigure(figure: HTMLElement, data: ChartData): void {
  const hidden = new Set<string>();
  const plots = all('.plot', figure);
  const draw = (plot: HTMLElement) => {
    const chart = KINDS[figure.dataset.chart ?? ''](data, controlValues(figure), plot);
    const width = Math.max(260, Math.floor(plot.clientWidth));
    const height = Math.min(Number(plot.dataset.height), Math.round(Math.max(240, width * 0.8)));
    plot.innerHTML = drawChart(chart, { width, height }, hidden).markup;
    prepareKeys(plot);
  };
  const drawAll = () => plots.forEach(draw);
  for (const control of all('[data-control]', figure)) control.addEventListener('change', drawAll);
  for (const button of all<HTMLButtonElement>('button[data-series]', figure)) {
    button.addEventListener('click', () => {
      const name = button.dataset.series ?? '';
      const shown = hidden.delete(name);
      if (!shown) hidden.add(name);
      button.setAttribute('aria-pressed', String(shown));
      drawAll();
    });
  }
  for (const plot of plots) {
    onWidth(plot, () => draw(plot));
    startTips(plot);
  }
}

function controlValues(figure: HTMLElement): Controls {
  return new Map(
    all<HTMLInputElement | HTMLSelectElement>('[data-control]', figure).map((control) => [
      control.dataset.control ?? '',
      control instanceof HTMLInputElement ? control.checked : control.value,
    ]),
  );
}

const pointsOf = (plot: HTMLElement): SVGGElement[] => all<SVGGElement>('.point', plot);
const placeOf = (point: SVGGElement) => ({ x: Number(point.dataset.x), y: Number(point.dataset.y) });

/** One stop of the tab key a plot; arrow keys go from point to point. */
function prepareKeys(plot: HTMLElement): void {
  pointsOf(plot).forEach((point, i) => {
    point.setAttribute('tabindex', i === 0 ? '0' : '-1');
  });
}

function startTips(plot: HTMLElement): void {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  plot.after(tip);
  const show = (point: SVGGElement | undefined) => {
    for (const other of all('.point.active', plot)) other.classList.remove('active');
    tip.hidden = point === undefined;
    if (!point) return;
    point.classList.add('active');
    tip.textContent = point.dataset.tip ?? '';
    placeTip(tip, plot, placeOf(point));
  };
  plot.addEventListener('pointermove', (event) => show(nearest(plot, event)));
  plot.addEventListener('pointerdown', (event) => show(nearest(plot, event)));
  plot.addEventListener('pointerleave', () => show(undefined));
  plot.addEventListener('focusin', (event) => show((event.target as Element).closest<SVGGElement>('.point') ?? undefined));
  plot.addEventListener('focusout', () => show(undefined));
  plot.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') show(undefined);
    const points = pointsOf(plot);
    const next = neighbour(points, points.indexOf(document.activeElement as SVGGElement), event.key);
    if (next === undefined) return;
    event.preventDefault();
    for (const point of points) point.setAttribute('tabindex', point === points[next] ? '0' : '-1');
    points[next].focus();
  });
}

/** Index that an arrow key leads to: left and right along the series, up and down to the next one. */
function neighbour(points: readonly SVGGElement[], at: number, key: string): number | undefined {
  if (at < 0) return undefined;
  const series = (index: number) => points[index]?.parentElement?.dataset.series;
  if (key === 'Home') return 0;
  if (key === 'End') return points.length - 1;
  if (key === 'ArrowRight') return Math.min(points.length - 1, at + 1);
  if (key === 'ArrowLeft') return Math.max(0, at - 1);
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  const step = key === 'ArrowDown' ? 1 : -1;
  let next = at;
  while (points[next] && series(next) === series(at)) next += step;
  return points[next] ? next : at;
}

function nearest(plot: HTMLElement, event: PointerEvent): SVGGElement | undefined {
  const box = one('svg', plot).getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const ranked = pointsOf(plot).map((point) => ({ point, distance: Math.hypot(placeOf(point).x - x, placeOf(point).y - y) }));
  ranked.sort((a, b) => a.distance - b.distance);
  return ranked[0] && ranked[0].distance <= REACH ? ranked[0].point : undefined;
}

/** Above the point, or below it near the top; never beyond the plot's sides. */
function placeTip(tip: HTMLElement, plot: HTMLElement, { x, y }: { x: number; y: number }): void {
  const left = Math.min(Math.max(x - tip.offsetWidth / 2, 0), plot.clientWidth - tip.offsetWidth);
  const above = y - tip.offsetHeight - 12;
  tip.style.left = `${plot.offsetLeft + left}px`;
  tip.style.top = `${plot.offsetTop + (above >= 0 ? above : y + 14)}px`;
}
