// What became of the runs of a folder, from what they left there: those without a result have failed, for a reason that their logs have.
import fs from 'node:fs';
import path from 'node:path';
import type { Experiment } from '../../config/schema.ts';
import type { RunFailure } from '../executor.ts';
import { folderState } from '../run-folder.ts';
import { isNoise } from '../tasks.ts';
import { type TaskState, taskStates } from './client.ts';
import { type Job, jobNumbers, readJobs } from './jobs.ts';

const KEPT_LINES = 15;

/** The runs of `experiment` that are not finished and that no job works on any more (`except`: names of those that do). */
export async function collectFailures(
  experiment: Experiment,
  folder: string,
  except: ReadonlySet<string> = new Set(),
): Promise<RunFailure[]> {
  const jobs = new Map(readJobs(folder).map((job) => [job.name, job]));
  const states = await taskStates(jobNumbers([...jobs.values()])).catch(() => new Map<string, TaskState>());
  return experiment.runs.flatMap((run) => {
    if (except.has(run.name)) return [];
    const state = folderState(run, path.join(folder, run.name));
    if (state === 'finished') return [];
    const job = jobs.get(run.name);
    if (state === 'stale') return [{ run, lastLines: ['finished, but the code was changed while its job waited: run it again'] }];
    return [{ run, lastLines: job ? linesOf(job, states.get(job.id)) : ['was never submitted'] }];
  });
}

/** The last lines of the run's log, then what Slurm says of the job. */
function linesOf({ logFile, output, id }: Job, state: TaskState | undefined): string[] {
  const own = tail(logFile);
  const said = tail(output).filter((line) => !own.includes(line));
  const verdict =
    state && state.state !== 'FAILED'
      ? [`Slurm job ${id}: ${state.state}${state.state === 'CANCELLED' ? ' (the same command again goes on from its checkpoint)' : ''}`]
      : [];
  const lines = [...own, ...said, ...verdict];
  return lines.length > 0 ? lines.slice(-KEPT_LINES) : [`left no output; Slurm job ${id}`];
}

function tail(file: string): string[] {
  if (!fs.existsSync(file)) return [];
  return fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line && !isNoise(line))
    .slice(-KEPT_LINES);
}
