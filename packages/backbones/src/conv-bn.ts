// Convolution, batch norm, residual, relu: the unit every part of the network is made of. Frozen statistics are folded into the filter inside the
// graph (w' = w scale / sqrt(variance + e), bias = shift - mean scale / sqrt(variance + e)): no pass over the features, and scale and shift
// still get their gradients, through the small w' and bias.
import * as tf from '@tensorflow/tfjs-core';
import { finish } from './activation.ts';
import { batchNorm, EPSILON } from './batch-norm.ts';
import { convolve } from './convolve.ts';
import type { BatchNormMode, Params } from './types.ts';

/** Looks a parameter up. @throws with its name when it is missing. */
export function parameter<T extends tf.Tensor = tf.Tensor>(params: Params, name: string): T {
  const value = params[name];
  if (!value) throw new Error(`backbone: parameter '${name}' is missing; initialise() or importTorchWeights() makes a full set`);
  return value as T;
}

/** Filter and bias that do convolution `conv` followed by the frozen batch norm `norm`. */
export function foldBatchNorm(params: Params, conv: string, norm: string): { filter: tf.Tensor4D; bias: tf.Tensor1D } {
  const [filter, scale, shift, mean, variance] = [
    `${conv}.weight`,
    `${norm}.weight`,
    `${norm}.bias`,
    `${norm}.running_mean`,
    `${norm}.running_var`,
  ].map((name) => parameter(params, name));
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, EPSILON)));
  return { filter: tf.mul(filter, factor) as tf.Tensor4D, bias: tf.sub(shift, tf.mul(mean, factor)) as tf.Tensor1D };
}

/** BN(conv(x)), and relu(BN(conv(x)) + residual) with `activate`. */
export function convBatchNorm(
  params: Params,
  conv: string,
  norm: string,
  x: tf.Tensor4D,
  options: { stride?: number; activate?: boolean; residual?: tf.Tensor4D; batchNorm?: BatchNormMode },
): tf.Tensor4D {
  const { stride = 1, activate = false, residual, batchNorm: mode } = options;
  if (mode?.mode === 'train') {
    const y = normalise(params, norm, convolve(x, parameter(params, `${conv}.weight`), stride), mode);
    return activate || residual ? replaced(y, finish(y, { residual, activate })) : y;
  }
  const { filter, bias } = foldBatchNorm(params, conv, norm);
  const z = convolve(x, filter, stride);
  return replaced(z, finish(z, { bias, residual, activate }));
}

/** Frees `old` now, not at the end of the surrounding tidy: no gradient needs it. */
function replaced(old: tf.Tensor, value: tf.Tensor4D): tf.Tensor4D {
  old.dispose();
  return value;
}

function normalise(params: Params, norm: string, z: tf.Tensor4D, { momentum, update }: BatchNormMode & { mode: 'train' }): tf.Tensor4D {
  const running = {
    mean: parameter<tf.Tensor1D>(params, `${norm}.running_mean`),
    variance: parameter<tf.Tensor1D>(params, `${norm}.running_var`),
  };
  return batchNorm(z, parameter(params, `${norm}.weight`), parameter(params, `${norm}.bias`), running, momentum, (next) => {
    update(`${norm}.running_mean`, next.mean);
    update(`${norm}.running_var`, next.variance);
  });
}
