// Test helper: a throw-away workspace with the given experiment files.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Workspace } from './catalog.ts';
import { ConfigError } from './problems.ts';

/** A smallest valid experiment; lines are numbered in the tests, so append only. */
export const TINY = `title: Tiny
data: { kind: emoji, train: 8, val: 4, imageSize: 64 }
model:
  backbone: { stem: { kind: small, widths: [4, 8] }, layers: [1], planes: [4] }
  fpn: { channels: 8 }
  head: { kind: one-stage }
  sampling: { integration: two-masks }
train: { steps: 2, batchSize: 2, optimizer: { kind: sgd }, lr: 0.1, schedule: { kind: constant } }
arms:
  rbf:
  zeros: { model: { sampling: { interpolation: { kind: zeros } } } }
`;

/** Files are named relative to experiments/. */
export function workspaceWith(files: Record<string, string>): Workspace {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-config-'));
  const experiments = path.join(root, 'experiments');
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(experiments, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  return { root, experiments };
}

/** Lines of the ConfigError that `action` throws. */
export function problemLines(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  throw new Error('no ConfigError was thrown');
}
