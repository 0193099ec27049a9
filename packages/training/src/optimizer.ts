// Optimizers, one door for all: `createOptimizer(config, variables, groups)`. The rules are in sgd.ts and adamw.ts.
import * as tf from '@tensorflow/tfjs-core';
import { type AdamWConfig, adamw } from './adamw.ts';
import { type Bundle, disposeBundles, makeBundles, sameLists, unpackBundles } from './bundles.ts';
import { flatten, inRuns, unflatten } from './flat.ts';
import { type GroupSettings, groupSettings, type ParameterGroup } from './groups.ts';
import { type SgdConfig, sgd } from './sgd.ts';
import type { Variables } from './variables.ts';

export type OptimizerConfig = SgdConfig | AdamWConfig;

export interface Optimizer {
  /** Updates the variables that have a gradient; others (and their state) stay as they are, as in PyTorch with `grad = None`. */
  step(gradients: Record<string, tf.Tensor>, learningRate: number): void;
  /** A copy of all state by name (`momentum.NAME`, `exp_avg.NAME`, `exp_avg_sq.NAME`, `steps`); to be disposed by the caller. */
  state(): Record<string, tf.Tensor>;
  /** Takes over the values of a state of the same names and shapes; the given tensors stay the caller's. */
  restore(state: Record<string, tf.Tensor>): void;
  /** Learning rate scale and weight decay of each parameter, after the groups. */
  settings: Record<string, GroupSettings>;
  /** Tensors it holds: they change when other parameters than in the step before have a gradient. */
  readonly tensorCount: number;
  dispose(): void;
}

/** The rule of one optimizer, element by element, with the state it keeps. */
export interface UpdateRule {
  /** Names of the state tensors a parameter has, each of the parameter's shape, first zero. */
  slots: readonly string[];
  /** New value of parameters and slots. `step` counts the parameters' updates from 1. Runs inside tf.tidy. */
  update(
    parameter: tf.Tensor1D,
    gradient: tf.Tensor1D,
    slots: tf.Tensor1D[],
    at: { step: number; learningRate: number; weightDecay: number },
  ): { parameter: tf.Tensor; slots: tf.Tensor[] };
}

/**
 * Makes an optimizer of `variables` (float32). `config.kind` is 'sgd' (torch.optim.SGD) or 'adamw' (torch.optim.AdamW); `groups`
 * give chosen parameters a learning rate scale and a weight decay of their own.
 * @throws when a gradient's or a restored state's name or shape does not fit (in `step`, `restore`)
 */
export function createOptimizer(config: OptimizerConfig, variables: Variables, groups: readonly ParameterGroup[] = []): Optimizer {
  const rule = config.kind === 'sgd' ? sgd(config) : adamw(config);
  const defaultDecay = config.weightDecay ?? (config.kind === 'adamw' ? 0.01 : 0);
  // Sorted, so that `steps` means the same whatever order the variables were made in.
  const names = Object.keys(variables).sort();
  const settings = Object.fromEntries(names.map((name) => [name, groupSettings(name, groups, defaultDecay)]));
  const steps = new Map(names.map((name) => [name, 0]));
  const shapes = Object.fromEntries(rule.slots.flatMap((slot) => names.map((name) => [`${slot}.${name}`, variables[name].shape])));

  /** Which parameters go together in a step for which `has` says who has a gradient. */
  const partition = (has: (name: string) => boolean): string[][] => {
    const alike = new Map<string, string[]>();
    for (const name of names) {
      const { lrScale, weightDecay } = settings[name];
      const key = `${lrScale} ${weightDecay} ${steps.get(name)} ${has(name)}`;
      const list = alike.get(key);
      if (list) list.push(name);
      else alike.set(key, [name]);
    }
    return [...alike.values()].flatMap((list) => inRuns(list, (name) => variables[name].size));
  };
  const everyone = (): string[][] => partition(() => true);
  const zeros = (): Record<string, tf.Tensor> => Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tf.zeros(shape)]));
  let bundles = tf.tidy(() => makeBundles(everyone(), rule.slots, zeros()));
  const rebundle = (lists: string[][], state: Record<string, tf.Tensor>): void => {
    const old = bundles;
    bundles = makeBundles(lists, rule.slots, state);
    disposeBundles(old);
  };

  /** One update of a bundle whose parameters all have gradients. */
  const updateBundle = (bundle: Bundle, gradients: Record<string, tf.Tensor>, learningRate: number): void => {
    const { lrScale, weightDecay } = settings[bundle.names[0]];
    const step = steps.get(bundle.names[0])! + 1;
    const slots = tf.tidy(() => {
      const parameter = flatten(bundle.names.map((name) => variables[name]));
      const gradient = flatten(bundle.names.map((name) => gradients[name]));
      const next = rule.update(parameter, gradient, bundle.slots, { step, learningRate: learningRate * lrScale, weightDecay });
      const parts = unflatten(
        next.parameter as tf.Tensor1D,
        bundle.names.map((name) => variables[name].shape),
      );
      for (const [i, name] of bundle.names.entries()) variables[name].assign(parts[i]);
      return next.slots.map(tf.keep);
    });
    tf.dispose(bundle.slots);
    bundle.slots = slots as tf.Tensor1D[];
    for (const name of bundle.names) steps.set(name, step);
  };

  return {
    settings,
    step(gradients, learningRate) {
      for (const [name, gradient] of Object.entries(gradients)) checkGradient(name, gradient, variables[name]);
      const lists = partition((name) => name in gradients);
      if (!sameLists(bundles, lists)) tf.tidy(() => rebundle(lists, unpackBundles(bundles, rule.slots, variables)));
      for (const bundle of bundles) if (bundle.names[0] in gradients) updateBundle(bundle, gradients, learningRate);
    },
    state: () => tf.tidy(() => ({ ...unpackBundles(bundles, rule.slots, variables), steps: tf.tensor1d([...steps.values()], 'int32') })),
    restore(saved) {
      checkState(saved, { ...shapes, steps: [names.length] });
      for (const [i, count] of saved.steps.dataSync().entries()) steps.set(names[i], count);
      rebundle(everyone(), saved);
    },
    get tensorCount() {
      return bundles.reduce((count, { slots }) => count + slots.length, 0);
    },
    dispose() {
      disposeBundles(bundles);
      bundles = [];
    },
  };
}

function checkGradient(name: string, gradient: tf.Tensor, variable: tf.Variable | undefined): void {
  if (!variable) throw new Error(`optimizer: gradient for ${name}, which is not a parameter of this optimizer`);
  // Without this a gradient of another shape might broadcast.
  if (`${gradient.shape}` !== `${variable.shape}`) {
    throw new Error(`optimizer: gradient of ${name} is [${gradient.shape}], the parameter [${variable.shape}]`);
  }
}

function checkState(saved: Record<string, tf.Tensor>, shapes: Record<string, number[]>): void {
  for (const name of new Set([...Object.keys(shapes), ...Object.keys(saved)])) {
    const [wanted, got] = [shapes[name], saved[name]?.shape];
    if (!wanted || !got || `${wanted}` !== `${got}`) {
      throw new Error(`optimizer: state ${name} is ${got ? `[${got}]` : 'missing'}, expected ${wanted ? `[${wanted}]` : 'none'}`);
    }
  }
}
