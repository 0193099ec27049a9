// Slurm's commands. What a job is doing is asked of squeue, and of sacct for jobs that squeue has forgotten; a site without accounting
// has squeue alone.
import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';
import { UsageError } from '../../config/catalog.ts';

const run = promisify(execFile);

export interface TaskState {
  /** As Slurm names it: PENDING, RUNNING, COMPLETED, FAILED, CANCELLED, TIMEOUT, OUT_OF_MEMORY, NODE_FAIL, ... */
  state: string;
  /** Why it waits, where Slurm says it. */
  reason?: string;
}

const ENDED = new Set('BOOT_FAIL CANCELLED COMPLETED DEADLINE FAILED NODE_FAIL OUT_OF_MEMORY PREEMPTED REVOKED TIMEOUT'.split(' '));

/** Whether Slurm will do no more for it. */
export function hasEnded({ state }: TaskState): boolean {
  return ENDED.has(state);
}

/**
 * Submits a script; the job's id.
 * @throws UsageError when there is no sbatch; Error with Slurm's own message when it refuses; `what` names the jobs in it
 */
export async function submit(args: readonly string[], script: string, { what, cwd }: { what: string; cwd: string }): Promise<string> {
  try {
    const { stdout } = await run('sbatch', [...args, script], { cwd });
    return stdout.trim().split(';')[0]; // "id;cluster" where there are several clusters
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') throw noSlurm('sbatch');
    throw new Error(`Slurm refused ${what}:\n${indent((stderr || message).trim())}\nThe request was: sbatch ${args.join(' ')}`);
  }
}

/** States of array elements by `JOB_INDEX`; those that Slurm does not know any more are missing. */
export async function taskStates(jobs: readonly string[]): Promise<Map<string, TaskState>> {
  const states = new Map<string, TaskState>();
  if (jobs.length === 0) return states;
  // Asked by user, not by job: one forgotten job id would be an error for all.
  const queue = await call('squeue', ['-h', '-r', '-t', 'all', '-u', os.userInfo().username, '-o', '%i|%T|%r']);
  for (const [id, state, reason] of fields(queue)) if (jobs.includes(id.split('_')[0])) states.set(id, { state, reason });
  const forgotten = jobs.filter((job) => ![...states.keys()].some((id) => id.split('_')[0] === job));
  if (forgotten.length === 0) return states;
  const accounts = await call('sacct', ['-n', '-X', '-P', '-j', forgotten.join(','), '-o', 'JobID,State']).catch(() => '');
  for (const [id, state] of fields(accounts)) if (state) states.set(id, { state: state.split(' ')[0] });
  return states;
}

export async function cancel(jobs: readonly string[]): Promise<void> {
  await call('scancel', jobs);
}

/** @throws UsageError when Slurm's commands are not there */
export async function requireSlurm(): Promise<void> {
  await call('sbatch', ['--version']);
}

async function call(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(command, args, { maxBuffer: 2 ** 28 })).stdout;
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') throw noSlurm(command);
    throw new Error(`${command}: ${(stderr || message).trim()}`);
  }
}

function noSlurm(command: string): UsageError {
  return new UsageError(
    `--executor slurm: there is no ${command} here; run stint on a login node of the cluster (perhaps "module load slurm" first), or without --executor`,
  );
}

function fields(text: string): string[][] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((each) => each.trim().split('|'));
}

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');
