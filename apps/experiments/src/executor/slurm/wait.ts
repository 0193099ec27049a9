// Waits for jobs as `stint run` waits for its processes: the lines that runs print, and what ended how.
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { shownLine } from '../tasks.ts';
import { hasEnded, type TaskState, taskStates } from './client.ts';
import { type Job, jobNumbers } from './jobs.ts';

export interface WaitOptions {
  /** Seconds between two looks. */
  poll: number;
  stop: AbortSignal;
  log(line: string): void;
}

/** What became of each job, by id, when all have ended; those that go on are missing when `stop` was aborted before. */
export async function waitForJobs(jobs: readonly Job[], { poll, stop, log }: WaitOptions): Promise<Map<string, TaskState>> {
  const ended = new Map<string, TaskState>();
  const followers = new Map(jobs.map((job) => [job, follow(job, log)]));
  const missed = new Map<string, number>();
  let trouble = '';
  let counted = '';
  while (!stop.aborted && ended.size < jobs.length) {
    let states: Map<string, TaskState> | undefined;
    try {
      states = await taskStates(jobNumbers(jobs));
      trouble = '';
    } catch (error) {
      // The controller may be busy or restarted; the jobs go on.
      const { message } = error as Error;
      if (message !== trouble) log(`${message}; asking again`);
      trouble = message;
    }
    for (const job of states ? jobs.filter(({ id }) => !ended.has(id)) : []) {
      if (job.kind !== 'report') followers.get(job)!(); // the report is shown by who waited for it
      const state = states!.get(job.id);
      if (state && !hasEnded(state)) continue;
      // Unknown to Slurm: forgotten, or not known yet. Twice, and it has ended.
      missed.set(job.id, (missed.get(job.id) ?? 0) + 1);
      if (!state && missed.get(job.id)! < 2) continue;
      ended.set(job.id, state ?? { state: 'UNKNOWN' });
      log(`[${ended.size}/${jobs.length}] ${job.name} ${outcome(state)}`);
    }
    const line = states ? countsOf(jobs.map(({ id }) => states!.get(id)?.state ?? 'UNKNOWN')) : counted;
    if (line !== counted && ended.size < jobs.length) log(line);
    counted = line;
    if (ended.size < jobs.length) await sleep(poll * 1000, undefined, { signal: stop }).catch(() => {});
  }
  return ended;
}

function outcome(state: TaskState | undefined): string {
  if (!state) return 'has ended';
  return state.state === 'COMPLETED' ? 'done' : `FAILED (Slurm: ${state.state})`;
}

/** `Slurm: 3 pending, 2 running, 1 completed` */
function countsOf(states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return `Slurm: ${[...counts].map(([state, count]) => `${count} ${state.toLowerCase().replaceAll('_', ' ')}`).join(', ')}`;
}

/** Prints, at each call, the whole lines that the job's log got since the call before (from now on, for an old log). */
function follow({ name, logFile }: Job, log: (line: string) => void): () => void {
  let at = sizeOf(logFile);
  return () => {
    const size = sizeOf(logFile);
    if (size < at) at = 0; // begun anew
    if (size === at) return;
    const bytes = Buffer.alloc(size - at);
    const handle = fs.openSync(logFile, 'r');
    const length = fs.readSync(handle, bytes, 0, bytes.length, at);
    fs.closeSync(handle);
    const end = bytes.lastIndexOf('\n', length - 1) + 1;
    at += end;
    for (const line of bytes.toString('utf8', 0, end).split(/\r?\n/)) {
      const shown = line && shownLine(name, line);
      if (shown) log(shown);
    }
  };
}

function sizeOf(file: string): number {
  return fs.existsSync(file) ? fs.statSync(file).size : 0;
}
