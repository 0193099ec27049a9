// One training step: loss terms -> weighted sum -> gradients -> check -> clip -> optimizer.
import * as tf from '@tensorflow/tfjs-core';
import { clipFactor, gradientNorm, scaleGradients } from './clip.ts';
import type { Optimizer } from './optimizer.ts';
import type { Variables } from './variables.ts';

/** Scalars by name. */
export type LossTerms = Record<string, tf.Scalar>;

export interface StepOptions {
  variables: Variables;
  optimizer: Optimizer;
  /** Runs inside tf.tidy. */
  loss(): LossTerms;
  /** A term without weight counts once; weight 0: measured and logged, but not part of the loss. */
  weights: Record<string, number>;
  clipNorm?: number;
  step: number;
  learningRate: number;
}

export interface StepValues {
  loss: number;
  /** Unweighted. */
  terms: Record<string, number>;
  /** Of all gradients, before clipping. */
  norm: number;
}

/** A loss term, the loss or the gradient norm is NaN or infinite; the variables are as they were before the step. */
export class NonFiniteLossError extends Error {
  readonly step: number;
  /** The first term at fault, or 'loss', or 'norm' (then `parameters` names where the gradient is not finite). */
  readonly term: string;
  readonly values: Record<string, number>;
  readonly parameters: string[];

  constructor(step: number, term: string, values: Record<string, number>, parameters: string[] = []) {
    const listed = Object.entries(values).map(([name, value]) => `${name} ${value}`);
    const where = parameters.length > 0 ? `; gradients not finite: ${parameters.slice(0, 5).join(', ')}` : '';
    super(
      `training: ${term} is ${values[term]} at step ${step} (${listed.join(', ')}${where}); try a lower learning rate or gradient clipping`,
    );
    this.name = 'NonFiniteLossError';
    this.step = step;
    this.term = term;
    this.values = values;
    this.parameters = parameters;
  }
}

/** Runs one step and returns its values; leaves no tensor behind. */
export function trainStep({ variables, optimizer, loss, weights, clipNorm, step, learningRate }: StepOptions): StepValues {
  let terms: string[] = [];
  let report: tf.Tensor | undefined;
  try {
    return tf.tidy(() => {
      const { grads } = tf.variableGrads(() => {
        const values = loss();
        terms = Object.keys(values);
        const total = weightedSum(values, weights);
        // Kept: what the loss function does not return is disposed when it ends.
        report = tf.keep(tf.stack([...Object.values(values), total]));
        return total;
      }, Object.values(variables));
      // variableGrads names gradients by the variables' own registered names.
      const gradients: Record<string, tf.Tensor> = {};
      for (const [name, variable] of Object.entries(variables)) {
        if (grads[variable.name]) gradients[name] = grads[variable.name];
      }
      // One read for all numbers: it waits for the device.
      const numbers = tf.concat([report!, tf.reshape(gradientNorm(gradients), [1])]).dataSync();
      const names = [...terms, 'loss', 'norm'];
      const values = Object.fromEntries(names.map((name, i) => [name, numbers[i]]));
      const culprit = names.find((_, i) => !Number.isFinite(numbers[i]));
      if (culprit !== undefined) {
        const parameters = culprit === 'norm' ? Object.keys(gradients).filter((name) => !isFiniteTensor(gradients[name])) : [];
        throw new NonFiniteLossError(step, culprit, values, parameters);
      }
      const { loss: total, norm, ...rest } = values;
      optimizer.step(clipNorm === undefined ? gradients : scaleGradients(gradients, clipFactor(norm, clipNorm)), learningRate);
      return { loss: total, terms: rest, norm };
    });
  } finally {
    report?.dispose();
  }
}

function weightedSum(terms: LossTerms, weights: Record<string, number>): tf.Scalar {
  for (const name of Object.keys(weights)) {
    if (!(name in terms)) throw new Error(`training: weight for ${name}, but the loss has the terms ${Object.keys(terms).join(', ')}`);
  }
  const parts: tf.Scalar[] = [];
  for (const [name, value] of Object.entries(terms)) {
    if (name === 'loss' || name === 'norm') throw new Error(`training: a loss term may not be called ${name}`);
    if (value.rank !== 0) throw new Error(`training: loss term ${name} has shape [${value.shape}], a scalar expected`);
    const weight = weights[name] ?? 1;
    if (weight !== 0) parts.push(weight === 1 ? value : tf.mul(value, weight));
  }
  if (parts.length === 0) throw new Error('training: the loss has no term with a weight other than 0');
  return parts.length === 1 ? parts[0] : tf.addN(parts);
}

function isFiniteTensor(tensor: tf.Tensor): boolean {
  return tensor.dataSync().every(Number.isFinite);
}
