// `stint reproduce`: runs an experiment's profile again and compares its numbers with those that are committed. The Nx target `reproduce` of each
// experiment calls it, so that `nx affected -t reproduce` runs exactly those whose code or YAML changed.
import fs from 'node:fs';
import path from 'node:path';
import { UsageError, type Workspace } from '../config/catalog.ts';
import type { Experiment, Run } from '../config/schema.ts';
import { executeExperiment } from '../executor/execute.ts';
import { folderState } from '../executor/run-folder.ts';
import { exitCodeOf, listenForStop } from '../executor/stop.ts';
import { meansLatency } from '../latency/commands.ts';
import { shown } from '../trust/differences.ts';
import {
  type Drift,
  driftsOf,
  expectationFile,
  expectedNumbers,
  readExpectation,
  toleranceOf,
  writeExpectation,
} from '../trust/expectation.ts';
import { type FinishedRun, readFinishedRun } from '../trust/finished-run.ts';
import { parseTarget, selectExperiment } from './arguments.ts';
import { type Io, printJson } from './io.ts';

export interface ReproduceOptions {
  profile?: string;
  update?: boolean;
  /** Folder of finished runs to take the numbers from, in place of running. */
  from?: string;
  /** Runs that a reproduction has finished before, with this code and configuration, count. */
  reuse?: boolean;
  jobs?: number;
  json?: boolean;
}

/** Exit code 1 when a number is out of its tolerance or a run failed. */
export async function reproduceCommand(
  target: string,
  options: ReproduceOptions,
  { io, workspace, command }: { io: Io; workspace: Workspace; command?: readonly string[] },
): Promise<number> {
  const { name } = parseTarget(target, [], options);
  if (meansLatency(target, workspace))
    throw new UsageError(`${name} measures time, which is not the same twice: there is nothing to reproduce`);
  const experiment = selectExperiment(target, [], { profile: options.profile }, workspace);
  const { profile } = experiment;
  const file = expectationFile(name, profile, workspace);
  const expectation = options.update ? undefined : readExpectation(name, profile, workspace);
  const folder = options.from ? path.resolve(options.from) : path.join(workspace.root, '.cache/reproduce', name, profile);
  if (!options.from) {
    const code = await run(experiment, folder, options, { io, workspace, command });
    if (code !== 0) return code;
  }
  const runs = experiment.runs.map((run) => finished(run, path.join(folder, run.name)));
  const found = Object.fromEntries(runs.map(({ run, result }) => [run.name, expectedNumbers(result)]));
  if (!expectation) {
    writeExpectation(file, { made: madeBy(runs[0]), runs: found });
    if (options.json) printJson(io, { updated: file, runs: found });
    else io.out(`${path.relative(process.cwd(), file)}: ${runs.length} runs written; look at the difference and commit it`);
    return 0;
  }
  const drifts = driftsOf(expectation, found);
  if (options.json)
    printJson(io, { ok: drifts.length === 0, experiment: name, profile, drifts, expected: expectation.runs, found, made: madeBy(runs[0]) });
  else io.out(describe(`${name}:${profile}`, drifts, found, expectation.tolerances));
  return drifts.length === 0 ? 0 : 1;
}

async function run(
  experiment: Experiment,
  folder: string,
  { reuse, jobs, json }: ReproduceOptions,
  { io, workspace, command }: { io: Io; workspace: Workspace; command?: readonly string[] },
): Promise<number> {
  const log = json ? io.err : io.out;
  const control = listenForStop();
  try {
    const { stop, kill } = control;
    // Forced, it trains by itself, whatever other experiments have trained.
    const outcome = await executeExperiment(experiment, { root: workspace.root, folder, jobs, force: !reuse, stop, kill, log, command });
    for (const { run, lastLines } of outcome.failures)
      io.err(`FAILED ${run.name}, last lines:\n${lastLines.map((line) => `    ${line}`).join('\n')}`);
    if (outcome.stopped) return exitCodeOf(stop);
    return outcome.failures.length > 0 ? 1 : 0;
  } finally {
    control.release();
  }
}

/** @throws when the folder does not hold this run's result. */
function finished(run: Run, folder: string): FinishedRun {
  const state = fs.existsSync(path.join(folder, 'result.json')) ? folderState(run, folder) : 'new';
  if (state === 'finished' || state === 'stale') return readFinishedRun(folder);
  throw new Error(`${folder} holds no finished run of ${run.experiment}:${run.profile} as it is configured now (${state}); run it again`);
}

function madeBy({ result, environment = {} }: FinishedRun): Record<string, unknown> {
  const { commit, dirty, engine, cpu, started } = environment;
  return {
    commit: dirty ? `${commit} with uncommitted changes` : commit,
    code: result.codeHash,
    tensorflow: engine?.tensorflowVersion,
    threads: engine?.threads,
    cpu,
    on: started?.slice(0, 10),
  };
}

function describe(
  target: string,
  drifts: readonly Drift[],
  found: Record<string, Record<string, number>>,
  tolerances: Parameters<typeof toleranceOf>[1],
): string {
  const runs = Object.values(found);
  const names = new Set([...runs.flatMap(Object.keys), ...Object.keys(tolerances)]);
  const held = [...names].map((name) => {
    const { absolute, relative } = toleranceOf(name, tolerances);
    return `${name} ±${[absolute, relative === undefined ? undefined : `${100 * relative} %`].filter((part) => part !== undefined).join(' + ')}`;
  });
  if (drifts.length === 0) return `${target} reproduced: ${runs.length} runs, ${held.join(', ')}`;
  const rows = drifts.map(({ run, name, expected, found, allowed }) => {
    if (expected === undefined) return `  ${run}: ${name} is not expected`;
    if (found === undefined) return `  ${run}: ${name} is missing`;
    return `  ${run}: ${name} is ${shown(found)}, expected ${shown(expected)} (off by ${shown(found - expected)}, allowed ${shown(allowed)})`;
  });
  return [`${target} DRIFTED:`, ...rows, `If this is what you meant: stint reproduce ${target} --update, and commit the difference`].join(
    '\n',
  );
}
