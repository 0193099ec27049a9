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

/** Filter and bias that do convolution `conv` followed by the frozen batch norm `norm`. Differentiable in filter, scale and shift. */
export function foldBatchNorm(params: Params, conv: string, norm: string): { filter: tf.Tensor4D; bias: tf.Tensor1D } {
  const of = (name: string) => parameter(params, name);
  const [filter, scale, shift] = [of(`${conv}.weight`), of(`${norm}.weight`), of(`${norm}.bias`)];
  const [mean, variance] = [of(`${norm}.running_mean`), of(`${norm}.running_var`)];
  const inv = tf.rsqrt(tf.add(variance, EPSILON));
  return {
    filter: scaledFilter(inv)(filter, scale) as tf.Tensor4D,
    bias: shiftedBias(tf.mul(mean, inv))(shift, scale) as tf.Tensor1D,
  };
}

// Both by hand: automatic differentiation takes three times the operations for these small tensors, in every convolution of every step.

/** filter scale inv. */
const scaledFilter = (inv: tf.Tensor) =>
  tf.customGrad((filter, scale, save) => {
    const factor = tf.mul(scale as tf.Tensor, inv);
    (save as tf.GradSaveFunc)([filter as tf.Tensor, factor, inv]);
    const backward = (dy: tf.Tensor, [filter, factor, inv]: tf.Tensor[]) => [
      tf.mul(dy, factor),
      tf.mul(tf.sum(tf.mul(dy, filter), [0, 1, 2]), inv),
    ];
    return { value: tf.mul(filter as tf.Tensor, factor), gradFunc: (dy, saved) => tf.tidy(() => backward(dy, saved)) };
  });

/** shift - scale meanInv. */
const shiftedBias = (meanInv: tf.Tensor) =>
  tf.customGrad((shift, scale, save) => {
    (save as tf.GradSaveFunc)([meanInv]);
    return {
      value: tf.sub(shift as tf.Tensor, tf.mul(scale as tf.Tensor, meanInv)),
      gradFunc: (dy, [meanInv]) => tf.tidy(() => [tf.clone(dy), tf.neg(tf.mul(dy, meanInv))]),
    };
  });

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
