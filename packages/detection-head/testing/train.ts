// Test helper: a few Adam steps (Kingma and Ba 2015) on a parameter map, so that "it learns" can be said of a head.
import * as tf from '@tensorflow/tfjs-core';
import type { Params } from '../src/index.ts';

/**
 * Trains copies of `params` for `steps` steps.
 * @returns the trained parameters (the caller owns them) and the loss before each step
 */
export function overfit(
  params: Params,
  loss: (params: Params, step: number) => tf.Scalar,
  { steps, rate }: { steps: number; rate: number },
): { params: Params; losses: number[] } {
  const variables: Record<string, tf.Variable> = {};
  for (const [name, value] of Object.entries(params)) variables[name] = tf.variable(value);
  const optimizer = tf.train.adam(rate);
  const losses = Array.from({ length: steps }, (_, step) => {
    const value = optimizer.minimize(() => loss(variables, step), true, Object.values(variables))!;
    const [number] = value.dataSync();
    value.dispose();
    return number;
  });
  optimizer.dispose();
  return { params: variables, losses };
}
