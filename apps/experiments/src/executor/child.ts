// The child's side: one run, or one pretraining, in this process. Returns the exit code.
import path from 'node:path';
import { trainingKey } from '../config/hash.ts';
import type { Run, RunConfig } from '../config/schema.ts';
import type { RunIo } from '../run/index.ts';
import { takeLock } from '../run/lock.ts';
import { outOfSpace } from './disk-full.ts';
import { LOCK, readRun } from './run-folder.ts';
import { exitCodeOf } from './stop.ts';

/** What trains: src/run, or a stand-in in tests. */
export interface Work {
  executeRun(run: Run, folder: string, io: RunIo): Promise<unknown>;
  ensurePretrained(config: RunConfig, io: RunIo): Promise<unknown>;
}

export interface ChildOptions {
  root: string;
  /** config.yaml of the run's folder. */
  configFile: string;
  resume: boolean;
  /** Folder of the run whose training this one evaluates. */
  trained?: string;
  /** Aborted with a StopSignal as reason. */
  signal: AbortSignal;
  stream: { write(text: string): unknown };
}

/** The other run, in whose folder the checkpoint is. Throws when it trains something else. */
function trainedRun(run: Run, folder: string): NonNullable<RunIo['trained']> {
  const other = readRun(path.join(folder, 'config.yaml'));
  if (trainingKey(other.config) !== trainingKey(run.config)) {
    throw new Error(`${run.name}: ${folder} holds another training than the one to evaluate`);
  }
  const here = other.experiment === run.experiment && other.profile === run.profile;
  return { folder, run: here ? other.name : [other.experiment, other.profile, other.name].join('/') };
}

/**
 * Trains and evaluates the run of `configFile`, in its folder; `pretrain`: only makes the network that it starts from.
 * @throws LockHeldError when another process has the folder; an error that says so when there is no space left
 */
export async function runChild(kind: 'train' | 'pretrain', work: Work, options: ChildOptions): Promise<number> {
  const { root, configFile, signal, resume, trained, stream } = options;
  const io: RunIo = { root, resume, signal, stream };
  const folder = path.dirname(configFile);
  // A pretraining has a lock of its own, on which others wait.
  const release = kind === 'train' ? takeLock(path.join(folder, LOCK), path.relative(root, folder)) : () => {};
  try {
    const run = readRun(configFile);
    if (kind === 'train') await work.executeRun(run, folder, trained ? { ...io, trained: trainedRun(run, trained) } : io);
    else await work.ensurePretrained(run.config, io);
    return 0;
  } catch (error) {
    if (!signal.aborted) throw outOfSpace(error, path.relative(root, folder)) ?? error;
    stream.write(`${error instanceof Error ? error.message : error}\n`);
    return exitCodeOf(signal);
  } finally {
    release();
  }
}
