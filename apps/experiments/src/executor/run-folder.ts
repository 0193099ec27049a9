// A run's folder and its config.yaml, which says (with a hash) what the folder's result and checkpoints belong to.
import fs from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { codeHash } from '../config/code.ts';
import { configHash } from '../config/hash.ts';
import { child, type Place } from '../config/node.ts';
import { throwProblems, validate } from '../config/problems.ts';
import { type Run, type RunConfig, runConfigSchema } from '../config/schema.ts';
import { parseYaml } from '../config/yaml-source.ts';
import { writeFileAtomic } from '../run/files.ts';
import { takeLock } from '../run/lock.ts';
import type { RunResult } from '../run/result.ts';

/** `stale`: finished with this configuration, but by other code. */
export type FolderState = 'new' | 'unfinished' | 'finished' | 'stale' | 'other-config';

const HEADER = '# Written by stint: one resolved run. The hash tells whether a checkpoint or a result belongs to this configuration.\n';

/** What a run's folder holds already. */
export function folderState(run: Run, folder: string): FolderState {
  const file = path.join(folder, 'config.yaml');
  if (!fs.existsSync(file)) return 'new';
  if (writtenHash(file) !== configHash(run.config)) return 'other-config';
  if (finishedResult(run, folder)) return 'finished';
  return readResult(folder)?.configHash === configHash(run.config) ? 'stale' : 'unfinished';
}

/** The result of a run that is finished with exactly this configuration, by this code. */
export function finishedResult(run: Run, folder: string): RunResult | undefined {
  const result = readResult(folder);
  return result?.configHash === configHash(run.config) && result.codeHash === codeHash() ? result : undefined;
}

function readResult(folder: string): RunResult | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8'));
  } catch {
    return undefined; // no result yet
  }
}

function writtenHash(file: string): string | undefined {
  try {
    return parse(fs.readFileSync(file, 'utf8'))?.hash;
  } catch {
    return undefined; // not YAML any more: certainly not this configuration
  }
}

/** In a run's folder: which process works there. */
export const LOCK = 'lock';

/**
 * Makes the folder ready: emptied, or as it is when the run goes on from its checkpoint.
 * @throws LockHeldError when another process works there; nothing is touched then
 */
export function prepareFolder(run: Run, folder: string, { keep }: { keep: boolean }): void {
  const release = takeLock(path.join(folder, LOCK), run.name);
  try {
    for (const name of fs.readdirSync(folder)) {
      // Of what is kept, a killed process may have left files half written.
      const goes = keep ? name.endsWith('.tmp') : name !== LOCK;
      if (goes) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    }
    writeRun(path.join(folder, 'config.yaml'), run);
  } finally {
    release();
  }
}

/** Writes a run's config.yaml. */
export function writeRun(file: string, { config, ...identity }: Run): void {
  writeFileAtomic(file, HEADER + stringify({ hash: configHash(config), run: identity, config }, { lineWidth: 140 }));
}

/** Reads config.yaml back. Throws ConfigError when someone changed it. */
export function readRun(file: string): Run {
  const text = fs.readFileSync(file, 'utf8');
  const tree = parseYaml(text, file);
  const { output, problems } = validate(runConfigSchema, child(tree, 'config') ?? tree);
  throwProblems(problems);
  const config = output as RunConfig;
  const { hash, run } = parse(text);
  const actual = configHash(config);
  const place: Place = child(tree, 'hash')?.place ?? tree.place;
  if (actual !== hash) {
    throwProblems([{ place, message: `the hash is ${hash}, but this configuration's is ${actual}: the file was changed by hand` }]);
  }
  return { ...run, config };
}
