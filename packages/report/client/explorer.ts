// The masks and cost maps: which image, sweep value, block and stage are shown, and the tiles drawn for it.
import { type CostMap, costMap, type MaskCells, unpackCells } from '../src/html/cost.ts';
import type { MaskData, MaskView } from '../src/html/page-data.ts';
import { maskName, maskSteps, stageSteps, stagesUpTo, sweptSteps, viewAt } from '../src/html/steps.ts';
import { all, embedded, one, onWidth } from './dom.ts';
import { drawCost, drawSamples, type Spot } from './tiles.ts';

interface Choice {
  image: number;
  swept: string;
  mask: string;
  stage: string;
  /** Place on the image from 0 to 1. */
  probe?: Spot;
}

/** A view's image with its masks unpacked and its costs added up, made when first shown. */
interface Shown {
  masks: MaskCells[];
  cost(stages: number): CostMap;
}

export function startExplorer(): void {
  const root = document.querySelector<HTMLElement>('[data-explorer]');
  const data = embedded<MaskData>('mask-data');
  if (!root || !data) return;
  const pictures = all<HTMLImageElement>('img[data-picture]', root);
  const shown = memory(data);
  const high = highestCost(data, shown);
  one('[data-heat-high]', root).textContent = formatMacs(high);
  const dense = [...new Set(data.views.flatMap((view) => view.images.map((image) => formatMacs(image.dense))))];
  one('[data-dense]', root).textContent = `The network without masks spends ${dense.join(' or ')} everywhere.`;
  const choice: Choice = { image: 0, swept: sweptSteps(data.views).at(-1)!, mask: maskSteps(data)[0], stage: stageSteps(data).at(-1)! };
  const draw = () => drawTiles(root, data, { choice, shown, picture: pictures[choice.image], high });
  startTabs(root, (image) => {
    choice.image = image;
    draw();
  });
  startSliders(root, (name, value) => {
    if (name === 'swept') choice.swept = value;
    if (name === 'mask') choice.mask = value;
    if (name === 'stage') choice.stage = value;
    draw();
  });
  startProbe(root, choice, draw);
  for (const picture of pictures) if (!picture.complete) picture.addEventListener('load', draw);
  onWidth(one('.tile canvas', root), draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}

function memory(data: MaskData): (view: MaskView, image: number) => Shown {
  const known = new Map<string, Shown>();
  return (view, image) => {
    const key = `${data.views.indexOf(view)} ${image}`;
    const { masks, stages } = view.images[image];
    const made: Shown = known.get(key) ?? {
      masks: masks.map(({ height, width, bits }) => ({ height, width, cells: unpackCells(bits, height * width) })),
      cost: (count) => costMap(stages, made.masks, count),
    };
    known.set(key, made);
    return made;
  };
}

/** End of the colour scale: the most expensive pixel of any run and image. */
function highestCost(data: MaskData, shown: ReturnType<typeof memory>): number {
  const highest = (view: MaskView) =>
    view.images.map((_, image) =>
      shown(view, image)
        .cost(Number.POSITIVE_INFINITY)
        .values.reduce((a, b) => Math.max(a, b), 0),
    );
  return Math.max(...data.views.flatMap(highest));
}

interface Drawing {
  choice: Choice;
  shown: ReturnType<typeof memory>;
  picture: HTMLImageElement;
  high: number;
}

function drawTiles(root: HTMLElement, data: MaskData, { choice, shown, picture, high }: Drawing): void {
  const image = data.images[choice.image];
  const values: string[] = [];
  for (const tile of all('.tile', root)) {
    const canvas = one<HTMLCanvasElement>('canvas', tile);
    const view = viewAt(data, tile.dataset.arm, choice.swept);
    tile.classList.toggle('absent', view === undefined);
    if (!view) continue;
    const { masks, cost } = shown(view, choice.image);
    const { dense } = view.images[choice.image];
    const name = `${view.arm}${view.swept && ` ${view.swept}`}, seed ${view.seed}, image ${image.id}`;
    if (tile.parentElement?.dataset.tiles === 'mask') {
      const cells = masks[view.images[choice.image].masks.findIndex((mask) => maskName(mask) === choice.mask)];
      drawSamples(canvas, image, picture, cells);
      if (cells) {
        const share = (100 * cells.cells.reduce((sum, cell) => sum + cell, 0)) / cells.cells.length;
        caption(tile, `${share.toFixed(0)} %`, `${name}: ${choice.mask} samples ${share.toFixed(0)} percent`);
      } else caption(tile, 'has no such mask', `${name}: has no ${choice.mask}`);
    } else {
      const map = cost(stagesUpTo(data, view, choice.stage));
      const mean = map.values.reduce((sum, value) => sum + value, 0) / map.values.length;
      drawCost(canvas, image, map, high, choice.probe);
      const share = `${((100 * mean) / dense).toFixed(0)} % of dense`;
      caption(tile, `${formatMacs(mean)} a pixel, ${share}`, `${name}: ${formatMacs(mean)} MACs a pixel on average, ${share}`);
      if (choice.probe) values.push(`${view.arm} ${formatMacs(valueAtSpot(map, choice.probe))}`);
    }
  }
  if (choice.probe) {
    const [x, y] = [Math.floor(choice.probe.x * image.width), Math.floor(choice.probe.y * image.height)];
    one('[data-readout]', root).textContent = `MACs at pixel x ${x}, y ${y}: ${values.join(', ')}`;
  }
}

function caption(tile: HTMLElement, text: string, spoken: string): void {
  one('[data-caption]', tile).textContent = text;
  one('canvas', tile).setAttribute('aria-label', spoken);
}

function valueAtSpot({ width, height, values }: CostMap, { x, y }: Spot): number {
  return values[Math.min(height - 1, Math.floor(y * height)) * width + Math.min(width - 1, Math.floor(x * width))];
}

const formatMacs = (value: number): string => Math.round(value).toLocaleString('en');

/** Tabs as the ARIA practices have them: one stop of the tab key, arrow keys between them. */
function startTabs(root: HTMLElement, select: (index: number) => void): void {
  const tabs = all<HTMLButtonElement>('[role=tab]', root);
  const panel = one('[role=tabpanel]', root);
  const activate = (index: number) => {
    tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', tabs[index].id);
    select(index);
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => activate(index));
    tab.addEventListener('keydown', (event) => {
      const target = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (target === undefined) return;
      event.preventDefault();
      const next = (target + tabs.length) % tabs.length;
      activate(next);
      tabs[next].focus();
    });
  });
}

function startSliders(root: HTMLElement, change: (name: string, value: string) => void): void {
  for (const slider of all<HTMLInputElement>('input[type=range]', root)) {
    const values: string[] = JSON.parse(slider.dataset.values ?? '[]');
    const apply = () => {
      const index = Number(slider.value);
      slider.setAttribute('aria-valuetext', values[index]);
      one('output', slider.parentElement ?? root).textContent = values[index];
      change(slider.dataset.slider ?? '', values[index]);
    };
    slider.addEventListener('input', apply);
    apply(); // a reloaded page may keep the slider's place
  }
}

/** Pointing at a cost map, or arrow keys on them, reads the same place of every arm. */
function startProbe(root: HTMLElement, choice: Choice, draw: () => void): void {
  const tiles = one('[data-tiles=cost]', root);
  tiles.addEventListener('pointermove', (event) => {
    const canvas = (event.target as Element).closest('canvas');
    if (!canvas) return;
    const box = canvas.getBoundingClientRect();
    choice.probe = { x: within((event.clientX - box.left) / box.width), y: within((event.clientY - box.top) / box.height) };
    draw();
  });
  tiles.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const { x, y } = choice.probe ?? { x: 0.5, y: 0.5 };
    choice.probe = { x: within(x + step[0] / 40), y: within(y + step[1] / 40) };
    draw();
  });
}

const within = (value: number): number => Math.min(0.9999, Math.max(0, value));
