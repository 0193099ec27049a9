#!/usr/bin/env node
// Screenshots of the published pages for the README: `node tools/results/screenshots.mjs [NAME]` opens docs/results/NAME.html (default
// ablation-interp-standard) and docs/results/index.html in a headless Chromium and writes docs/images/report-*.png.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(import.meta.url);
process.env.TS_NODE_PROJECT ??= path.join(root, 'tsconfig.json');
require('ts-node').register();
const { openPage, startBrowser } = require('../../packages/report/testing/browser.ts');

const LARGEST = 200_000;
const [name = 'ablation-interp-standard'] = process.argv.slice(2);
const images = path.join(root, 'docs/images');
const report = path.join(root, 'docs/results', `${name}.html`);
if (!fs.existsSync(report)) {
  console.error(`screenshots: ${report} does not exist; publish it first: node tools/results/publish.mjs EXPERIMENT PROFILE`);
  process.exit(1);
}

/** What is shown: from the top of `from` down to `height` pixels, after `prepare`. */
const SHOTS = [
  { file: 'report-verdicts', page: report, width: 1100, height: 860, from: 'header' },
  { file: 'report-plot', page: report, width: 1100, height: 620, from: '#tradeoff', prepare: hoverPoint },
  { file: 'report-masks', page: report, width: 1100, height: 1120, from: '#masks', colorScheme: 'dark', prepare: moveSlider },
  { file: 'report-phone', page: report, width: 360, height: 780, from: '#tradeoff' },
  { file: 'report-index', page: path.join(root, 'docs/results/index.html'), width: 1100, height: 760, from: 'header' },
];

async function hoverPoint(page) {
  await page.locator('[data-chart=tradeoff] .point').nth(1).hover();
}

/** The second mask of the third block: sparse, and still fine enough to see the image's shapes. */
async function moveSlider(page) {
  await page.locator('[data-slider=mask]').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await page.evaluate('document.activeElement.blur()');
}

async function shoot(browser, { file, page: address, width, height, from, colorScheme, prepare }) {
  const { page, complaints } = await openPage(browser, address, { width, height, colorScheme });
  await page.addStyleTag({ content: 'nav { position: static !important }' });
  await page.locator(from).evaluate((element) => scrollTo(0, element.getBoundingClientRect().top + scrollY));
  await prepare?.(page);
  const png = await sharp(await page.screenshot())
    .png({ palette: true, effort: 10 })
    .toBuffer();
  await page.context().close();
  if (complaints.length > 0) throw new Error(`${address}: ${complaints.join('; ')}`);
  if (png.length > LARGEST) throw new Error(`${file}.png has ${png.length} bytes, more than ${LARGEST}: show less of the page`);
  fs.mkdirSync(images, { recursive: true });
  fs.writeFileSync(path.join(images, `${file}.png`), png);
  console.log(`docs/images/${file}.png  ${Math.round(png.length / 1000)} kB`);
}

const browser = await startBrowser();
try {
  for (const shot of SHOTS) await shoot(browser, shot);
} finally {
  await browser.close();
}
