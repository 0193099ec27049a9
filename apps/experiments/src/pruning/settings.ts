// What pruning is told in a configuration or on the command line, and the names it may use.
import { channelGroups, type ModelDescription } from '@stint/pruning/plain';
import { hint } from '../config/nearest.ts';

export interface PruneSettings {
  /** Share of the channels that goes, 0 <= ratio < 1. */
  ratio: number;
  criterion: 'l1' | 'slimming' | 'random';
  scope: 'layer' | 'global';
  /** What stays of a group is a multiple of it. */
  roundTo: number;
  /** Groups that stay whole: feature maps ('layer1', 'fpn'), convolutions ('layer1.0.conv2'), with `*` for anything ('layer1*'). */
  protect: readonly string[];
  /** Of the criterion `random`. */
  seed: number;
}

/** Every name that `protect` may use: feature maps first, then convolutions. */
export function groupNames(description: ModelDescription): string[] {
  const groups = channelGroups(description);
  return [...new Set([...groups.flatMap(({ name, features }) => [...features, name]), ...groups.flatMap(({ layers }) => layers)])];
}

/** What is wrong with a name, undefined when it means at least one of `known`. */
export function unknownName(name: string, known: readonly string[]): string | undefined {
  if (known.some((candidate) => patternOf(name).test(candidate))) return undefined;
  return `no channels are named "${name}"${hint(name, known)}`;
}

/** @throws on the first name that means nothing. */
export function patternsOf(names: readonly string[], known: readonly string[]): RegExp[] {
  for (const name of names) {
    const problem = unknownName(name, known);
    if (problem) throw new Error(`pruning: ${problem}`);
  }
  return names.map(patternOf);
}

function patternOf(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
