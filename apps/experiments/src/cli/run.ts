// `stint run`: all runs of an experiment, then the report.
import fs from 'node:fs';
import path from 'node:path';
import { UsageError, type Workspace } from '../config/catalog.ts';
import { executeExperiment } from '../executor/execute.ts';
import type { Executor, RunFailure } from '../executor/executor.ts';
import { slurmExecutor } from '../executor/slurm/index.ts';
import { exitCodeOf, listenForStop } from '../executor/stop.ts';
import { meansLatency, runLatencyCommand } from '../latency/commands.ts';
import { keepProvenance } from '../report/provenance.ts';
import { runCommandLine, type SelectionOptions, selectExperiment, selectionArguments } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export interface RunCommandOptions extends SelectionOptions {
  jobs?: number;
  resume?: boolean;
  force?: boolean;
  out?: string;
  checkpoint?: string;
  executor?: 'local' | 'slurm';
  /** Settings of Slurm over executor.yaml, `key=value`. */
  slurm?: string[];
  detach?: boolean;
  json?: boolean;
}

export async function runCommand(
  target: string,
  words: readonly string[],
  options: RunCommandOptions,
  { io, workspace, command }: { io: Io; workspace: Workspace; command?: readonly string[] },
): Promise<number> {
  if (meansLatency(target, workspace)) return runLatencyCommand(target, words, options, { io, workspace });
  if (options.checkpoint) throw new UsageError(`--checkpoint is for latency experiments; ${target} trains its own`);
  const executor = chooseExecutor(target, words, options);
  const { root } = workspace;
  const experiment = selectExperiment(target, words, options, workspace);
  const folder = options.out ? path.resolve(options.out) : path.join(root, 'runs', experiment.name, experiment.profile);
  const log = options.json ? io.err : io.out;
  const { jobs, resume, force } = options;
  log(
    `${experiment.title}: ${experiment.runs.length} runs of ${experiment.name}:${experiment.profile} in ${path.relative(process.cwd(), folder) || '.'}`,
  );
  const control = listenForStop();
  control.stop.addEventListener('abort', () => log(executor?.stopping ?? 'stopping: the runs save their work (again to end at once)'));
  try {
    const { stop, kill } = control;
    const outcome = await executeExperiment(experiment, { root, folder, jobs, resume, force, stop, kill, log, command }, executor);
    const { failures, stopped, seconds, reused, left } = outcome;
    if (left) {
      if (options.json) printJson(io, left);
      return stopped ? exitCodeOf(stop) : 0;
    }
    const wall = `${Math.round(seconds)} s${reused > 0 ? ` (${reused} of ${experiment.runs.length} runs were finished before)` : ''}`;
    // Of jobs, this command may have seen the end only.
    keepProvenance(folder, failures, {
      command: runCommandLine(target, words, options),
      ...(executor ? { executor: 'Slurm' } : { 'wall time': wall }),
    });
    const { writeReport } = await import('../report/write-report.ts');
    const report = await writeReport({ experiment, folder, root });
    if (options.json) printJson(io, JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8')));
    else io.out(describe(report, failures));
    if (stopped) log('stopped: "--resume" goes on from here');
    return stopped ? exitCodeOf(stop) : failures.length > 0 ? 1 : 0;
  } finally {
    control.release();
  }
}

/** Undefined: this machine. */
function chooseExecutor(target: string, words: readonly string[], options: RunCommandOptions): Executor | undefined {
  const { executor = 'local', slurm = [], detach = false } = options;
  if (executor === 'slurm') {
    const place = options.out === undefined ? [] : ['--out', path.resolve(options.out)];
    const report = ['report', target, ...words, ...selectionArguments(options), ...place, '--collect'];
    return slurmExecutor({ words: slurm, detach, report });
  }
  const stray = detach ? '--detach' : slurm.length > 0 ? '--slurm' : undefined;
  if (stray) throw new UsageError(`${stray} goes with --executor slurm`);
  return undefined;
}

function describe({ text, files }: { text: string; files: string[] }, failures: readonly RunFailure[]): string {
  const failed = failures.map(
    ({ run, lastLines }) => `FAILED ${run.name}, last lines:\n${lastLines.map((line) => `    ${line}`).join('\n')}`,
  );
  const written = files.map((file) => path.relative(process.cwd(), file)).join('\n  ');
  return [text, ...failed, `Written:\n  ${written}`].join('\n');
}
