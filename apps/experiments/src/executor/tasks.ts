// A run, or a pretraining, as a command line for a process of its own.
import fs from 'node:fs';
import path from 'node:path';
import { pretrainKey } from '../config/hash.ts';
import type { Run } from '../config/schema.ts';
import { forgetPretrained, pretrainedFolder, takeShipped, WEIGHTS } from '../run/pretrained.ts';
import type { ExecuteOptions } from './executor.ts';
import type { PlannedRun } from './plan.ts';
import type { PoolTask } from './pool.ts';
import { prepareFolder, writeRun } from './run-folder.ts';

/** A shared network that the cache lacks, and the runs that need it. */
export interface Pretraining {
  key: string;
  folder: string;
  runs: Run[];
}

/** The task of a run, its folder made ready: emptied, unless it is to go on from its checkpoint. */
export function runTask({ run, folder, state, trainer }: PlannedRun, options: ExecuteOptions, { resume }: { resume: boolean }): PoolTask {
  const keep = resume && state === 'unfinished';
  prepareFolder(run, folder, { keep });
  const flags = [...(keep ? ['--resume'] : []), ...(trainer ? ['--trained', trainer.folder] : [])];
  const command = [...stintCommand(options), 'train-run', '--config', path.join(folder, 'config.yaml'), ...flags];
  return { name: run.name, command, env: threadLimits(run), logFile: path.join(folder, 'log.txt') };
}

export function pretrainTask({ key, folder, runs: [run] }: Pretraining, options: ExecuteOptions): PoolTask {
  const configFile = path.join(folder, 'config.yaml');
  writeRun(configFile, run);
  const command = [...stintCommand(options), 'pretrain-run', '--config', configFile];
  return { name: `pretrain ${key}`, command, env: threadLimits(run), logFile: path.join(folder, 'log.txt') };
}

/** The networks that `runs` start from and that neither the cache nor the project has; with `fresh` all of them, their folders emptied. */
export function missingPretrainings(
  runs: readonly Run[],
  { root, log, fresh }: Pick<ExecuteOptions, 'root' | 'log'> & { fresh?: boolean },
): Pretraining[] {
  const groups = new Map<string, Pretraining>();
  for (const run of runs) {
    const key = pretrainKey(run.config);
    if (!key) continue;
    const group = groups.get(key) ?? { key, folder: pretrainedFolder(run.config, root), runs: [] };
    groups.set(key, { ...group, runs: [...group.runs, run] });
  }
  return [...groups.values()].filter(({ key, folder, runs: [run] }) => {
    if (fresh) {
      forgetPretrained(run.config, root);
      return true;
    }
    if (fs.existsSync(path.join(folder, WEIGHTS))) log(`pretrained network ${key}: from the cache`);
    else if (takeShipped(run.config, root))
      log(`pretrained network ${key}: comes with the project (stint pretrain --fresh trains your own)`);
    else return true;
    return false;
  });
}

export function stintCommand({ command }: Pick<ExecuteOptions, 'command'>): readonly string[] {
  return command ?? [process.execPath, '--conditions=@stint/source', path.join(__dirname, '../../bin/stint.cjs')];
}

/** TensorFlow reads these when it is loaded. Two single-thread processes beat one with two threads. */
function threadLimits({ config }: Run): Record<string, string> {
  const threads = String(config.engine.threads);
  return { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: threads, TF_CPP_MIN_LOG_LEVEL: '2' };
}

/** What TensorFlow prints whatever one asks; it stays in the run's log.txt. */
export function isNoise(line: string): boolean {
  return /absl::InitializeLog|oneDNN custom operations are on/.test(line);
}

/** A line of a task as the person sees it: with the task's name; undefined for what is of no interest. */
export function shownLine(name: string, line: string): string | undefined {
  if (isNoise(line)) return undefined;
  return line.startsWith(`${name} `) ? line : `[${name}] ${line}`;
}
