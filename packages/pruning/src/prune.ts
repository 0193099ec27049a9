// Pruning of a checkpoint on plain arrays.
import { channelGroups } from './network.ts';
import { checkEntries, keepChannels } from './remove.ts';
import { isProtected, selectChannels } from './select.ts';
import type { Entries, ModelDescription, NamedTensor, PrunedGroup, PruneOptions } from './types.ts';

export interface PruneResult<D extends ModelDescription = ModelDescription> {
  /** The smaller network's tensors. Those that lose nothing are the given ones, not copies. */
  entries: Map<string, NamedTensor>;
  /** Its description. It can be pruned again. */
  description: D;
  /** What stayed of each group of channels, and why where all did. */
  groups: PrunedGroup[];
}

/**
 * Takes the least important channels out of a network. A pure function; entries that the description does not know (a head, a loss)
 * are handed on. An optimizer's state has the old shapes: leave it out.
 * @throws one error with everything about the entries that does not fit the description; on options that name nothing.
 */
export function pruneCheckpoint<D extends ModelDescription>(entries: Entries, description: D, options: PruneOptions): PruneResult<D> {
  const groups = channelGroups(description);
  checkEntries(entries, description, groups);
  const selected = selectChannels(groups, entries, options);
  const selection = Object.fromEntries(selected.map(({ name, kept }) => [name, kept]));
  return { ...keepChannels(entries, description, selection), groups: selected };
}

/** Names of the batch norm scales that stand for channels which may go: those that the slimming penalty should press on. */
export function slimmingScales(description: ModelDescription, options: Pick<PruneOptions, 'protect'> = {}): string[] {
  return channelGroups(description)
    .filter((group) => !group.fixed && !isProtected(group, options))
    .flatMap(({ members }) => members.filter(({ use }) => use === 'scale').map(({ parameter }) => parameter));
}
