import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const client = path.join(__dirname, '../../client');
const node = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: client, encoding: 'utf8' });
  return { status, output: stdout + stderr };
};

test("the page's script and style are those of client/", () => {
  expect(node('build.mjs', '--check')).toEqual({ status: 0, output: '' });
});

test("the page's script has no type errors", () => {
  expect(node(require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.json')).toEqual({ status: 0, output: '' });
});

// WCAG 2.2: 1.4.3 (text, 4.5:1) and 1.4.11 (what is drawn, 3:1).
function schemes(): Record<string, string>[] {
  const css = fs.readFileSync(path.join(client, 'style.css'), 'utf8');
  const variables = (block: string) =>
    Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
  const [light, dark] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, block]) => variables(block));
  return [light, { ...light, ...dark }];
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((i) => Number.parseInt(color.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

test.each(['light', 'dark'])('colours of the %s scheme contrast enough', (name) => {
  const scheme = schemes()[name === 'light' ? 0 : 1];
  const texts = ['text', 'soft', 'link', 'supported', 'contradicted', 'inconclusive'].map((color) => [color, 'page'] as const);
  const panels = ['text', 'soft', 'link'].map((color) => [color, 'panel'] as const);
  const badges = ['supported', 'contradicted', 'inconclusive'].map((color) => [color, `${color}-back`] as const);
  for (const [color, back] of [...texts, ...panels, ...badges, ['text', 'mark'] as const]) {
    expect([color, back, contrast(scheme[color], scheme[back]) >= 4.5]).toEqual([color, back, true]);
  }
  const drawn = ['focus', ...Array.from({ length: 8 }, (_, i) => `s${i}`), ...Array.from({ length: 4 }, (_, i) => `p${i}`)];
  for (const color of drawn) expect([color, contrast(scheme[color], scheme.page) >= 3]).toEqual([color, true]);
});

test('contrast of black and white is 21', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
});
