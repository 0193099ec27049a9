// Which jobs were submitted for the runs of a folder: kept in FOLDER/slurm/jobs.json, so that a later command finds them again.
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../run/files.ts';
import { readJsonFile } from '../../trust/json-file.ts';
import { hasEnded, type TaskState, taskStates } from './client.ts';

const kinds = ['pretrain', 'train', 'share', 'report'] as const;
export type TaskKind = (typeof kinds)[number];

const job = z.strictObject({
  kind: z.enum(kinds),
  /** Name of the run; `pretrain KEY`; `report`. */
  name: z.string(),
  /** `JOB_INDEX`. */
  id: z.string().regex(/^\d+(_\d+)?$/, 'must be a job of Slurm, as 12_3'),
  /** What the task prints; what Slurm says of it. */
  logFile: z.string(),
  output: z.string(),
});
const schema = z.strictObject({ jobs: z.array(job) });
const READ = { what: 'list of jobs', wayOut: 'see with squeue what runs, cancel it, and remove this file' };

export type Job = z.output<typeof job>;

/** Folder of scripts, Slurm's output and the list of jobs. */
export function slurmFolder(folder: string): string {
  return path.join(folder, 'slurm');
}

/** The last job of each task; empty when nothing was submitted. */
export function readJobs(folder: string): Job[] {
  const file = path.join(slurmFolder(folder), 'jobs.json');
  return fs.existsSync(file) ? readJsonFile(file, schema, READ).jobs : [];
}

export function writeJobs(folder: string, jobs: readonly Job[]): void {
  writeFileAtomic(path.join(slurmFolder(folder), 'jobs.json'), `${JSON.stringify({ jobs }, null, 2)}\n`);
}

/** Jobs that wait or run. */
export async function livingJobs(folder: string): Promise<Job[]> {
  const jobs = readJobs(folder);
  const states = await taskStates(jobNumbers(jobs));
  return jobs.filter(({ id }) => isAlive(states.get(id)));
}

function isAlive(state: TaskState | undefined): boolean {
  return state !== undefined && !hasEnded(state);
}

/** The arrays that the tasks belong to. */
export function jobNumbers(jobs: readonly Pick<Job, 'id'>[]): string[] {
  return [...new Set(jobs.map(({ id }) => id.split('_')[0]))];
}
