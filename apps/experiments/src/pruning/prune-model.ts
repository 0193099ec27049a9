// Pruning of a whole model, its head included: the tensors that read the feature maps are found by making the same head for one channel more and
// looking which of its shapes grow, so that no list of a head's layers is kept here.
import { type Entries, type ModelDescription as Prunable, type PrunedGroup, pruneCheckpoint, type Reader } from '@stint/pruning/plain';
import type { ModelDescription, NamedTensor } from '@stint/runtime';
import { createNetwork } from '../run/network.ts';
import { groupNames, type PruneSettings, patternsOf } from './settings.ts';

export interface PrunedModel {
  /** The smaller network's weights, by the names of `entries`. */
  entries: Map<string, NamedTensor>;
  description: ModelDescription;
  /** What stayed of each group of channels. */
  groups: PrunedGroup[];
}

/**
 * Takes the least important channels out of a model. Pure; the result's description fits its weights.
 * @param entries weights of `description`, named as in a checkpoint, without the optimizer's state.
 * @throws when weights and description do not fit, or a protected name is none of `groupNames`.
 */
export function pruneModel(entries: Entries, description: ModelDescription, settings: PruneSettings): PrunedModel {
  const { protect, criterion, seed, ...ratios } = settings;
  const whole = prunable(description);
  const patterns = patternsOf(protect, groupNames(whole));
  const options = { ...ratios, protect: patterns };
  const pruned = pruneCheckpoint(entries, whole, criterion === 'random' ? { ...options, criterion, seed } : { ...options, criterion });
  const { readers: _, ...smaller } = pruned.description;
  const { head, fpn } = smaller;
  return { ...pruned, description: head && fpn ? { ...smaller, head: { ...head, channels: fpn.channels } } : smaller };
}

/** The description with everything said that pruning must know: who reads the pyramid, and widths that follow from its channels otherwise. */
export function prunable(description: ModelDescription): ModelDescription & Prunable {
  const { fpn, head } = description;
  if (!fpn || !head) return description;
  // A tower that is as wide as the pyramid keeps its width.
  const fixed = head.kind === 'one-stage' || head.kind === 'fcn' ? { ...head, width: head.width ?? head.channels } : head;
  const model = { ...description, fpn, head: fixed };
  return { ...model, readers: { fpn: readersOf(model, fpn.channels) } };
}

function readersOf(model: ModelDescription, channels: number): Reader[] {
  const at = (width: number) =>
    createNetwork({ ...model, fpn: { ...model.fpn!, channels: width }, head: { ...model.head!, channels: width } }).parameters;
  const wider = at(channels + 1);
  return at(channels).flatMap(({ name, shape }, i) => {
    // The pyramid's own tensors are in the dependency graph.
    if (name.startsWith('backbone.')) return [];
    return shape.flatMap((size, axis): Reader[] => {
      const repeat = wider[i].shape[axis] - size;
      return repeat > 0 ? [{ parameter: name, axis, repeat }] : [];
    });
  });
}
