// Pruning of a checkpoint, without a tensor library.
export { l1Norms } from './criteria.ts';
export { channelGroups } from './network.ts';
export { type PruneResult, pruneCheckpoint, slimmingScales } from './prune.ts';
export { keepChannels } from './remove.ts';
export { globalCounts, highest, keptCount } from './select.ts';
export type {
  ChannelGroup,
  Entries,
  Member,
  ModelDescription,
  PrunedGroup,
  PruneOptions,
  PruneRatios,
  Reader,
  Selection,
} from './types.ts';
