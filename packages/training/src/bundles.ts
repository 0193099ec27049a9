// Parameters updated together: they share settings and step count, and their state stands in one vector a slot.
import * as tf from '@tensorflow/tfjs-core';
import { flatten, unflatten } from './flat.ts';
import type { Variables } from './variables.ts';

// A type, not an interface: tf.tidy takes only those as containers of tensors.
export type Bundle = {
  names: string[];
  /** In the order of the optimizer's slots; kept, to be disposed by disposeBundles. */
  slots: tf.Tensor1D[];
};

/** State by `SLOT.NAME` -> bundles of the parameters listed together. */
export function makeBundles(lists: string[][], slots: readonly string[], state: Record<string, tf.Tensor>): Bundle[] {
  return lists.map((names) => ({ names, slots: slots.map((slot) => tf.keep(flatten(names.map((name) => state[`${slot}.${name}`])))) }));
}

/** The inverse: new tensors by `SLOT.NAME`. */
export function unpackBundles(bundles: Bundle[], slots: readonly string[], variables: Variables): Record<string, tf.Tensor> {
  const state: Record<string, tf.Tensor> = {};
  for (const { names, slots: vectors } of bundles) {
    const shapes = names.map((name) => variables[name].shape);
    for (const [at, vector] of vectors.entries()) {
      for (const [i, part] of unflatten(vector, shapes).entries()) state[`${slots[at]}.${names[i]}`] = part;
    }
  }
  return state;
}

export function disposeBundles(bundles: Bundle[]): void {
  for (const { slots } of bundles) tf.dispose(slots);
}

export function sameLists(bundles: Bundle[], lists: string[][]): boolean {
  return bundles.length === lists.length && bundles.every(({ names }, i) => `${names}` === `${lists[i]}`);
}
