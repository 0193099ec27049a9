// `stint run`: all runs of an experiment, then the report.
import fs from 'node:fs';
import path from 'node:path';
import { UsageError, type Workspace } from '../config/catalog.ts';
import { executeExperiment } from '../executor/execute.ts';
import type { RunFailure } from '../executor/executor.ts';
import { exitCodeOf, listenForStop } from '../executor/stop.ts';
import { meansLatency, runLatencyCommand } from '../latency/commands.ts';
import { writeProvenance } from '../report/provenance.ts';
import { type SelectionOptions, selectExperiment } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export interface RunCommandOptions extends SelectionOptions {
  jobs?: number;
  resume?: boolean;
  force?: boolean;
  out?: string;
  checkpoint?: string;
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
  const { root } = workspace;
  const experiment = selectExperiment(target, words, options, workspace);
  const folder = options.out ? path.resolve(options.out) : path.join(root, 'runs', experiment.name, experiment.profile);
  const log = options.json ? io.err : io.out;
  const { jobs, resume, force } = options;
  log(
    `${experiment.title}: ${experiment.runs.length} runs of ${experiment.name}:${experiment.profile} in ${path.relative(process.cwd(), folder) || '.'}`,
  );
  const control = listenForStop();
  control.stop.addEventListener('abort', () => log('stopping: the runs save their work (again to end at once)'));
  try {
    const { stop, kill } = control;
    const outcome = await executeExperiment(experiment, { root, folder, jobs, resume, force, stop, kill, log, command });
    const { failures, stopped, seconds, reused } = outcome;
    const failed = failures.map(({ run: { arm, sweep, seed }, lastLines }) => ({ arm, sweep, seed, lastLines }));
    writeProvenance(folder, {
      failed,
      rows: {
        command: ['stint run', target, ...words].join(' '),
        'wall time': `${Math.round(seconds)} s${reused > 0 ? ` (${reused} of ${experiment.runs.length} runs were finished before)` : ''}`,
      },
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

function describe({ text, files }: { text: string; files: string[] }, failures: readonly RunFailure[]): string {
  const failed = failures.map(
    ({ run, lastLines }) => `FAILED ${run.name}, last lines:\n${lastLines.map((line) => `    ${line}`).join('\n')}`,
  );
  const written = files.map((file) => path.relative(process.cwd(), file)).join('\n  ');
  return [text, ...failed, `Written:\n  ${written}`].join('\n');
}
