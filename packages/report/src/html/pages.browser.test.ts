// The pages in a real, headless Chromium: what a reader at a desk and one at a phone see and do, by pointer and by keyboard alone.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { findChromium, type OpenedPage, openPage, startBrowser } from '../../testing/browser.ts';
import { madeExperiment, madeTasks } from './fixture.ts';
import { indexPage } from './index-page.ts';
import { markdownPage } from './markdown-page.ts';
import { htmlReport } from './report-page.ts';
import { readSummary } from './summary.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-pages-'));
const report = path.join(folder, 'report.html');
const index = path.join(folder, 'index.html');
const speed = path.join(folder, 'speed.html');
let browser: Browser;

beforeAll(async () => {
  const text = htmlReport(madeExperiment());
  fs.writeFileSync(report, text);
  fs.writeFileSync(index, indexPage({ entries: [{ href: 'report.html', summary: readSummary(text)! }] }));
  fs.writeFileSync(speed, speedPage());
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true });
});

/** At most ten rows a table: axe looks at every cell. */
function shorter(markdown: string): string {
  let row = 0;
  const kept = markdown.split('\n').filter((line) => {
    row = line.startsWith('|') ? row + 1 : 0;
    return row <= 12;
  });
  return kept.join('\n');
}

/** A report of speed as published: long rows of claims, several tables, a drawing. */
function speedPage(): string {
  const results = path.resolve(__dirname, '../../../../docs/results');
  const summary = {
    name: 'cpu-latency',
    profile: 'standard',
    title: 'Speed on a CPU',
    claims: [{ text: 'is fast', verdict: 'supported' as const, metric: 'times', mean: 0.1, seeds: 6, reason: 'reached' }],
    arms: ['resnet101'],
    finished: 8,
    failed: 0,
    unfinished: 0,
    provenance: { command: 'stint run cpu-latency:standard' },
  };
  return markdownPage({
    markdown: shorter(fs.readFileSync(path.join(results, 'cpu-latency.md'), 'utf8')),
    pictures: { 'cpu-latency-speedup.svg': fs.readFileSync(path.join(results, 'cpu-latency-speedup.svg'), 'utf8') },
    summary,
    facts: ['2 networks', '8 of 8 cases measured'],
  });
}

const READERS = [
  { reader: 'desk, light', width: 1280, colorScheme: 'light' },
  { reader: 'phone, dark', width: 360, colorScheme: 'dark' },
] as const;

/** Every rule of axe that is on by default: WCAG 2.2 A and AA as far as a program can check it, contrast among them, and best practices. */
async function accessibilityProblems(page: Page): Promise<string[]> {
  // The page's policy forbids added script elements; evaluate is not bound by it.
  await page.evaluate(fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(
    (): Promise<AxeResults> => (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
}

const overflow = (page: Page) => page.evaluate('document.documentElement.scrollWidth - innerWidth');

/** Everything the tab key reaches, with whether its focus can be seen. */
async function tabThrough(page: Page): Promise<{ name: string; visible: boolean }[]> {
  const stops: { name: string; visible: boolean }[] = [];
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(`(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const marker = element.querySelector('.marker');
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      const stroked = marker && parseFloat(getComputedStyle(marker).strokeWidth) >= 3;
      const name = element.dataset.slider || element.dataset.control || element.dataset.tiles || element.dataset.series
        || element.getAttribute('aria-label') || element.textContent.trim();
      return { name, visible: Boolean(outlined || stroked) && box.width > 0 && box.bottom > 0 && box.top < innerHeight };
    })()`);
    if (stop === null) return stops;
    stops.push(stop as { name: string; visible: boolean });
  }
  throw new Error(`the tab key does not come to an end: ${stops.slice(-3).map(({ name }) => name)}`);
}

describe.each(READERS)('a report of speed at a $reader', ({ width, colorScheme }) => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage(browser, speed, { width, colorScheme });
  });
  afterAll(() => opened.page.context().close());

  test('opens without a complaint, fits the width, shows its drawing, and no table lacks a name of its own', async () => {
    const { page, complaints, requests } = opened;
    expect([await overflow(page), complaints, requests]).toEqual([0, [], [pathToFileURL(speed).href]]);
    expect(
      await page.locator('img.picture').evaluate((picture) => (picture as unknown as { naturalWidth: number }).naturalWidth),
    ).toBeGreaterThan(300);
    const names = await page.locator('.scroller').evaluateAll((regions) => regions.map((region) => region.getAttribute('aria-label')));
    expect(names.length).toBeGreaterThan(8);
    expect(new Set(names).size).toBe(names.length);
  });

  test('a table sorts by a column of numbers', async () => {
    const table = opened.page.locator('section#times table').first();
    await table.locator('thead button', { hasText: /^ms$/ }).click();
    const times = (await table.locator('tbody tr td:nth-child(4)').allTextContents()).map(Number);
    expect(times.length).toBe(10);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  test('has no accessibility problem that a program can find, details opened', async () => {
    for (const summary of await opened.page.locator('summary').all()) await summary.click();
    expect(await accessibilityProblems(opened.page)).toEqual([]);
    expect(await overflow(opened.page)).toBe(0);
  });
});

describe.each(READERS)('the report at a $reader', ({ width, colorScheme }) => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage(browser, report, { width, colorScheme });
  });
  afterAll(() => opened.page.context().close());

  test('opens from a file without a complaint, asks for nothing else and fits the width', async () => {
    const { page, complaints, requests } = opened;
    await page.locator('[data-tiles=cost] canvas').first().scrollIntoViewIfNeeded();
    expect(await overflow(page)).toBe(0);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([pathToFileURL(report).href]);
    const levels = await page
      .locator('h1, h2, h3')
      .evaluateAll((headings) => headings.map((heading) => Number((heading as { tagName: string }).tagName[1])));
    expect(levels[0]).toBe(1);
    levels.slice(1).forEach((level, i) => {
      expect(level > 1 && level - levels[i] <= 1).toBe(true);
    });
  });

  test('can be gone through by the tab key, the focus always in sight', async () => {
    const stops = await tabThrough(opened.page);
    const names = stops.map(({ name }) => name);
    expect(names[0]).toBe('Skip to the content');
    const expected = ['Verdicts', 'metric', 'taps', 'seeds', 'rbf', 'AP', 'image 0', 'swept', 'mask', 'stage', 'cost'];
    for (const name of [...expected, 'Results by arm and sweep value']) expect(names).toContain(name);
    expect(names.filter((name) => /^(rbf|zeros) sparseWeight=.*, AP /.test(name))).toEqual([
      'rbf sparseWeight=0.2, AP 60.0 ± 1.0, 60.0 ± 0.0 M MACs, 3 seeds',
    ]);
    expect(stops.filter(({ visible }) => !visible)).toEqual([]);
    expect(opened.complaints).toEqual([]);
  });

  test('has no accessibility problem that a program can find, details opened', async () => {
    for (const summary of await opened.page.locator('summary').all()) await summary.click();
    expect(await accessibilityProblems(opened.page)).toEqual([]);
    expect(await overflow(opened.page)).toBe(0);
  });
});

describe('what the report answers', () => {
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    ({ page, complaints } = await openPage(browser, report, { width: 1280 }));
  });
  afterAll(() => page.context().close());
  afterEach(() => expect(complaints).toEqual([]));

  const drawn = (tiles: string, tile: number) =>
    page
      .locator(`[data-tiles=${tiles}] canvas`)
      .nth(tile)
      .evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());

  test('a slider by keyboard: its text and the tiles change', async () => {
    const before = await drawn('mask', 0);
    await page.locator('[data-slider=mask]').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('[data-slider=mask]').getAttribute('aria-valuetext')).toBe('layer1.0, mask 2');
    expect(await page.locator('[data-slider=mask] + output').textContent()).toBe('layer1.0, mask 2');
    expect(await drawn('mask', 0)).not.toBe(before);
    const cost = await drawn('cost', 0);
    await page.locator('[data-slider=stage]').focus();
    await page.keyboard.press('Home');
    expect(await page.locator('[data-slider=stage] + output').textContent()).toBe('stem');
    expect(await drawn('cost', 0)).not.toBe(cost);
  });

  test('tabs by arrow keys: the picture changes and its tab is selected', async () => {
    await page.locator('[role=tab]').first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('[role=tab][aria-selected=true]').textContent()).toContain('image 1');
    expect(await page.locator('[data-tiles=mask] canvas').first().getAttribute('aria-label')).toContain('image 1');
  });

  test('the probe by keyboard: values of all arms', async () => {
    await page.locator('[data-slider=stage]').focus();
    await page.keyboard.press('End');
    await page.locator('[data-tiles=cost]').focus();
    await page.keyboard.press('ArrowDown');
    // Stem and two blocks cost 120 everywhere; the rest depends on the masks.
    expect(await page.locator('[data-readout]').textContent()).toMatch(/^MACs at pixel x 16, y 16: rbf [\d,]+, zeros [\d,]+$/);
  });

  test('a series toggled off vanishes from the plot and comes back', async () => {
    const figure = page.locator('[data-chart=tradeoff]');
    const points = figure.locator('.series[data-series=zeros] .point');
    const button = figure.locator('button[data-series=zeros]');
    expect(await points.count()).toBe(2);
    await button.click();
    expect([await points.count(), await button.getAttribute('aria-pressed')]).toEqual([0, 'false']);
    await button.press('Enter');
    expect([await points.count(), await button.getAttribute('aria-pressed')]).toEqual([2, 'true']);
  });

  test('plot values at the pointer and by arrow keys; controls draw anew', async () => {
    const figure = page.locator('[data-chart=tradeoff]');
    const tip = figure.locator('.tip');
    await figure.locator('.point').first().focus();
    expect(await tip.textContent()).toContain('rbf sparseWeight=0.2\nAP 60.0 ± 1.0');
    await page.keyboard.press('ArrowDown');
    expect(await tip.textContent()).toContain('zeros sparseWeight=0.2');
    await page.keyboard.press('Escape');
    expect(await tip.isVisible()).toBe(false);
    await figure.locator('.series[data-series=rbf] .point').nth(1).hover();
    expect(await tip.textContent()).toContain('rbf sparseWeight=1');
    await figure.locator('[data-control=metric]').selectOption('AP50');
    expect(await figure.locator('svg.chart').getAttribute('aria-label')).toContain('AP50 against MACs');
    await figure.locator('[data-control=seeds]').check();
    expect(await figure.locator('.faint .point').count()).toBe(12);
  });

  test('a table sorted by a head: numbers, then the other way', async () => {
    const table = page.locator('#results table').first();
    const arms = () =>
      table
        .locator('tbody tr')
        .evaluateAll((rows) => rows.map((row) => (row as unknown as { cells: { textContent: string }[] }).cells[3].textContent));
    const head = table.locator('thead th').nth(3);
    await head.locator('button').click();
    expect([await head.getAttribute('aria-sort'), await arms()]).toEqual([
      'descending',
      ['62.0 ± 1.0', '60.0 ± 1.0', '52.0 ± 1.0', '50.0 ± 1.0'],
    ]);
    await head.locator('button').press('Enter');
    expect([await head.getAttribute('aria-sort'), await arms()]).toEqual([
      'ascending',
      ['50.0 ± 1.0', '52.0 ± 1.0', '60.0 ± 1.0', '62.0 ± 1.0'],
    ]);
  });
});

test('without scripts the text, the tables and the plots stand there', async () => {
  const { page } = await openPage(browser, report, { width: 800, javaScriptEnabled: false });
  expect(await page.locator('svg.chart .point').count()).toBeGreaterThan(8);
  expect(await page.locator('#results table').first().isVisible()).toBe(true);
  expect(await page.locator('.controls').first().isVisible()).toBe(false);
  expect(await page.locator('noscript').first().isVisible()).toBe(true);
  await page.context().close();
});

const TASKS = madeTasks();

const CASES = Object.keys(TASKS).flatMap((task) => READERS.map((reader) => ({ task: task as keyof typeof TASKS, ...reader })));

test.each(CASES)('a page of $task at a $reader: no complaint, no accessibility problem, fits the width', async ({ task, ...reader }) => {
  const file = path.join(folder, `${task}.html`);
  fs.writeFileSync(file, htmlReport(TASKS[task]));
  const { page, complaints } = await openPage(browser, file, reader);
  await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('arms with one, two and three masks a block: each shows its own mask of the name, or that it has none', async () => {
  const file = path.join(folder, 'kinds.html');
  fs.writeFileSync(file, htmlReport(TASKS.segmentation));
  const { page, complaints } = await openPage(browser, file, { width: 1280 });
  const slider = page.locator('[data-slider=mask]');
  const spoken = () =>
    page
      .locator('[data-tiles=mask] canvas')
      .evaluateAll((tiles) =>
        tiles.map((tile) => (tile as unknown as { ariaLabel: string }).ariaLabel.replace(/^(\w+) .*, image (\d+): /, '$1 $2: ')),
      );
  expect(JSON.parse((await slider.getAttribute('data-values'))!)).toEqual(
    ['layer1.0', 'layer2.0'].flatMap((block) => [1, 2, 3].map((mask) => `${block}, mask ${mask}`)),
  );
  // Of 16 cells, those at which 7 i + mask is a multiple of 3.
  const shares = (mask: number) =>
    Math.round((100 * Array.from({ length: 16 }, (_, i) => 7 * i + mask).filter((v) => v % 3 === 0).length) / 16);
  await slider.focus();
  await page.keyboard.press('End');
  const three = `three 4: layer2.0, mask 3 samples ${shares(3)} percent`;
  expect(await spoken()).toEqual(['one 4: has no layer2.0, mask 3', 'two 4: has no layer2.0, mask 3', three]);
  await page.keyboard.press('ArrowLeft');
  const two = ['two', 'three'].map((arm) => `${arm} 4: layer2.0, mask 2 samples ${shares(2)} percent`);
  expect(await spoken()).toEqual(['one 4: has no layer2.0, mask 2', ...two]);
  await page.keyboard.press('ArrowLeft');
  expect(await spoken()).toEqual(['one', 'two', 'three'].map((arm) => `${arm} 4: layer2.0, mask 1 samples ${shares(1)} percent`));
  // Each image in its own proportions.
  const shape = () =>
    page
      .locator('[data-tiles=mask] canvas')
      .first()
      .evaluate((tile) => (tile as unknown as { width: number; height: number }).width / (tile as unknown as { height: number }).height);
  expect(await shape()).toBeCloseTo(48 / 32, 1);
  await page.locator('[role=tab]').nth(1).click();
  expect(await shape()).toBeCloseTo(32 / 64, 1);
  expect((await spoken())[0]).toMatch(/^one 9: /);
  // The dense arm has no tile, no density, and its point stands outside the sweep.
  expect(await page.locator('[data-chart=density] button[data-series=dense]').count()).toBe(0);
  expect(await page.locator('[data-chart=density] [data-control=swept] option').allTextContents()).toEqual([
    'sparseWeight=0.2',
    'sparseWeight=1',
  ]);
  expect(complaints).toEqual([]);
  await page.context().close();
});

test.each(READERS)('the index at a $reader: fits, filters, leads to the report', async ({ width, colorScheme }) => {
  const { page, complaints } = await openPage(browser, index, { width, colorScheme });
  expect(await overflow(page)).toBe(0);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.locator('[data-control=verdict]').selectOption('contradicted');
  expect(await page.locator('#claims tbody tr:visible').count()).toBe(1);
  expect((await tabThrough(page)).filter(({ visible }) => !visible)).toEqual([]);
  await page.locator('#experiments h3 a').click();
  expect(await page.locator('h1').textContent()).toBe('Made up');
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('without Chromium the error says how to get it', () => {
  expect(() => findChromium({ PATH: folder })).toThrow(/no Chromium on the PATH.*apt-get install -y --no-install-recommends chromium/);
  expect(() => findChromium({ STINT_CHROMIUM: '/nowhere' })).toThrow('no Chromium at STINT_CHROMIUM=/nowhere');
});
