// `stint verify`: evaluates finished runs again from their checkpoints and compares every number with the one that was written.
import path from 'node:path';
import type { Workspace } from '../config/catalog.ts';
import { codeHash } from '../config/code.ts';
import type { Evaluated } from '../run/index.ts';
import { type Difference, differences, shown } from '../trust/differences.ts';
import { environmentChanges } from '../trust/environments.ts';
import { checkpointOf, type FinishedRun, readFinishedRun, runFolders } from '../trust/finished-run.ts';
import { type Io, printJson } from './io.ts';

export interface VerifyOptions {
  /** Absolute; default 0, bit by bit. */
  tolerance?: number;
  json?: boolean;
}

export interface Verified {
  run: string;
  folder: string;
  /** Numbers that differ: a as recorded, b now. */
  differences: Difference[];
  numbers: number;
  /** Code, engine, machine: a when it ran, b now. */
  changes: Difference[];
  /** Why it could not be evaluated again. */
  problem?: string;
}

/** Exit code 1 when a number differs or a run cannot be evaluated again. */
export async function verifyCommand(
  folders: readonly string[],
  { tolerance = 0, json }: VerifyOptions,
  { io, workspace }: { io: Io; workspace: Workspace },
): Promise<number> {
  const runs = [...new Set(folders.flatMap(runFolders))];
  const verified: Verified[] = [];
  for (const [index, folder] of runs.entries()) {
    const label = path.relative(process.cwd(), folder) || '.';
    (json ? io.err : io.out)(`[${index + 1}/${runs.length}] ${label}`);
    const one = await verify(folder, label, tolerance, workspace);
    verified.push(one);
    if (!json) io.out(describe(one));
  }
  const bad = verified.filter(({ differences, problem }) => problem !== undefined || differences.length > 0);
  if (json) printJson(io, { ok: bad.length === 0, runs: verified });
  else
    io.out(bad.length === 0 ? `${runs.length} of ${runs.length} runs verified` : `${bad.length} of ${runs.length} runs are NOT verified`);
  return bad.length === 0 ? 0 : 1;
}

async function verify(folder: string, label: string, tolerance: number, { root }: Workspace): Promise<Verified> {
  const none = { run: label, folder, differences: [], numbers: 0, changes: [] };
  let finished: FinishedRun;
  let now: Evaluated;
  try {
    finished = readFinishedRun(folder);
    const checkpoint = checkpointOf(finished);
    const { evaluateAgain } = await import('../run/index.ts');
    now = await evaluateAgain(finished.run.config, checkpoint, { root });
  } catch (error) {
    return { ...none, problem: (error as Error).message };
  }
  const { metrics, macs, densities, emptyWindows, images } = finished.result;
  const recorded = { metrics, macs, densities, emptyWindows, images: { evaluate: images.evaluate, skipped: images.skipped } };
  const code = { code: finished.result.codeHash };
  return {
    run: finished.run.name,
    folder,
    differences: differences(recorded, now.result, tolerance),
    numbers: countNumbers(recorded),
    changes: environmentChanges({ ...code, ...finished.environment }, { ...now.environment, code: codeHash() }),
  };
}

function countNumbers(value: unknown): number {
  if (typeof value === 'number') return 1;
  return value && typeof value === 'object' ? Object.values(value).reduce<number>((sum, inner) => sum + countNumbers(inner), 0) : 0;
}

function describe({ differences, numbers, changes, problem }: Verified): string {
  const changed = changes.map(({ path, a, b }) => `    ${path} was ${shown(a)}, is ${shown(b)}`);
  const since = changed.length > 0 ? ['  changed since:', ...changed] : [];
  if (problem !== undefined) return `  NOT VERIFIED: ${problem}`;
  if (differences.length === 0) return [`  verified: ${numbers} numbers are the same`, ...since].join('\n');
  const rows = differences.map(({ path, a, b }) => `    ${path}: recorded ${exact(a)}, now ${exact(b)}${by(a, b)}`);
  return [`  ${differences.length} of ${numbers} numbers DIFFER:`, ...rows, ...since].join('\n');
}

const exact = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

const by = (a: unknown, b: unknown): string =>
  typeof a === 'number' && typeof b === 'number' ? ` (${b > a ? '+' : ''}${shown(b - a)})` : '';
