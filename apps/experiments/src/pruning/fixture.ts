// Test helper: the network that a pruned one must equal.
import type { PrunedGroup } from '@stint/pruning/plain';
import type { NamedTensor } from '@stint/runtime';

/**
 * The whole network's weights in which the channels that went say nothing: scale and shift of their batch norm, or else filter and bias, are 0.
 * @param along convolutions whose outputs go along with a group's, by the group's name.
 */
export function masked(
  entries: ReadonlyMap<string, NamedTensor>,
  groups: readonly PrunedGroup[],
  along: Record<string, string[]> = {},
): Map<string, NamedTensor> {
  const result = new Map(entries);
  const silence = (name: string, kept: Set<number>) => {
    const { shape, data } = result.get(name)!;
    result.set(name, { shape, data: data.map((value, i) => (kept.has(i % shape[shape.length - 1]) ? value : 0)) });
  };
  for (const { name, layers, kept } of groups) {
    for (const layer of [...layers, ...(along[name] ?? [])]) {
      const norm = layer.replace(/conv(\d)$/, 'bn$1').replace(/downsample\.0$/, 'downsample.1');
      for (const part of ['weight', 'bias']) silence(`${entries.has(`${norm}.weight`) ? norm : layer}.${part}`, new Set(kept));
    }
  }
  return result;
}
