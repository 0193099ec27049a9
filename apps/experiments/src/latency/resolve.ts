// A latency experiment's file -> its configuration at one profile. Layers, later wins: bases and file, profile, command line. A list of
// names as `networks` keeps these networks. All problems of all profiles are reported together, each at its place.
import { experimentFile, UsageError, type Workspace } from '../config/catalog.ts';
import { readExperimentFile } from '../config/files.ts';
import { deepFreeze } from '../config/freeze.ts';
import { hint } from '../config/nearest.ts';
import { type ConfigNode, child, type MapNode, merge, placeAt, plain, withEntry, withoutKeys } from '../config/node.ts';
import { overrideTree, parseOverride } from '../config/overrides.ts';
import { ConfigError, type Problem, throwProblems, validate } from '../config/problems.ts';
import { type LatencyClaim, type LatencyExperiment, latencySchema } from './schema.ts';

export interface LatencyOptions {
  /** Default: `quick`, or the first profile where there is no `quick`. */
  profile?: string;
  /** `key.path=value`, in order. */
  overrides?: readonly string[];
}

/** Whether the experiment's file says `kind: latency`; training experiments have no kind. Throws UsageError for an unknown name. */
export function isLatency(name: string, workspace: Workspace): boolean {
  const kind = child(read(name, workspace), 'kind');
  if (!kind) return false;
  if (kind.kind === 'scalar' && kind.value === 'latency') return true;
  const found = JSON.stringify(plain(kind));
  throw new ConfigError([{ place: kind.place, message: `kind must be latency, or left out for a training experiment, found ${found}` }]);
}

function read(name: string, workspace: Workspace): MapNode {
  return readExperimentFile(experimentFile(name, workspace), { folder: workspace.experiments, root: workspace.root });
}

/** Throws ConfigError (problems of the files) or UsageError (wrong names). */
export function resolveLatency(name: string, workspace: Workspace, options: LatencyOptions = {}): LatencyExperiment {
  const tree = read(name, workspace);
  const profiles = namesOf(child(tree, 'profiles'));
  const all = profiles.length > 0 ? profiles : ['default'];
  const profile = options.profile ?? (all.includes('quick') ? 'quick' : all[0]);
  if (!all.includes(profile)) throw new UsageError(`${name} has no profile "${profile}"${hint(profile, all)}`);
  const resolved = all.map((each) => ({ each, ...resolveProfile(tree, each, each === profile ? (options.overrides ?? []) : []) }));
  throwProblems(resolved.flatMap(({ problems }) => problems));
  const { output } = resolved.find(({ each }) => each === profile)!;
  const { kind, title, paper, expect, claims, profiles: _, ...config } = output!;
  return { kind, name, profile, profiles: all, title, paper, expect: expect[profile], claims, config: deepFreeze(config) };
}

function namesOf(node: ConfigNode | undefined): string[] {
  return node?.kind === 'map' ? [...node.entries.keys()] : [];
}

function resolveProfile(tree: MapNode, profile: string, overrides: readonly string[]) {
  const problems: Problem[] = [];
  let layered = withProfile(tree, profile, problems);
  for (const text of overrides) {
    try {
      layered = layOver(layered, overrideTree(parseOverride(text)) as MapNode, problems);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  const { output, problems: found } = validate(latencySchema, layered);
  problems.push(...found);
  if (output) problems.push(...unknownNetworks(layered, output.claims, namesOf(child(tree, 'networks'))));
  return { output, problems };
}

function withProfile(tree: MapNode, profile: string, problems: Problem[]): MapNode {
  const over = child(child(tree, 'profiles'), profile);
  return over?.kind === 'map' ? layOver(tree, over, problems) : tree; // an empty profile; the schema refuses anything else
}

/** As `merge`; but a list of `networks` keeps these of the experiment. */
function layOver(tree: MapNode, over: MapNode, problems: Problem[]): MapNode {
  const only = child(over, 'networks');
  const networks = child(tree, 'networks');
  if (only?.kind !== 'list' || networks?.kind !== 'map') return merge(tree, over) as MapNode;
  const kept = only.items.map((item) => {
    const name = item.kind === 'scalar' ? String(item.value) : '';
    if (!networks.entries.has(name)) problems.push({ place: item.place, message: `no network "${name}"${hint(name, namesOf(networks))}` });
    return name;
  });
  const others = namesOf(networks).filter((name) => !kept.includes(name));
  return withEntry(merge(tree, withoutKeys(over, ['networks'])) as MapNode, 'networks', withoutKeys(networks, others));
}

/** A claim about a network that a profile leaves out is no mistake, one about a network that no profile has is. */
function unknownNetworks(tree: ConfigNode, claims: readonly LatencyClaim[], known: readonly string[]): Problem[] {
  const names = [...known, ...namesOf(child(tree, 'networks'))];
  return claims.flatMap(({ network }, index) =>
    names.includes(network)
      ? []
      : [
          {
            place: placeAt(tree, ['claims', index, 'network']),
            message: `the claim names an unknown network "${network}"${hint(network, names)}`,
          },
        ],
  );
}
