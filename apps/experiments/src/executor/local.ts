// Runs on this machine: the shared networks pretrained first, then the trainings, then the runs that evaluate them; each in a process.
import os from 'node:os';
import type { Run } from '../config/schema.ts';
import type { ExecuteOptions, Executor, RunFailure } from './executor.ts';
import type { PlannedRun } from './plan.ts';
import { type PoolOptions, runPool, type TaskOutcome } from './pool.ts';
import { isNoise, missingPretrainings, pretrainTask, runTask, shownLine } from './tasks.ts';

export const localExecutor: Executor = {
  async execute({ trainings, sharing }, options) {
    const open = [...trainings, ...sharing];
    const failures = await executePretraining(
      open.map(({ run }) => run),
      options,
    );
    // The trainings first: the others need their checkpoints.
    for (const planned of [trainings, sharing]) {
      const failed = new Set(failures.map(({ run }) => run));
      const failedTrainer = ({ trainer }: PlannedRun) => (trainer?.run && failed.has(trainer.run) ? trainer.run : undefined);
      const ready: PlannedRun[] = [];
      for (const each of planned) {
        const { run } = each;
        if (failed.has(run)) continue;
        const trainer = failedTrainer(each);
        if (trainer) failures.push({ run, lastLines: [trainerFailed(trainer)] });
        else ready.push(each);
      }
      if (!options.stop.aborted) failures.push(...(await executeRuns(ready, options)));
    }
    return { failures };
  },
};

/** Why a run could not be made whose trainer failed. */
export function trainerFailed(trainer: Run): string {
  return `${trainer.name}, whose training it evaluates, failed`;
}

async function executeRuns(planned: readonly PlannedRun[], options: ExecuteOptions): Promise<RunFailure[]> {
  const began = performance.now();
  const runs = planned.map(({ run }) => run);
  const tasks = planned.map((each) => runTask(each, options, { resume: Boolean(options.resume) }));
  const outcomes = await runPool(tasks, {
    ...poolOptions(options, runs),
    onEnd: (outcome, done) => options.log(`[${done}/${tasks.length}] ${summary(outcome)}${timeLeft(began, done, tasks.length)}`),
  });
  return outcomes.flatMap((outcome, i) =>
    outcome.status === 'failed' ? [{ run: runs[i], lastLines: outcome.lastLines.filter((line) => !isNoise(line)) }] : [],
  );
}

/** Trains each shared network that is not there yet, or all of them anew. A failure is reported for every run that needed it. */
export async function executePretraining(runs: readonly Run[], options: ExecuteOptions & { fresh?: boolean }): Promise<RunFailure[]> {
  const missing = missingPretrainings(runs, options);
  const tasks = missing.map((pretraining) => pretrainTask(pretraining, options));
  const outcomes = await runPool(tasks, { ...poolOptions(options, runs), onEnd: (outcome) => options.log(summary(outcome)) });
  return outcomes.flatMap((outcome, i) =>
    outcome.status === 'failed'
      ? missing[i].runs.map((run) => ({
          run,
          lastLines: [`${outcome.name} failed:`, ...outcome.lastLines.filter((line) => !isNoise(line))],
        }))
      : [],
  );
}

function poolOptions({ root, jobs, stop, kill, log }: ExecuteOptions, runs: readonly Run[]): PoolOptions {
  const threads = Math.max(1, ...runs.map((run) => run.config.engine.threads));
  return {
    jobs: jobs ?? Math.max(1, Math.floor(os.availableParallelism() / threads)),
    cwd: root,
    stop,
    kill,
    onLine: ({ name }, line) => {
      const shown = shownLine(name, line);
      if (shown !== undefined) log(shown);
    },
  };
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
