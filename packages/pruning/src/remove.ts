// Takes channels out of tensors and out of the description: what is left is an ordinary, smaller network.
import { type ResNetConfig, resnetLayout } from '@stint/backbones/plain';
import { channelGroups, describedParameters, prefixes } from './network.ts';
import type { ChannelGroup, Entries, Member, ModelDescription, NamedTensor, Selection } from './types.ts';

/**
 * The network with the channels of `selection`; groups that it does not name stay whole. Tensors that lose nothing are handed on,
 * not copied.
 * @throws when entries and description do not fit, listing every misfit, or a selection is not ascending, in range and not empty.
 */
export function keepChannels<D extends ModelDescription>(
  entries: Entries,
  description: D,
  selection: Selection,
): { entries: Map<string, NamedTensor>; description: D } {
  const groups = channelGroups(description);
  checkEntries(entries, description, groups);
  checkSelection(groups, selection);
  const result = new Map(entries);
  for (const { name, channels, members } of groups) {
    const kept = selection[name];
    if (!kept || kept.length === channels) continue;
    for (const { parameter, axis, repeat } of members) {
      const indices = Array.from({ length: repeat }, (_, r) => kept.map((c) => r * channels + c)).flat();
      result.set(parameter, take(result.get(parameter)!, axis, indices));
    }
  }
  return { entries: result, description: smaller(description, groups, selection) };
}

/** The slices `indices` along `axis`. */
function take({ shape, data }: NamedTensor, axis: number, indices: number[]): NamedTensor {
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  const [before, length, after] = [product(shape.slice(0, axis)), shape[axis], product(shape.slice(axis + 1))];
  const taken = new Float32Array(before * indices.length * after);
  let at = 0;
  for (let b = 0; b < before; b++) {
    for (const index of indices) {
      const from = (b * length + index) * after;
      taken.set(data.subarray(from, from + after), at);
      at += after;
    }
  }
  return { shape: shape.with(axis, indices.length), data: taken };
}

function smaller<D extends ModelDescription>(description: D, groups: readonly ChannelGroup[], selection: Selection): D {
  const counts: Record<string, number> = {};
  for (const { name, features, channels } of groups) {
    for (const feature of features) counts[feature] = selection[name]?.length ?? channels;
  }
  const { fpn: channels, 'fpn.inner': inner, ...widths } = counts;
  const backbone = withWidths(description.backbone, widths);
  if (!description.fpn) return { ...description, backbone };
  const { inner: _, inChannels, ...levels } = description.fpn;
  const narrow = inner === channels ? {} : { inner };
  const known = inChannels ? { inChannels: resnetLayout(backbone).outChannels } : {};
  return { ...description, backbone, fpn: { ...levels, ...narrow, ...known, channels } };
}

/** The configuration with those widths that its rule does not give. */
function withWidths({ widths: _, ...config }: ResNetConfig, widths: Record<string, number>): ResNetConfig {
  const regular = Object.fromEntries(
    channelGroups({ backbone: config }).flatMap(({ features, channels }) => features.map((f) => [f, channels])),
  );
  const other = Object.entries(widths).filter(([name, width]) => width !== regular[name]);
  return other.length > 0 ? { ...config, widths: Object.fromEntries(other) } : config;
}

/** @throws one error with everything about the entries that does not fit the description. */
export function checkEntries(entries: Entries, description: ModelDescription, groups: readonly ChannelGroup[]): void {
  const specs = describedParameters(description);
  const problems = specs.flatMap(({ name, shape }) => {
    const tensor = entries.get(name);
    if (!tensor) return [`${name} is missing, expected [${shape}]`];
    return String(tensor.shape) === String(shape) ? [] : [`${name} is [${tensor.shape}], expected [${shape}]`];
  });
  const known = new Set(specs.map(({ name }) => name));
  const seen = new Set<string>();
  for (const { name, channels, members } of groups) {
    for (const { parameter, axis, repeat } of members) {
      if (!known.has(parameter)) problems.push(...readerProblems(entries, name, channels, { parameter, axis, repeat }));
      const axisOf = `axis ${axis} of ${parameter}`;
      if (seen.has(axisOf)) problems.push(`${axisOf} has two readers`);
      seen.add(axisOf);
    }
  }
  const block = new RegExp(`^${escaped(prefixes(description).backbone)}layer\\d+\\.\\d+\\.`);
  for (const name of entries.keys()) {
    if (block.test(name) && !known.has(name) && !name.endsWith('num_batches_tracked')) problems.push(`${name} is not in the description`);
  }
  if (problems.length > 0) throw new Error(`pruning: the weights do not fit the description:\n  ${problems.join('\n  ')}`);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function readerProblems(entries: Entries, group: string, channels: number, { parameter, axis, repeat }: Omit<Member, 'use'>): string[] {
  const tensor = entries.get(parameter);
  if (!tensor) return [`${parameter}, which reads ${group}, is missing`];
  if (tensor.shape[axis] === channels * repeat) return [];
  return [`${parameter} is [${tensor.shape}], expected ${repeat} x ${channels} on axis ${axis}, the channels of ${group}`];
}

function checkSelection(groups: readonly ChannelGroup[], selection: Selection): void {
  for (const [name, kept] of Object.entries(selection)) {
    const group = groups.find((candidate) => candidate.name === name);
    if (!group) throw new Error(`pruning: no group '${name}'; there are ${groups.map((candidate) => candidate.name).join(', ')}`);
    const ascending = kept.every((c, i) => Number.isInteger(c) && c >= 0 && c < group.channels && (i === 0 || c > kept[i - 1]));
    if (kept.length === 0 || !ascending)
      throw new Error(`pruning: channels [${kept}] of ${name}; give at least one of 0..${group.channels - 1}, ascending`);
    if (group.fixed && kept.length < group.channels) throw new Error(`pruning: ${name} keeps its channels: ${group.fixed}`);
  }
}
