// All runs of an experiment: folders checked first, the shared networks pretrained, then every run in a process of its own.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UsageError } from '../config/catalog.ts';
import { pretrainKey } from '../config/hash.ts';
import type { Experiment, Run } from '../config/schema.ts';
import { pretrainedFolder } from '../run/pretrained.ts';
import type { RunResult } from '../run/result.ts';
import { type PoolOptions, type PoolTask, runPool, type TaskOutcome } from './pool.ts';
import { finishedResult, folderState, prepareFolder, writeRun } from './run-folder.ts';
import { finishedTrainings, type Trainer, trainers } from './sharing.ts';
import type { StopSignal } from './stop.ts';

export interface ExecuteOptions {
  /** The project's folder. */
  root: string;
  /** Folder of this experiment's runs, e.g. runs/<experiment>/<profile>. */
  folder: string;
  /** Processes at once; default: cores / threads of a run. */
  jobs?: number;
  /** Unfinished runs go on from their checkpoints. */
  resume?: boolean;
  /** Runs whose folder holds another configuration, or that are finished, start over. */
  force?: boolean;
  stop: AbortSignal;
  kill: AbortSignal;
  log(line: string): void;
  /** The `stint` command that children are; default: this one. */
  command?: readonly string[];
}

export interface RunFailure {
  run: Run;
  lastLines: string[];
}

export interface ExperimentOutcome {
  results: RunResult[];
  failures: RunFailure[];
  stopped?: StopSignal;
  /** Runs that were finished before. */
  reused: number;
  seconds: number;
}

/** What TensorFlow prints whatever one asks; it stays in the run's log.txt. */
const NOISE = /absl::InitializeLog|oneDNN custom operations are on/;

/** Runs what is not finished. Throws UsageError when a folder holds another configuration; a failed run only becomes a failure. */
export async function executeExperiment(experiment: Experiment, options: ExecuteOptions): Promise<ExperimentOutcome> {
  const began = performance.now();
  const { log, stop } = options;
  const folderOf = (run: Run): string => path.join(options.folder, run.name);
  const states = new Map(experiment.runs.map((run) => [run, options.force ? 'new' : folderState(run, folderOf(run))]));
  refuseOtherConfigs(
    [...states].filter(([, state]) => state === 'other-config').map(([run]) => folderOf(run)),
    options,
  );
  const open = experiment.runs.filter((run) => states.get(run) !== 'finished');
  const reused = experiment.runs.length - open.length;
  if (reused > 0) log(`${reused} of ${experiment.runs.length} runs are finished already`);
  const stale = [...states.values()].filter((state) => state === 'stale').length;
  if (stale > 0) log(`${stale} of ${experiment.runs.length} runs were made by other code and are made again`);

  const trainerOf = trainers(experiment.runs, {
    finished: (run) => states.get(run) === 'finished',
    folderOf,
    others: open.length > 0 && !options.force ? finishedTrainings(path.join(options.root, 'runs'), options.folder) : undefined,
  });
  const shared = open.filter((run) => trainerOf.get(run)!.folder);
  const elsewhere = shared.filter((run) => !trainerOf.get(run)!.run).length;
  const source = elsewhere > 0 ? ` (${elsewhere} of them: in another experiment)` : '';
  if (shared.length > 0) log(`${shared.length} of ${open.length} runs evaluate what another run trains${source}`);

  const failures = await executePretraining(open, options);
  const resumable = (run: Run) => states.get(run) === 'unfinished';
  // The trainings first: the others need their checkpoints.
  for (const runs of [open.filter((run) => !trainerOf.get(run)!.folder), shared]) {
    const failed = new Set(failures.map(({ run }) => run));
    const failedTrainer = (run: Run) => [trainerOf.get(run)!.run].find((trainer) => trainer && failed.has(trainer));
    const blocked = runs.filter((run) => !failed.has(run) && failedTrainer(run));
    failures.push(...blocked.map((run) => ({ run, lastLines: [`${failedTrainer(run)!.name}, whose training it evaluates, failed`] })));
    const ready = runs.filter((run) => !failed.has(run) && !blocked.includes(run));
    if (!stop.aborted) failures.push(...(await executeRuns(ready, options, { resumable, trainerOf })));
  }
  const results = experiment.runs.flatMap((run) => finishedResult(run, folderOf(run)) ?? []);
  const stopped = stop.aborted ? (stop.reason as StopSignal) : undefined;
  return { results, failures, stopped, reused, seconds: (performance.now() - began) / 1000 };
}

function refuseOtherConfigs(folders: readonly string[], { root }: ExecuteOptions): void {
  if (folders.length === 0) return;
  const names = folders.map((folder) => `  ${path.relative(root, folder)}`).join('\n');
  throw new UsageError(
    `these folders hold runs of another configuration:\n${names}\nKeep them with --out DIR for the new runs, or replace them with --force`,
  );
}

async function executeRuns(
  runs: readonly Run[],
  options: ExecuteOptions,
  { resumable, trainerOf }: { resumable: (run: Run) => boolean; trainerOf: ReadonlyMap<Run, Trainer> },
): Promise<RunFailure[]> {
  const { folder, log } = options;
  const began = performance.now();
  const tasks = runs.map((run): PoolTask => {
    const own = path.join(folder, run.name);
    const resume = Boolean(options.resume) && resumable(run);
    prepareFolder(run, own, { keep: resume });
    const trainer = trainerOf.get(run)?.folder;
    const flags = [...(resume ? ['--resume'] : []), ...(trainer ? ['--trained', trainer] : [])];
    const command = [...stintCommand(options), 'train-run', '--config', path.join(own, 'config.yaml'), ...flags];
    return { name: run.name, command, env: threadLimits(run), logFile: path.join(own, 'log.txt') };
  });
  const outcomes = await runPool(tasks, {
    ...poolOptions(options, runs),
    onEnd: (outcome, done) => log(`[${done}/${tasks.length}] ${summary(outcome)}${timeLeft(began, done, tasks.length)}`),
  });
  return outcomes.flatMap((outcome, i) => (outcome.status === 'failed' ? [{ run: runs[i], lastLines: outcome.lastLines }] : []));
}

/** Trains each shared network that the cache lacks. A failure is reported for every run that needed it. */
export async function executePretraining(runs: readonly Run[], options: ExecuteOptions): Promise<RunFailure[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = pretrainKey(run.config);
    if (key) groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const missing = [...groups].filter(([key, [{ config }]]) => {
    const cached = isPretrained(config, options.root);
    if (cached) options.log(`pretrained network ${key}: from the cache`);
    return !cached;
  });
  const tasks = missing.map(([key, [run]]): PoolTask => {
    const own = pretrainedFolder(run.config, options.root);
    const configFile = path.join(own, 'config.yaml');
    writeRun(configFile, run);
    const command = [...stintCommand(options), 'pretrain-run', '--config', configFile];
    return { name: `pretrain ${key}`, command, env: threadLimits(run), logFile: path.join(own, 'log.txt') };
  });
  const outcomes = await runPool(tasks, { ...poolOptions(options, runs), onEnd: (outcome) => options.log(summary(outcome)) });
  return outcomes.flatMap((outcome, i) =>
    outcome.status === 'failed' ? missing[i][1].map((run) => ({ run, lastLines: [`${outcome.name} failed:`, ...outcome.lastLines] })) : [],
  );
}

function isPretrained(config: Run['config'], root: string): boolean {
  return fs.existsSync(path.join(pretrainedFolder(config, root), 'best.safetensors'));
}

function poolOptions({ root, jobs, stop, kill, log }: ExecuteOptions, runs: readonly Run[]): PoolOptions {
  const threads = Math.max(1, ...runs.map((run) => run.config.engine.threads));
  return {
    jobs: jobs ?? Math.max(1, Math.floor(os.availableParallelism() / threads)),
    cwd: root,
    stop,
    kill,
    onLine: ({ name }, line) => {
      if (!NOISE.test(line)) log(line.startsWith(`${name} `) ? line : `[${name}] ${line}`);
    },
  };
}

function stintCommand({ command }: ExecuteOptions): readonly string[] {
  return command ?? [process.execPath, '--conditions=@stint/source', path.join(__dirname, '../../bin/stint.cjs')];
}

/** TensorFlow reads these when it is loaded. Two single-thread processes beat one with two threads. */
function threadLimits({ config }: Run): Record<string, string> {
  const threads = String(config.engine.threads);
  return { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: threads, TF_CPP_MIN_LOG_LEVEL: '2' };
}

function summary({ name, status, seconds, code }: TaskOutcome): string {
  const how = status === 'failed' ? `FAILED (exit code ${code ?? 'none'})` : status;
  return `${name} ${how} after ${Math.round(seconds)} s`;
}

function timeLeft(began: number, done: number, total: number): string {
  const left = (((performance.now() - began) / done) * (total - done)) / 1000;
  if (done === total) return '';
  return `, about ${left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`} left`;
}
