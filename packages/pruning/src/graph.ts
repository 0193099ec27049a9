// Which channels depend on which. A network is told operation by operation, as its forward pass runs; what an operation ties together
// becomes one group. The rules are all here: a convolution makes new channels and reads old ones, a batch norm and a depth-wise filter
// go with theirs, a sum makes those of its terms one.
import type { ChannelGroup, Member } from './types.ts';

/** A feature map. */
export type Feature = number;

export interface DependencyGraph {
  /** A feature map from outside. */
  input(channels: number): Feature;
  /** `layer` [k,k,in,out] reads `from` and makes `channels` new channels. */
  convolution(layer: string, from: Feature, channels: number, options?: { bias?: boolean }): Feature;
  /** Batch norm on a map. */
  norm(layer: string, on: Feature): void;
  /** Any other axis that runs over the channels of a map: a filter that only reads it, a depth-wise one. */
  follow(parameter: string, axis: number, on: Feature, repeat?: number): void;
  /** Two maps whose channels are added, or must be the same for another reason. */
  tie(a: Feature, b: Feature): Feature;
  /** All channels of a map stay. The first reason counts. */
  fix(on: Feature, reason: string): void;
  /** A name for the map's group. */
  name(on: Feature, name: string): void;
  /** The groups, in the order in which their first channels were made. */
  groups(): ChannelGroup[];
}

export function dependencyGraph(): DependencyGraph {
  const groups: ChannelGroup[] = [];
  /** The group of a map; of tied ones, the first. */
  const groupOf: ChannelGroup[] = [];
  const feature = (channels: number): Feature => {
    const group: ChannelGroup = { name: '', features: [], layers: [], channels, members: [] };
    groups.push(group);
    return groupOf.push(group) - 1;
  };
  const add = (on: Feature, parameter: string, axis: number, use: Member['use'] = 'other', repeat = 1) => {
    groupOf[on].members.push({ parameter, axis, repeat, use });
  };
  return {
    input: feature,
    convolution(layer, from, channels, { bias = false } = {}) {
      add(from, `${layer}.weight`, 2);
      const made = feature(channels);
      add(made, `${layer}.weight`, 3, 'filter');
      if (bias) add(made, `${layer}.bias`, 0);
      groupOf[made].layers.push(layer);
      return made;
    },
    norm(layer, on) {
      add(on, `${layer}.weight`, 0, 'scale');
      for (const part of ['bias', 'running_mean', 'running_var']) add(on, `${layer}.${part}`, 0);
    },
    follow: (parameter, axis, on, repeat) => add(on, parameter, axis, 'other', repeat),
    tie(a, b) {
      const [first, second] = [groupOf[a], groupOf[b]].sort((x, y) => groups.indexOf(x) - groups.indexOf(y));
      if (first === second) return a;
      if (first.channels !== second.channels) {
        throw new Error(`pruning: ${first.layers} with ${first.channels} channels and ${second.layers} with ${second.channels} are tied`);
      }
      for (const list of ['features', 'layers', 'members'] as const) (first[list] as unknown[]).push(...second[list]);
      first.fixed ??= second.fixed;
      groups.splice(groups.indexOf(second), 1);
      groupOf.forEach((group, i) => {
        if (group === second) groupOf[i] = first;
      });
      return a;
    },
    fix(on, reason) {
      groupOf[on].fixed ??= reason;
    },
    name(on, name) {
      groupOf[on].features.push(name);
    },
    groups: () => groups.map((group) => ({ ...group, name: group.features.join('+') })),
  };
}
