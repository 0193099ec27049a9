// Pages in a real browser: finds Chromium, opens pages from files as a reader would, and notes everything they complain about.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser's file: $STINT_CHROMIUM, or the first on the PATH. Throws with how to get it. */
export function findChromium({ PATH = '', STINT_CHROMIUM }: NodeJS.ProcessEnv = process.env): string {
  const candidates = STINT_CHROMIUM
    ? [STINT_CHROMIUM]
    : PATH.split(path.delimiter).flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
  const found = candidates.find((file) => fs.existsSync(file));
  if (found) return found;
  throw new Error(
    `no Chromium ${STINT_CHROMIUM ? `at STINT_CHROMIUM=${STINT_CHROMIUM}` : 'on the PATH'}: the pages are tested in it. ` +
      'Install it ("apt-get install -y --no-install-recommends chromium", "brew install --cask chromium"), or set STINT_CHROMIUM to a Chrome or Chromium.',
  );
}

/** Starts the browser; its own sandbox needs rights that containers lack, and the pages are ours. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export interface OpenedPage {
  page: Page;
  /** Console errors and warnings, exceptions, failed requests. */
  complaints: string[];
  /** Addresses asked for, without data: addresses. */
  requests: string[];
}

export interface OpenOptions {
  width: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  javaScriptEnabled?: boolean;
}

/** Opens a file in a fresh context. */
export async function openPage(
  browser: Browser,
  file: string,
  { width, height = 800, colorScheme = 'light', javaScriptEnabled = true }: OpenOptions,
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    javaScriptEnabled,
    reducedMotion: 'reduce',
    hasTouch: width < 600,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) requests.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  return { page, complaints, requests };
}
