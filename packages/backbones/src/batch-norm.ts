// Batch normalisation with the statistics of the batch, as one differentiable operation with a hand-derived gradient.
// Ioffe and Szegedy, "Batch Normalization", 2015, algorithm 1; PyTorch's conventions: biased variance normalises, the unbiased one goes into
// the running variance, new running value = (1 - momentum) old + momentum batch.
//
//   y  = scale (x - mean) inv + shift,  inv = 1 / sqrt(variance + epsilon),  m = N H W
//   d_shift = sum dy;   d_scale = inv (sum dy x - mean sum dy)
//   dx = a dy + b (x - mean) + c,  a = scale inv,  b = -a inv d_scale / m,  c = -a d_shift / m
// Forward: three passes over x; backward: six. (tf.batchNorm's affine form is TensorFlow's fused inference kernel: one pass.)
import * as tf from '@tensorflow/tfjs-core';
import { channelSum } from './activation.ts';

export const EPSILON = 1e-5;

export interface RunningStatistics {
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
}

/**
 * @param x [N,H,W,C] with more than one value a channel.
 * @param scale, shift [C].
 * @param running statistics so far; `onUpdate` receives the new ones, kept beyond any tf.tidy, to be disposed by the receiver.
 */
export function batchNorm(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  running: RunningStatistics,
  momentum: number,
  onUpdate: (next: RunningStatistics) => void,
): tf.Tensor4D {
  const channels = x.shape[3];
  const m = x.size / channels;
  if (m < 2)
    throw new Error(`batchNorm: one value a channel in [${x.shape}] has no variance; give a larger batch or freeze the statistics`);
  const zero = () => tf.zeros([channels]) as tf.Tensor1D;
  const one = () => tf.ones([channels]) as tf.Tensor1D;
  const op = tf.customGrad((...args) => {
    const [x, scale, shift] = args as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
    const save = args[3] as tf.GradSaveFunc;
    const mean = tf.div(channelSum(x), m) as tf.Tensor1D;
    const variance = tf.div(channelSum(tf.squaredDifference(x, mean)), m) as tf.Tensor1D;
    const blend = (old: tf.Tensor, now: tf.Tensor) => tf.keep(tf.add(tf.mul(old, 1 - momentum), tf.mul(now, momentum))) as tf.Tensor1D;
    onUpdate({ mean: blend(running.mean, mean), variance: blend(running.variance, tf.mul(variance, m / (m - 1))) });
    save([x, scale, mean, tf.rsqrt(tf.add(variance, EPSILON))]);
    const backward = (dy: tf.Tensor4D, saved: tf.Tensor[]) => {
      const [x, scale, mean, inv] = saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
      const dShift = channelSum(dy);
      const dScale = tf.mul(inv, tf.sub(channelSum(tf.mul(dy, x)), tf.mul(mean, dShift)));
      const a = tf.mul(scale, inv) as tf.Tensor1D;
      const b = tf.div(tf.mul(tf.mul(a, inv), dScale), -m) as tf.Tensor1D;
      const c = tf.div(tf.mul(a, dShift), -m) as tf.Tensor1D;
      const dx = tf.add(tf.batchNorm(x, mean, one(), c, b, 0), tf.batchNorm(dy, zero(), one(), zero(), a, 0));
      return [dx, dScale, dShift];
    };
    const value = tf.batchNorm(x, mean, variance, shift, scale, EPSILON);
    return { value, gradFunc: (dy: tf.Tensor4D, saved: tf.Tensor[]) => tf.tidy(() => backward(dy, saved)) };
  });
  return op(x, scale, shift) as tf.Tensor4D;
}
