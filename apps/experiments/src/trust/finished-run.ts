// A finished run as it lies in its folder: configuration, result, surroundings, and the checkpoint that it evaluated.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from '../config/catalog.ts';
import { configHash } from '../config/hash.ts';
import type { Run } from '../config/schema.ts';
import { readRun } from '../executor/run-folder.ts';
import { CHECKPOINT } from '../executor/sharing.ts';
import type { RunResult } from '../run/result.ts';
import { JsonFileError } from './json-file.ts';
import { readEnvironment, readResult, type WrittenEnvironment } from './read-result.ts';

export interface FinishedRun {
  folder: string;
  run: Run;
  result: RunResult;
  /** Absent in runs whose env.json is lost. */
  environment?: WrittenEnvironment;
}

/** Folders of the finished runs at or below `folder`, sorted. @throws UsageError when there are none. */
export function runFolders(folder: string): string[] {
  if (!fs.existsSync(folder))
    throw new UsageError(`${folder} does not exist; give the folder of a run or of an experiment, e.g. runs/ablation-interp/quick`);
  if (!fs.statSync(folder).isDirectory()) throw new UsageError(`${folder} is a file; give the folder of a run or of an experiment`);
  const found = search(path.resolve(folder)).sort();
  if (found.length === 0) throw new UsageError(`${folder} holds no finished run (a config.yaml with a result.json beside it)`);
  return found;
}

function search(folder: string): string[] {
  if (['config.yaml', 'result.json'].every((name) => fs.existsSync(path.join(folder, name)))) return [folder];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => search(path.join(folder, name)));
}

/**
 * Reads a run.
 * @throws JsonFileError or ConfigError, which name the file, when one of its files is damaged, its config.yaml was changed by hand, or its result
 *   is of another configuration
 */
export function readFinishedRun(folder: string): FinishedRun {
  const run = readRun(path.join(folder, 'config.yaml'));
  const result = readResult(folder);
  const hash = configHash(run.config);
  if (result.configHash !== hash)
    throw new JsonFileError(
      `${path.join(folder, 'result.json')} is of another configuration (${result.configHash.slice(0, 16)}) than the config.yaml beside it (${hash}); make the run again with stint run`,
    );
  return { folder, run, result, ...(fs.existsSync(path.join(folder, 'env.json')) && { environment: readEnvironment(folder) }) };
}

/**
 * The checkpoint that a run evaluated: its own, or that of the run whose training it shares.
 * @throws when it is gone, or is not the one that the result names by its SHA-256.
 */
export function checkpointOf({ folder, run, result }: FinishedRun): string {
  const experiment = path.join(folder, ...run.name.split('/').map(() => '..'));
  const { trainedBy } = result;
  const places = trainedBy ? [path.join(experiment, trainedBy), path.join(experiment, '../..', trainedBy)] : [folder];
  const files = places.map((place) => path.join(place, CHECKPOINT));
  const file = files.find((each) => fs.existsSync(each));
  if (!file) throw new Error(`${run.name}: its checkpoint is gone (${files.join(' or ')}); run it again`);
  if (!fs.statSync(file).isFile()) throw new Error(`${run.name}: ${file} is no file, where a checkpoint is expected; run it again`);
  const found = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  if (found !== result.checkpoint)
    throw new Error(
      `${run.name}: ${file} is not the checkpoint that was evaluated (SHA-256 ${found.slice(0, 12)}, recorded ${result.checkpoint.slice(0, 12)}); run it again`,
    );
  return file;
}
