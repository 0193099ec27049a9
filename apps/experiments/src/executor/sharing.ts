// Runs that differ only in their evaluation share one training: the first of them trains, the others evaluate its checkpoint. A training that
// another experiment has finished is used too: the same arm stands in several tables.
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { codeHash } from '../config/code.ts';
import { configHash, trainingKey } from '../config/hash.ts';
import type { Run, RunConfig } from '../config/schema.ts';

/** What a training leaves in its run's folder. */
export const CHECKPOINT = 'last.safetensors';

/** Whose training a run uses. */
export interface Trainer {
  /** Folder of the run that trains; undefined: the run itself. */
  folder?: string;
  /** A run of the same experiment; undefined where another experiment has trained. */
  run?: Run;
}

export interface SharingOptions {
  /** Whether a run's result is there, made by this configuration and code. */
  finished(run: Run): boolean;
  folderOf(run: Run): string;
  /** Finished trainings of other experiments, by their key (`finishedTrainings`). */
  others?: ReadonlyMap<string, string>;
}

/** Whose training each run uses: its own, that of another of `runs`, or one that another experiment has finished. */
export function trainers(runs: readonly Run[], { finished, folderOf, others }: SharingOptions): Map<Run, Trainer> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = trainingKey(run.config);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const trained = (run: Run) => finished(run) && fs.existsSync(path.join(folderOf(run), CHECKPOINT));
  return new Map(
    [...groups].flatMap(([key, group]) => {
      const done = group.find(trained);
      const other = done ? undefined : others?.get(key);
      const trainer = done ?? group.find((run) => !finished(run)) ?? group[0];
      const shared = { folder: folderOf(trainer), run: trainer };
      return group.map((run): [Run, Trainer] => [run, other ? { folder: other } : run === trainer ? {} : shared]);
    }),
  );
}

/**
 * Folders of finished trainings below `runs` (<experiment>/<profile>/<arm>/<run>), by their key: made by this code, with their checkpoint.
 * What lies in `except` is left out, and so is what cannot be read.
 */
export function finishedTrainings(runs: string, except: string): Map<string, string> {
  const found = new Map<string, string>();
  if (!fs.existsSync(runs)) return found;
  for (const folder of foldersAt(runs, RUN_DEPTH)) {
    if (!path.relative(except, folder).startsWith('..')) continue;
    const config = trainedHere(folder);
    if (config) found.set(trainingKey(config), folder);
  }
  return found;
}

/** <experiment>/<profile>/<arm>/<run> */
const RUN_DEPTH = 4;

function foldersAt(folder: string, depth: number): string[] {
  if (depth === 0) return [folder];
  const inner = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return inner.flatMap(({ name }) => foldersAt(path.join(folder, name), depth - 1));
}

/** The configuration of a run that trained by itself, with this code, and is finished. */
function trainedHere(folder: string): RunConfig | undefined {
  try {
    const result = JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8'));
    if (result.codeHash !== codeHash() || result.trainedBy !== undefined) return undefined;
    if (!fs.existsSync(path.join(folder, CHECKPOINT))) return undefined;
    const { config } = parse(fs.readFileSync(path.join(folder, 'config.yaml'), 'utf8'));
    return configHash(config) === result.configHash ? config : undefined;
  } catch {
    return undefined; // half written, or not a run's: nothing to share
  }
}
