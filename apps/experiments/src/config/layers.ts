// The layers of an experiment, later wins: bases and file (files.ts), profile, arm, sweep value, command line.
import type { z } from 'zod';
import { hint } from './nearest.ts';
import { type ConfigNode, child, type ListNode, type MapNode, merge, nest, placeAt, withEntry, withoutKeys } from './node.ts';
import { type Override, overrideTree } from './overrides.ts';
import { type Problem, validate } from './problems.ts';
import { type Claim, experimentSchema, type RunConfig, runConfigSchema, runSections, type SweepPoint } from './schema.ts';

/** Of an experiment at one profile. */
export const MOST_RUNS = 10_000;

/** An experiment at one profile, before its arms are resolved. */
export interface LayeredHead {
  layered: MapNode;
  /** Absent when there are problems. */
  head?: z.output<typeof experimentSchema>;
  problems: Problem[];
}

/** One arm at one sweep point; its seed is still 0. */
export interface ArmConfig {
  arm: string;
  sweep: SweepPoint;
  config: RunConfig;
}

/** The profiles of an experiment file, in its order; `default` alone when it defines none. */
export function profileNames(tree: MapNode): string[] {
  const names = keysIn(child(tree, 'profiles'));
  return names.length > 0 ? names : ['default'];
}

/** File, profile, and the overrides that are not of a run section; validated as an experiment. */
export function resolveHead(tree: MapNode, profile: string, overrides: readonly Override[]): LayeredHead {
  const problems: Problem[] = [];
  let layered = applyProfile(tree, profile, problems);
  for (const override of overrides) {
    const [first, ...rest] = override.path;
    if (isSection(first)) layered = pinSwept(layered, override.path.join('.'));
    else if (first === 'sweep') layered = merge(layered, nest([first, rest.join('.')], override.node, override.place)) as MapNode;
    else layered = merge(layered, overrideTree(override)) as MapNode;
  }
  const { output: head, problems: found } = validate(experimentSchema, layered);
  const known = new Set([...keysIn(child(tree, 'arms')), ...keysIn(child(layered, 'arms'))]);
  return { layered, head, problems: [...problems, ...found, ...(head ? unknownClaimArms(layered, head.claims, known) : [])] };
}

/** Every arm at every sweep point, validated as the configuration of a run. */
export function resolveRuns(layered: MapNode, overrides: readonly Override[]): { runs: ArmConfig[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const others = [...layered.entries.keys()].filter((key) => !isSection(key));
  const seedless = withEntry(withoutKeys(layered, others), 'seed', { kind: 'scalar', place: layered.place, value: 0 });
  const points = sweepPoints(child(layered, 'sweep'), problems);
  const runs = keysIn(child(layered, 'arms')).flatMap((arm) => {
    const whole = child(child(layered, 'arms'), arm);
    const own = child(whole, 'sweep');
    const armTree = whole?.kind === 'map' ? withoutKeys(whole, ['sweep']) : whole;
    return (own ? sweepPoints(own, problems) : points).flatMap(({ sweep, layers }) => {
      const ofSections = overrides.filter(({ path }) => isSection(path[0])).map(overrideTree);
      const all = [...(armTree?.kind === 'map' ? [armTree] : []), ...layers, ...ofSections];
      const { output, problems: found } = validate(runConfigSchema, all.reduce<ConfigNode>(merge, seedless));
      problems.push(...found);
      return output ? [{ arm, sweep, config: output }] : [];
    });
  });
  return { runs, problems };
}

function isSection(key: string): boolean {
  return (runSections as string[]).includes(key);
}

function keysIn(node: ConfigNode | undefined): string[] {
  return node?.kind === 'map' ? [...node.entries.keys()] : [];
}

/** A profile's `arms: [a, b]` keeps these arms of the experiment; as a mapping it changes or adds arms. */
function applyProfile(tree: MapNode, profile: string, problems: Problem[]): MapNode {
  const over = child(child(tree, 'profiles'), profile);
  if (over?.kind !== 'map') return tree; // an empty profile; the schema refuses anything else
  const only = child(over, 'arms');
  const arms = child(tree, 'arms');
  if (only?.kind !== 'list' || arms?.kind !== 'map') return merge(tree, over) as MapNode;
  const merged = merge(tree, withoutKeys(over, ['arms'])) as MapNode;
  return withEntry(merged, 'arms', keepArms(arms, only, problems));
}

function keepArms(arms: MapNode, only: ListNode, problems: Problem[]): MapNode {
  const names = only.items.map((item) => {
    const arm = item.kind === 'scalar' ? String(item.value) : '';
    if (!arms.entries.has(arm)) problems.push({ place: item.place, message: `no arm "${arm}"${hint(arm, arms.entries.keys())}` });
    return arm;
  });
  return withoutKeys(
    arms,
    keysIn(arms).filter((arm) => !names.includes(arm)),
  );
}

/** Setting a swept key by hand pins it: every sweep over it goes. */
function pinSwept(tree: MapNode, key: string): MapNode {
  const pinned = withoutSwept(tree, key);
  const arms = child(pinned, 'arms');
  if (arms?.kind !== 'map') return pinned;
  return keysIn(arms).reduce((layered, arm) => {
    const own = child(child(layered, 'arms'), arm);
    if (own?.kind !== 'map') return layered;
    return withEntry(layered, 'arms', withEntry(child(layered, 'arms') as MapNode, arm, withoutSwept(own, key)));
  }, pinned);
}

function withoutSwept(tree: MapNode, key: string): MapNode {
  const sweep = child(tree, 'sweep');
  return sweep?.kind === 'map' && sweep.entries.has(key) ? withEntry(tree, 'sweep', withoutKeys(sweep, [key])) : tree;
}

/** Keys of a claim that name an arm. */
const ARM_KEYS = new Set(['better', 'lower', 'than']);

function unknownClaimArms(tree: ConfigNode, claims: readonly Claim[], arms: ReadonlySet<string>): Problem[] {
  const named = claims.flatMap((claim, index) =>
    'equal' in claim
      ? claim.equal.map((arm, i) => ({ arm, path: ['claims', index, 'equal', i] }))
      : Object.entries(claim).flatMap(([key, arm]) => (ARM_KEYS.has(key) ? [{ arm: String(arm), path: ['claims', index, key] }] : [])),
  );
  return named
    .filter(({ arm }) => !arms.has(arm))
    .map(({ arm, path }) => ({ place: placeAt(tree, path), message: `the claim names an unknown arm "${arm}"${hint(arm, arms)}` }));
}

/** The product of all swept values, each with the trees that set them. */
function sweepPoints(sweep: ConfigNode | undefined, problems: Problem[]): { sweep: SweepPoint; layers: ConfigNode[] }[] {
  const entries = sweep?.kind === 'map' ? [...sweep.entries] : [];
  for (const [key, { key: place }] of entries) {
    if (!isSection(key.split('.')[0])) {
      const message = `a sweep changes what a run is made of (${runSections.join(', ')}), not "${key}"`;
      problems.push({ place, message: key === 'seed' ? `${message}: give the list as seeds` : message });
      return [];
    }
  }
  const count = entries.reduce((product, [, { node }]) => product * (node.kind === 'list' ? node.items.length : 1), 1);
  if (count > MOST_RUNS) {
    problems.push({ place: entries[0][1].key, message: `the sweep has ${count} points, more than the ${MOST_RUNS} runs of an experiment` });
    return [];
  }
  return entries.reduce<{ sweep: SweepPoint; layers: ConfigNode[] }[]>(
    (points, [key, { key: place, node }]) => {
      const values = node.kind === 'list' ? node.items.flatMap((item) => (item.kind === 'scalar' ? [item] : [])) : [];
      return points.flatMap((point) =>
        values.map((value) => ({
          sweep: { ...point.sweep, [key]: value.value as number | string },
          layers: [...point.layers, nest(key.split('.'), value, place)],
        })),
      );
    },
    [{ sweep: {}, layers: [] }],
  );
}
