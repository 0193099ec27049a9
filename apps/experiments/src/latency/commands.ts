// `stint run`, `show`, `report` and `list` of a latency experiment. Each says no to options that mean nothing to it.
import fs from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { parseTarget, runCommandLine, type SelectionOptions } from '../cli/arguments.ts';
import { type Io, printJson } from '../cli/io.ts';
import { UsageError, type Workspace } from '../config/catalog.ts';
import { exitCodeOf, listenForStop } from '../executor/stop.ts';
import type { StartEngine } from './engines.ts';
import { isLatency, resolveLatency } from './resolve.ts';
import { casesOf, type LatencyExperiment } from './schema.ts';

export interface LatencyCommandOptions extends SelectionOptions {
  jobs?: number;
  resume?: boolean;
  out?: string;
  checkpoint?: string;
  json?: boolean;
}

interface Surroundings {
  io: Io;
  workspace: Workspace;
  start?: StartEngine;
}

/** Whether the command line means a latency experiment. */
export function meansLatency(target: string, workspace: Workspace): boolean {
  return isLatency(target.split(':')[0], workspace);
}

/** The latency experiment that the command line means, resolved. Throws UsageError or ConfigError. */
export function selectLatency(
  target: string,
  words: readonly string[],
  options: LatencyCommandOptions,
  workspace: Workspace,
): LatencyExperiment {
  const { name, profile } = parseTarget(target, words, options);
  const foreign = (['seeds', 'arms', 'dataRoot', 'jobs'] as const).find((key) => options[key] !== undefined);
  if (foreign) {
    const flag = foreign.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`--${flag} is for training experiments; ${name} measures time, one case after the other`);
  }
  const { checkpoint } = options;
  const given = checkpoint === undefined ? [] : [`networks.trained.checkpoint=${JSON.stringify(path.resolve(checkpoint))}`];
  return resolveLatency(name, workspace, { profile, overrides: [...words, ...given] });
}

/** Measures everything, then reports. */
export async function runLatencyCommand(
  target: string,
  words: readonly string[],
  options: LatencyCommandOptions,
  { io, workspace, start }: Surroundings,
): Promise<number> {
  const { root } = workspace;
  const experiment = selectLatency(target, words, options, workspace);
  const folder = folderOf(experiment, options, workspace);
  const log = options.json ? io.err : io.out;
  log(
    `${experiment.title}: ${casesOf(experiment.config).length} cases of ${experiment.name}:${experiment.profile} in ${path.relative(process.cwd(), folder) || '.'}`,
  );
  const { runLatency } = await import('./run-latency.ts');
  const control = listenForStop();
  control.stop.addEventListener('abort', () => log('stopping after this turn (again to end at once)'));
  try {
    const { stop, kill } = control;
    const outcome = await runLatency(experiment, { root, folder, resume: options.resume, stop, kill, log, start });
    const command = `${runCommandLine(target, words, options)}${options.checkpoint ? ` --checkpoint ${options.checkpoint}` : ''}`;
    const provenance = { command, 'wall time': `${Math.round(outcome.seconds)} s` };
    const { writeLatencyReport } = await import('./report.ts');
    const { text, files } = await writeLatencyReport({ experiment, folder, outcome, provenance });
    print(text, files, folder, options, io);
    if (outcome.stopped) log('stopped: "--resume" goes on from here');
    const failed =
      outcome.failures.some(({ missing }) => !missing) ||
      outcome.measured.some(({ measurement }) => measurement.failures.some(({ unavailable }) => !unavailable));
    return outcome.stopped ? exitCodeOf(stop) : failed ? 1 : 0;
  } finally {
    control.release();
  }
}

/** Writes the report of what was measured once more: claims and wording may have changed since. */
export async function reportLatencyCommand(
  target: string,
  words: readonly string[],
  options: LatencyCommandOptions,
  { io, workspace }: Surroundings,
): Promise<number> {
  const experiment = selectLatency(target, words, options, workspace);
  const folder = folderOf(experiment, options, workspace);
  const file = path.join(folder, 'result.json');
  if (!fs.existsSync(file))
    throw new UsageError(`${folder} holds no results; run first: stint run ${experiment.name}:${experiment.profile}`);
  const { provenance, failures } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const { readCases } = await import('./run-latency.ts');
  const { writeLatencyReport } = await import('./report.ts');
  const outcome = { measured: readCases(experiment, folder), failures };
  const { text, files } = await writeLatencyReport({ experiment, folder, outcome, provenance });
  print(text, files, folder, options, io);
  return 0;
}

function print(text: string, files: readonly string[], folder: string, { json }: LatencyCommandOptions, io: Io): void {
  if (json) printJson(io, JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8')));
  else io.out([text, `Written:\n  ${files.map((file) => path.relative(process.cwd(), file)).join('\n  ')}`].join('\n'));
}

export function showLatencyCommand(
  target: string,
  words: readonly string[],
  options: LatencyCommandOptions,
  { io, workspace }: Surroundings,
): number {
  const experiment = selectLatency(target, words, options, workspace);
  const cases = casesOf(experiment.config).map(({ name }) => name);
  if (options.json) printJson(io, { ...experiment, cases });
  else io.out(stringify({ ...experiment, cases }, { lineWidth: 140, aliasDuplicateObjects: false }).trimEnd());
  return 0;
}

/** What `stint list` says of it. */
export function listLatency(name: string, workspace: Workspace) {
  const { title, paper, profiles, profile: main } = resolveLatency(name, workspace);
  const each = profiles.map((profile) => {
    const { expect, config } = resolveLatency(name, workspace, { profile });
    return { profile, cases: casesOf(config).length, expect, default: profile === main };
  });
  return { name, title, paper, profiles: each };
}

function folderOf({ name, profile }: LatencyExperiment, { out }: LatencyCommandOptions, { root }: Workspace): string {
  return out ? path.resolve(out) : path.join(root, 'runs', name, profile);
}
