// Optimizers, one door for all: `createOptimizer(config, variables, groups)`. The rules are in sgd.ts and adamw.ts.
import * as tf from '@tensorflow/tfjs-core';
import { type AdamWConfig, adamw } from './adamw.ts';
import { type GroupSettings, groupSettings, type ParameterGroup } from './groups.ts';
import { type SgdConfig, sgd } from './sgd.ts';
import type { Variables } from './variables.ts';

export type OptimizerConfig = SgdConfig | AdamWConfig;

export interface Optimizer {
  /** Updates the variables that have a gradient; others (and their state) stay as they are, as in PyTorch with `grad = None`. */
  step(gradients: Record<string, tf.Tensor>, learningRate: number): void;
  /** All state by name (`momentum.NAME`, `exp_avg.NAME`, `exp_avg_sq.NAME`, `steps`). The tensors stay the optimizer's: do not dispose them. */
  state(): Record<string, tf.Tensor>;
  /** Takes over the values (copied) of a state of the same names and shapes. */
  restore(state: Record<string, tf.Tensor>): void;
  /** Learning rate scale and weight decay of each parameter, after the groups. */
  settings: Record<string, GroupSettings>;
  dispose(): void;
}

/** The rule of one optimizer for one parameter, with the state it keeps for it. */
export interface UpdateRule {
  /** Names of the state tensors a parameter has, each of the parameter's shape, first zero. */
  slots: readonly string[];
  /** New value of the parameter and of its slots. `step` counts this parameter's updates from 1. Runs inside tf.tidy. */
  update(
    parameter: tf.Tensor,
    gradient: tf.Tensor,
    slots: tf.Tensor[],
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
  const slots = new Map(names.map((name) => [name, rule.slots.map(() => zeros(variables[name].shape))]));
  const steps = new Map(names.map((name) => [name, 0]));
  let counts = zeros([names.length], 'int32');

  const named = (): Record<string, tf.Variable> =>
    Object.fromEntries(names.flatMap((name) => rule.slots.map((slot, i) => [`${slot}.${name}`, slots.get(name)![i]])));
  const state = (): Record<string, tf.Tensor> => {
    counts.dispose();
    counts = tf.tidy(() => tf.variable(tf.tensor1d([...steps.values()], 'int32'), false));
    return { ...named(), steps: counts };
  };

  return {
    settings,
    state,
    step(gradients, learningRate) {
      for (const [name, gradient] of Object.entries(gradients)) {
        checkGradient(name, gradient, variables[name]);
        const { lrScale, weightDecay } = settings[name];
        const step = steps.get(name)! + 1;
        const own = slots.get(name)!;
        tf.tidy(() => {
          const next = rule.update(variables[name], gradient, own, { step, learningRate: learningRate * lrScale, weightDecay });
          variables[name].assign(next.parameter);
          for (const [i, value] of next.slots.entries()) own[i].assign(value);
        });
        steps.set(name, step);
      }
    },
    restore(saved) {
      const want = state();
      for (const name of new Set([...Object.keys(want), ...Object.keys(saved)])) {
        const [wanted, got] = [want[name]?.shape, saved[name]?.shape];
        if (!wanted || !got || `${wanted}` !== `${got}`) {
          throw new Error(`optimizer: state ${name} is ${got ? `[${got}]` : 'missing'}, expected ${wanted ? `[${wanted}]` : 'none'}`);
        }
      }
      for (const [name, slot] of Object.entries(named())) slot.assign(saved[name]);
      for (const [i, count] of saved.steps.dataSync().entries()) steps.set(names[i], count);
    },
    dispose() {
      for (const own of slots.values()) tf.dispose(own);
      counts.dispose();
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

function zeros(shape: number[], dtype: 'float32' | 'int32' = 'float32'): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros(shape, dtype), false));
}
