// Submits a plan as job arrays: shared networks first, then trainings, then the runs that evaluate them, and the report at the end.
// Each waits until what it needs has ended, however (afterany), and then looks whether it is there: one failure blocks only what needs it.
import fs from 'node:fs';
import path from 'node:path';
import { pretrainKey } from '../../config/hash.ts';
import { writeFileAtomic } from '../../run/files.ts';
import { pretrainedFolder, WEIGHTS } from '../../run/pretrained.ts';
import type { ExecuteOptions } from '../executor.ts';
import { trainerFailed } from '../local.ts';
import type { Plan, PlannedRun } from '../plan.ts';
import type { PoolTask } from '../pool.ts';
import { CHECKPOINT } from '../sharing.ts';
import { missingPretrainings, type Pretraining, pretrainTask, runTask, stintCommand } from '../tasks.ts';
import { cancel, submit } from './client.ts';
import { type Job, jobNumbers, slurmFolder, type TaskKind, writeJobs } from './jobs.ts';
import { jobScript, outputFile, type ScriptTask, sbatchArguments } from './script.ts';
import type { SlurmSettings } from './settings.ts';

export interface SubmitOptions extends ExecuteOptions {
  settings: SlurmSettings;
  /** Jobs of this folder that wait or run already. */
  living: readonly Job[];
  /** Arguments of stint that write the report. */
  report: readonly string[];
}

/** A stage of the plan, ready to be submitted. */
interface Stage {
  kind: TaskKind;
  what: string;
  tasks: ScriptTask[];
  cpus: number;
  /** What must have ended before. */
  after: readonly Job[];
}

/**
 * Submits what no living job makes. Returns the new jobs.
 * @throws Error with Slurm's message when it refuses; what was submitted before is cancelled then
 */
export async function submitPlan({ experiment, trainings, sharing }: Plan, options: SubmitOptions): Promise<Job[]> {
  const { living, folder } = options;
  const isNew = ({ run }: PlannedRun) => !living.some(({ name }) => name === run.name);
  const [train, share] = [trainings.filter(isNew), sharing.filter(isNew)];
  if (train.length + share.length === 0) return [];
  const missing = missingPretrainings(
    train.map(({ run }) => run),
    options,
  );
  const pretrain = missing.filter(({ key }) => !living.some(({ name }) => name === `pretrain ${key}`));
  const jobs: Job[] = [];
  const of = (...kinds: TaskKind[]) => [...living, ...jobs].filter(({ kind }) => kinds.includes(kind));
  const next = async (stage: Omit<Stage, 'cpus'>, runs: readonly PlannedRun['run'][]): Promise<void> => {
    const cpus = Math.max(1, ...runs.map((run) => run.config.engine.threads));
    if (stage.tasks.length > 0) jobs.push(...(await submitStage({ ...stage, cpus }, experiment.name, options)));
  };
  const runsOf = (planned: readonly PlannedRun[]) => planned.map(({ run }) => run);
  try {
    const networks = pretrain.map((each) => pretrainingTask(each, options));
    await next(
      { kind: 'pretrain', what: 'the pretrainings', tasks: networks, after: [] },
      pretrain.flatMap(({ runs }) => runs.slice(0, 1)),
    );
    const trained = train.map((each) => trainingTask(each, options));
    await next({ kind: 'train', what: 'the trainings', tasks: trained, after: missing.length > 0 ? of('pretrain') : [] }, runsOf(train));
    const evaluated = share.map((each) => sharingTask(each, options));
    await next({ kind: 'share', what: 'the evaluations', tasks: evaluated, after: of('train') }, runsOf(share));
    const outdated = living.filter(({ kind }) => kind === 'report');
    if (outdated.length > 0) await cancel(jobNumbers(outdated));
    await next({ kind: 'report', what: 'the report', tasks: [reportTask(options)], after: of('pretrain', 'train', 'share') }, []);
  } catch (error) {
    if (jobs.length > 0) await cancel(jobNumbers(jobs)).catch(() => {});
    throw error;
  } finally {
    writeJobs(folder, latest([...living, ...jobs]));
  }
  return jobs;
}

async function submitStage({ kind, what, tasks, cpus, after }: Stage, experiment: string, options: SubmitOptions): Promise<Job[]> {
  const { folder, root, settings } = options;
  const own = slurmFolder(folder);
  const script = path.join(own, `${kind}.sh`);
  writeFileAtomic(script, jobScript(tasks, { root, settings }));
  const dependency = after.length > 0 ? `afterany:${after.map(({ id }) => id).join(':')}` : undefined;
  const request = { name: `stint-${experiment}-${kind}`, folder: own, count: tasks.length, cpus, dependency };
  // What a run needs of a cluster's resources, its report does not.
  const asked = kind === 'report' ? { ...settings, gres: undefined, constraint: undefined, parallel: undefined } : settings;
  const number = await submit(sbatchArguments(request, asked), script, { what, cwd: root });
  return tasks.map(({ name, logFile }, index) => ({
    kind,
    name,
    id: `${number}_${index}`,
    logFile,
    output: outputFile(own, number, index),
  }));
}

function pretrainingTask(pretraining: Pretraining, options: SubmitOptions): ScriptTask {
  return scriptTask(pretrainTask(pretraining, options), options, path.join(pretraining.folder, CHECKPOINT));
}

function trainingTask(planned: PlannedRun, options: SubmitOptions): ScriptTask {
  const { run, folder } = planned;
  const task = scriptTask(runTask(planned, options, { resume: true }), options, path.join(folder, CHECKPOINT));
  const key = pretrainKey(run.config);
  if (key === null) return task;
  const network = pretrainedFolder(run.config, options.root);
  const why = `pretrain ${key} failed; its log is ${path.join(network, 'log.txt')}`;
  return { ...task, needs: { file: path.join(network, WEIGHTS), why } };
}

function sharingTask(planned: PlannedRun, options: SubmitOptions): ScriptTask {
  const task = scriptTask(runTask(planned, options, { resume: true }), options);
  const { folder, run } = planned.trainer!;
  const why = run ? trainerFailed(run) : `${folder}, whose training it evaluates, is gone`;
  return { ...task, needs: { file: path.join(folder, 'result.json'), why } };
}

function reportTask(options: SubmitOptions): ScriptTask {
  const command = [...stintCommand(options), ...options.report];
  const task = { name: 'report', command, env: {}, logFile: path.join(slurmFolder(options.folder), 'report.txt') };
  return scriptTask(task, options);
}

function scriptTask({ name, command, env = {}, logFile }: PoolTask, { root }: SubmitOptions, checkpoint?: string): ScriptTask {
  for (const ending of ['restarts', 'started']) fs.rmSync(`${logFile}.${ending}`, { force: true });
  // A run started again goes on, whether or not it began in this folder before: without a checkpoint, --resume begins.
  const resuming = checkpoint && command.includes('train-run') && !command.includes('--resume') ? [...command, '--resume'] : command;
  // The environment of the submitting shell need not reach the job (--export=NONE).
  return { name, command: resuming, env: { ...env, STINT_ROOT: root }, logFile: logFile!, checkpoint };
}

/** The last of each name. */
function latest(jobs: readonly Job[]): Job[] {
  return [...new Map(jobs.map((job) => [job.name, job])).values()];
}
