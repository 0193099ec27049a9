// A run's folder and its config.yaml, which says (with a hash) what the folder's result and checkpoints belong to.
import fs from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../config/catalog.ts';
import { codeHash } from '../config/code.ts';
import { readConfigText } from '../config/config-file.ts';
import { configHash } from '../config/hash.ts';
import { child, type Place } from '../config/node.ts';
import { throwProblems, validate } from '../config/problems.ts';
import { type Run, runConfigSchema } from '../config/schema.ts';
import { parseYaml } from '../config/yaml-source.ts';
import { writeFileAtomic } from '../run/files.ts';
import { takeLock } from '../run/lock.ts';
import type { RunResult } from '../run/result.ts';
import { readResult } from '../trust/read-result.ts';

/** `stale`: finished with this configuration, but by other code. */
export type FolderState = 'new' | 'unfinished' | 'finished' | 'stale' | 'other-config';

const HEADER = '# Written by stint: one resolved run. The hash tells whether a checkpoint or a result belongs to this configuration.\n';

/** What a run's folder holds already. */
export function folderState(run: Run, folder: string): FolderState {
  const file = path.join(folder, 'config.yaml');
  if (!fs.existsSync(file)) return 'new';
  if (writtenHash(file) !== configHash(run.config)) return 'other-config';
  if (finishedResult(run, folder)) return 'finished';
  return writtenResult(folder)?.configHash === configHash(run.config) ? 'stale' : 'unfinished';
}

/** The result of a run that is finished with exactly this configuration, by this code. */
export function finishedResult(run: Run, folder: string): RunResult | undefined {
  const result = writtenResult(folder);
  return result?.configHash === configHash(run.config) && result.codeHash === codeHash() ? result : undefined;
}

function writtenResult(folder: string): RunResult | undefined {
  try {
    return readResult(folder);
  } catch {
    return undefined; // none yet, or damaged: the run is made again
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

/** Reads config.yaml back. @throws UsageError naming it when it cannot be read, ConfigError when someone changed it */
export function readRun(file: string): Run {
  const tree = parseYaml(readText(file), file);
  const { output, problems } = validate(writtenRun, tree);
  throwProblems(problems);
  const { hash, run, config } = output as z.output<typeof writtenRun>;
  const actual = configHash(config);
  const place: Place = child(tree, 'hash')?.place ?? tree.place;
  if (actual !== hash) {
    const message = `the hash is ${hash.slice(0, 40)}, but this configuration's is ${actual}: the file was changed by hand; restore it, or make the run again`;
    throwProblems([{ place, message }]);
  }
  return { ...run, config };
}

const writtenRun = z.strictObject({
  hash: z.string(),
  run: z.strictObject({
    experiment: z.string(),
    profile: z.string(),
    arm: z.string(),
    sweep: z.record(z.string(), z.union([z.number(), z.string()])),
    seed: z.number(),
    name: z.string(),
  }),
  config: runConfigSchema,
});

function readText(file: string): string {
  try {
    return readConfigText(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}; restore it, or make the run again with stint run`);
  }
}
