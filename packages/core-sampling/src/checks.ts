// Shape checks shared by the functions of this package.
import type * as tf from '@tensorflow/tfjs-core';

/** Throws unless `tensor` is [N,H,W,1]; `operation` and `name` appear in the message. */
export function assertMaskShape(operation: string, name: string, tensor: tf.Tensor): void {
  if (tensor.rank !== 4 || tensor.shape[3] !== 1) {
    throw new Error(`${operation}: ${name} has shape [${tensor.shape}]; give a map of shape [N,H,W,1]`);
  }
}

/** Throws unless `value` is a number in [0,1]. */
export function assertFraction(operation: string, name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new Error(`${operation}: ${name} is ${value}; give a number from 0 to 1`);
}
