// Which channels stay: how many, and which.
//   layer   round(ratio C) of the C channels of each group go, ties to even, as torch.nn.utils.prune counts them.
//   global  the threshold rule of network slimming (Liu et al. 2017): with all scores in ascending order, those up to and including
//           position floor(ratio total) go; a group that would lose all keeps its best. L1 norms grow with the size of a filter: to be
//           ranked together they are divided by their group's mean.
import { channelScores } from './criteria.ts';
import type { ChannelGroup, Entries, PrunedGroup, PruneOptions } from './types.ts';

/** Channels of `channels` that stay, at least one. */
export function keptCount(channels: number, ratio: number, roundTo = 1): number {
  return toMultiple(channels - roundHalfEven(ratio * channels), channels, roundTo);
}

/** The multiple of `roundTo` nearest to `kept`, at least one of them; all `channels` if that is more. */
function toMultiple(kept: number, channels: number, roundTo: number): number {
  if (kept === channels) return channels;
  return Math.min(channels, Math.max(1, Math.round(kept / roundTo)) * roundTo);
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** Indices of the `count` highest scores, ascending; of equal ones the lower index. */
export function highest(scores: ArrayLike<number>, count: number): number[] {
  return Array.from(scores, (_, c) => c)
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}

/** How many channels of each group stay when floor(ratio total) + 1 of all go, the lowest; none at ratio 0. */
export function globalCounts(scores: readonly ArrayLike<number>[], ratio: number): number[] {
  const all = scores.flatMap((list, group) => Array.from(list, (score, c) => ({ score, group, c })));
  // Of equal scores the later channel goes first, as `highest` keeps the lower index.
  all.sort((a, b) => a.score - b.score || b.c - a.c || b.group - a.group);
  const counts = scores.map((list) => list.length);
  const gone = ratio === 0 ? 0 : Math.floor(ratio * all.length) + 1;
  for (const { group } of all.slice(0, gone)) counts[group]--;
  return counts.map((count) => Math.max(1, count));
}

/** What stays of every group. */
export function selectChannels(groups: readonly ChannelGroup[], entries: Entries, options: PruneOptions): PrunedGroup[] {
  const { ratio, scope = 'layer', ratios = {}, roundTo = 1 } = options;
  checkOptions(groups, options);
  const candidates = groups.map((group) => {
    const fixed = group.fixed ?? (isProtected(group, options) ? 'protected' : undefined);
    const scores = fixed ? undefined : channelScores(group, entries, options);
    const silent = scores ? undefined : `criterion '${options.criterion}' has no measure for it`;
    return { ...group, scores, fixed: fixed ?? silent };
  });
  const free = candidates.filter(({ scores }) => scores);
  const together =
    scope === 'global'
      ? globalCounts(
          free.map((group) => comparable(group.scores!, options)),
          ratio,
        )
      : undefined;
  return candidates.map((group): PrunedGroup => {
    const { name, layers, channels, scores, fixed } = group;
    if (!scores) return { name, layers, channels, kept: Array.from({ length: channels }, (_, c) => c), fixed };
    const own = Object.entries(ratios).find(([key]) => matches(group, key))?.[1] ?? ratio;
    const count = together ? toMultiple(together[free.indexOf(group)], channels, roundTo) : keptCount(channels, own, roundTo);
    return { name, layers, channels, kept: highest(scores, count) };
  });
}

function comparable(scores: Float64Array, { criterion }: PruneOptions): Float64Array {
  if (criterion !== 'l1') return scores;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return mean > 0 ? scores.map((score) => score / mean) : scores;
}

/** Whether `key` names the group: a feature map of it or a convolution that makes its channels. */
function matches({ name, features, layers }: ChannelGroup, key: string | RegExp): boolean {
  const names = [name, ...features, ...layers];
  return typeof key === 'string' ? names.includes(key) : names.some((candidate) => candidate.search(key) >= 0);
}

export function isProtected(group: ChannelGroup, { protect = [] }: Pick<PruneOptions, 'protect'>): boolean {
  return protect.some((key) => matches(group, key));
}

function checkOptions(groups: readonly ChannelGroup[], { ratio, scope, ratios = {}, roundTo = 1, protect = [] }: PruneOptions): void {
  for (const [name, value] of [['ratio', ratio] as const, ...Object.entries(ratios)]) {
    if (!(value >= 0 && value < 1)) throw new Error(`pruning: ${name} ${value}; give a share of the channels, 0 <= share < 1`);
  }
  if (!Number.isInteger(roundTo) || roundTo < 1) throw new Error(`pruning: roundTo ${roundTo}; give a whole number, at least 1`);
  if (scope === 'global' && Object.keys(ratios).length > 0)
    throw new Error(`pruning: ratios for ${Object.keys(ratios)} in scope 'global', which has one ratio; use scope 'layer' or protect`);
  const known = groups.map(({ name }) => name).join(', ');
  for (const key of [...protect, ...Object.keys(ratios)]) {
    if (!groups.some((group) => matches(group, key))) throw new Error(`pruning: ${key} names no group of channels; there are ${known}`);
  }
  for (const key of Object.keys(ratios)) {
    const { name, fixed } = groups.find((group) => matches(group, key))!;
    if (fixed) throw new Error(`pruning: a ratio for ${name}, which keeps its channels: ${fixed}`);
  }
}
