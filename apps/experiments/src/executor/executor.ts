// The door to what starts runs: this machine's processes (local.ts), or a cluster's queue (slurm/).
import type { Experiment, Run } from '../config/schema.ts';
import type { RunResult } from '../run/result.ts';
import type { Plan } from './plan.ts';
import type { StopSignal } from './stop.ts';

export interface ExecuteOptions {
  /** The project's folder. */
  root: string;
  /** Folder of this experiment's runs, e.g. runs/<experiment>/<profile>. */
  folder: string;
  /** Processes at once; default: cores / threads of a run. */
  jobs?: number;
  /** Unfinished runs go on from their checkpoints. */
  resume?: boolean;
  /** Runs whose folder holds another configuration, or that are finished, start over. */
  force?: boolean;
  stop: AbortSignal;
  kill: AbortSignal;
  log(line: string): void;
  /** The `stint` command that children are; default: this one. */
  command?: readonly string[];
}

export interface RunFailure {
  run: Run;
  lastLines: string[];
}

export interface ExperimentOutcome {
  results: RunResult[];
  failures: RunFailure[];
  stopped?: StopSignal;
  /** The work goes on without this process, in these jobs; the last of them writes the report. */
  left?: { jobs: string[] };
  /** Runs that were finished before. */
  reused: number;
  seconds: number;
}

/** Starts what an experiment still needs. */
export interface Executor {
  /** Names of runs that an earlier command has started with it, and that go on. */
  underWay?(experiment: Experiment, options: ExecuteOptions): Promise<ReadonlySet<string>>;
  /** What to tell when the person stops the command; default: that the runs save their work. */
  stopping?: string;
  /** Runs the plan. A run that fails is a failure; throws only when nothing could be started. */
  execute(plan: Plan, options: ExecuteOptions): Promise<Pick<ExperimentOutcome, 'failures' | 'left'>>;
}
