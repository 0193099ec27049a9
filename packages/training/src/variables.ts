// Named parameters as trainable variables.
import * as tf from '@tensorflow/tfjs-core';

/** Parameters by name, e.g. `{'layer1.0.conv1.weight': ...}`. */
export type Variables = Record<string, tf.Variable>;

/**
 * Makes a variable of each tensor, under the same names. Takes the tensors over: the given ones are disposed.
 * `trainable: false` for buffers (running statistics, frozen parameters).
 */
export function toVariables(params: Record<string, tf.Tensor>, { trainable = true }: { trainable?: boolean } = {}): Variables {
  const variables = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, tf.variable(value, trainable)]));
  tf.dispose(params);
  return variables;
}
