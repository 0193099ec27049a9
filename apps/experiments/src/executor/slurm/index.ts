// Runs as Slurm jobs. The submitting process only submits and looks on: the jobs go on without it, and a later one finds them again.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../config/catalog.ts';
import type { Run } from '../../config/schema.ts';
import type { Executor } from '../executor.ts';
import { requireSlurm } from './client.ts';
import { collectFailures } from './collect.ts';
import { type Job, jobNumbers, livingJobs } from './jobs.ts';
import { slurmSettings } from './settings.ts';
import { submitPlan } from './submit.ts';
import { waitForJobs } from './wait.ts';

export interface SlurmOptions {
  /** `key=value` over executor.yaml. */
  words: readonly string[];
  /** Return as soon as everything is submitted. */
  detach: boolean;
  /** Arguments of stint that write the report, for the last job. */
  report: readonly string[];
}

export function slurmExecutor({ words, detach, report }: SlurmOptions): Executor {
  return {
    stopping: 'leaving: the jobs go on',
    async underWay(_experiment, { folder, force }) {
      await requireSlurm();
      const living = await livingJobs(folder);
      if (force && living.length > 0) {
        throw new UsageError(`--force would start over what jobs work on: cancel them first (scancel ${jobNumbers(living).join(' ')})`);
      }
      return new Set(living.map(({ name }) => name));
    },
    async execute(plan, options) {
      const { experiment } = plan;
      const { folder, log, stop, jobs: parallel } = options;
      if (plan.trainings.length + plan.sharing.length === 0) return { failures: [] };
      const read = slurmSettings(options.root, experiment, words);
      const settings = { ...read, parallel: parallel ?? read.parallel };
      const living = await livingJobs(folder);
      const submitted = await submitPlan(plan, { ...options, settings, living, report });
      const jobs = [...living.filter(({ name }) => !submitted.some((job) => job.name === name)), ...submitted];
      log(describeJobs(submitted, living.length));
      if (detach || stop.aborted) {
        log(howToWatch(jobs));
        return { failures: [], left: { jobs: jobNumbers(jobs) } };
      }
      const ended = await waitForJobs(jobs, { poll: settings.poll, stop, log });
      const going = jobs.filter(({ id }) => !ended.has(id));
      if (going.length > 0) {
        log(howToWatch(going));
        return { failures: [], left: { jobs: jobNumbers(going) } };
      }
      const done = jobs.filter(({ id }) => ended.get(id)?.state === 'COMPLETED').map(({ name }) => name);
      await resultsVisible(
        experiment.runs.filter(({ name }) => done.includes(name)),
        { folder, stop },
      );
      return { failures: await collectFailures(experiment, folder) };
    },
  };
}

/** Seconds that a network file system may take to show what another node wrote. */
const SHOWN_WITHIN = 60;

/** Waits for the results of runs whose jobs ended well. */
async function resultsVisible(runs: readonly Run[], { folder, stop }: { folder: string; stop: AbortSignal }): Promise<void> {
  const missing = () =>
    runs.some(({ name }) => {
      const own = path.join(folder, name);
      fs.readdirSync(own); // makes the file system look again
      return !fs.existsSync(path.join(own, 'result.json'));
    });
  for (let second = 0; second < SHOWN_WITHIN && !stop.aborted && missing(); second++)
    await sleep(1000, undefined, { signal: stop }).catch(() => {});
}

function describeJobs(submitted: readonly Job[], living: number): string {
  const before = living > 0 ? `; ${living} submitted before go on` : '';
  if (submitted.length === 0) return `nothing to submit${before}`;
  const kinds = { pretrain: 'pretraining', train: 'training', share: 'evaluation', report: 'report' };
  const parts = Object.entries(kinds).flatMap(([kind, name]) => {
    const own = submitted.filter((job) => job.kind === kind);
    const what = kind === 'report' ? name : `${own.length} ${name}${own.length === 1 ? '' : 's'}`;
    return own.length > 0 ? [`${what} (job ${jobNumbers(own)})`] : [];
  });
  return `submitted to Slurm: ${parts.join(', ')}${before}`;
}

function howToWatch(jobs: readonly Job[]): string {
  const numbers = jobNumbers(jobs);
  return [
    `${jobs.length} jobs go on without this command.`,
    `  watch:   squeue -j ${numbers.join(',')}`,
    `  cancel:  scancel ${numbers.join(' ')}`,
    '  the same command again waits for them and shows the results',
  ].join('\n');
}
