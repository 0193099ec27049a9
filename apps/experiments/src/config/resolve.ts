// An experiment file -> the runs of one profile (layers: layers.ts). All problems of all its profiles are reported together.
import { experimentFile, UsageError, type Workspace } from './catalog.ts';
import { readExperimentFile } from './files.ts';
import { deepFreeze } from './freeze.ts';
import { MOST_RUNS, profileNames, resolveHead, resolveRuns } from './layers.ts';
import { hint } from './nearest.ts';
import { type Override, parseOverride } from './overrides.ts';
import { ConfigError, type Problem, throwProblems } from './problems.ts';
import type { Experiment, Run, SweepPoint } from './schema.ts';

export interface ResolveOptions {
  /** Default: `quick`, or the first profile where there is no `quick`. */
  profile?: string;
  /** `key.path=value`, in order. */
  overrides?: readonly string[];
  /** Instead of the experiment's. */
  seeds?: readonly number[];
  /** Only these arms. */
  arms?: readonly string[];
}

/** Resolves every run of an experiment at one profile. Throws ConfigError (problems of the files) or UsageError (wrong names). */
export function resolveExperiment(name: string, workspace: Workspace, options: ResolveOptions = {}): Experiment {
  const tree = readExperimentFile(experimentFile(name, workspace), { folder: workspace.experiments, root: workspace.root });
  const profiles = profileNames(tree);
  const profile = chooseProfile(name, profiles, options.profile);
  const overrides = parseOverrides(options.overrides ?? []);
  const resolved = profiles.map((each) => {
    const applied = each === profile ? overrides : [];
    const { layered, head, problems } = resolveHead(tree, each, applied);
    const { runs, problems: runProblems } = resolveRuns(layered, applied);
    return { profile: each, head, runs, problems: [...problems, ...runProblems] };
  });
  throwProblems(resolved.flatMap(({ problems }) => problems));
  const chosen = resolved.find((each) => each.profile === profile);
  if (!chosen?.head) throw new Error(`${name}: profile ${profile} did not resolve`);
  const { title, paper, expect, claims, sweep, arms: allArms, seeds: ownSeeds } = chosen.head;
  const arms = chooseArms(Object.keys(allArms), options.arms);
  const seeds = [...(options.seeds ?? ownSeeds)];
  const count = chosen.runs.filter(({ arm }) => arms.includes(arm)).length * seeds.length;
  if (count > MOST_RUNS)
    throw new UsageError(`${name}:${profile} has ${count} runs, at most ${MOST_RUNS} are allowed: fewer seeds or sweep values`);
  const runs = chosen.runs
    .filter(({ arm }) => arms.includes(arm))
    .flatMap(({ arm, sweep: point, config }) =>
      seeds.map((seed): Run => {
        const folder = [...sweepLabels(point), `seed${seed}`].join('-');
        return { experiment: name, profile, arm, sweep: point, seed, name: `${arm}/${folder}`, config: deepFreeze({ ...config, seed }) };
      }),
    );
  checkFolders(name, runs);
  return { name, profile, title, paper, expect: expect[profile], claims, arms, seeds, sweep, profiles, runs };
}

/** Each run needs a folder of its own, with a name that file systems take. */
function checkFolders(name: string, runs: readonly Run[]): void {
  const names = new Set<string>();
  for (const { name: folder } of runs) {
    if (names.has(folder))
      throw new UsageError(`${name}: two runs would share the folder ${folder}: sweep values must differ in letters and digits`);
    if (folder.length > 300 || folder.split('/').some((part) => part.length > 200))
      throw new UsageError(
        `${name}: the folder of a run has a name that is too long (${folder.slice(0, 80)}...): fewer or shorter sweep values`,
      );
    names.add(folder);
  }
}

/** `sparseWeight=0.2`: the last part of the key, or the whole where two keys end alike; fit for a folder's name. */
function sweepLabels(point: SweepPoint): string[] {
  const short = Object.keys(point).map((key) => key.split('.').at(-1) ?? key);
  const unique = new Set(short).size === short.length;
  return Object.entries(point).map(([key, value], i) => `${unique ? short[i] : key}=${value}`.replace(/[^\w.=+-]/g, '_'));
}

function chooseProfile(name: string, profiles: readonly string[], wanted?: string): string {
  if (wanted === undefined) return profiles.includes('quick') ? 'quick' : profiles[0];
  if (profiles.includes(wanted)) return wanted;
  throw new UsageError(`${name} has no profile "${wanted}"${hint(wanted, profiles)}`);
}

function chooseArms(all: readonly string[], wanted?: readonly string[]): string[] {
  for (const arm of wanted ?? []) if (!all.includes(arm)) throw new UsageError(`no arm "${arm}"${hint(arm, all)}`);
  return all.filter((arm) => wanted?.includes(arm) ?? true);
}

function parseOverrides(texts: readonly string[]): Override[] {
  const problems: Problem[] = [];
  const parsed = texts.flatMap((text) => {
    try {
      return [parseOverride(text)];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  throwProblems(problems);
  return parsed;
}
