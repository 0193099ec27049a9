// All runs of an experiment: folders checked first, then an executor starts what is missing, and what is finished is collected.
import path from 'node:path';
import type { Experiment } from '../config/schema.ts';
import type { ExecuteOptions, Executor, ExperimentOutcome } from './executor.ts';
import { localExecutor } from './local.ts';
import { planExperiment } from './plan.ts';
import { finishedResult } from './run-folder.ts';
import type { StopSignal } from './stop.ts';

/**
 * Runs what is not finished. A failed run only becomes a failure.
 * @throws UsageError when a folder holds another configuration, or another process works in it
 */
export async function executeExperiment(
  experiment: Experiment,
  options: ExecuteOptions,
  executor: Executor = localExecutor,
): Promise<ExperimentOutcome> {
  const began = performance.now();
  const { stop } = options;
  const underWay = await executor.underWay?.(experiment, options);
  const plan = planExperiment(experiment, options, underWay);
  const { failures, left } = await executor.execute(plan, options);
  const results = experiment.runs.flatMap((run) => finishedResult(run, path.join(options.folder, run.name)) ?? []);
  const stopped = stop.aborted ? (stop.reason as StopSignal) : undefined;
  return { results, failures, stopped, left, reused: plan.reused, seconds: (performance.now() - began) / 1000 };
}
