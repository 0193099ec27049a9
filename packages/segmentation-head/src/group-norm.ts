// Group normalisation (Wu and He 2018) as one differentiable operation: every group of channels of an image has mean 0 and variance 1
// over its pixels, then a scale and a shift a channel. torch's conventions: biased variance, epsilon inside the root.
//
//   z = (x - mean) inv,  inv = 1 / sqrt(variance + epsilon),  y = scale z + shift,  m = H W C / G
//   d_shift = sum dy;  d_scale = sum dy z
//   dx = inv (scale dy - (sum_g scale dy) / m - z (sum_g scale dy z) / m)
import * as tf from '@tensorflow/tfjs-core';

const EPSILON = 1e-5;

/** @param x [N,H,W,C]. @param scale, shift [C]. @param groups divides C. */
export function groupNorm(x: tf.Tensor4D, scale: tf.Tensor1D, shift: tf.Tensor1D, groups: number): tf.Tensor4D {
  const [count, height, width, channels] = x.shape;
  if (channels % groups !== 0) throw new Error(`groupNorm: ${groups} groups do not divide ${channels} channels of [${x.shape}]`);
  const m = (height * width * channels) / groups;
  /** Sum over the pixels, [N,1,C]: as a product with a row of ones, faster than tf.sum. */
  const pixelSum = (value: tf.Tensor) =>
    tf.matMul(tf.fill([1, 1, height * width], 1), tf.reshape(value, [count, height * width, channels]));
  /** [N,1,C] -> sums of each group, [N,1,1,C]. */
  const groupSum = (value: tf.Tensor) => {
    const sums = tf.sum(tf.reshape(value, [count, groups, channels / groups]), 2, true);
    return tf.reshape(tf.tile(sums, [1, 1, channels / groups]), [count, 1, 1, channels]);
  };

  const operation = tf.customGrad((...args) => {
    const [x, scale, shift] = args as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D];
    const save = args[3] as tf.GradSaveFunc;
    const centred = tf.sub(x, tf.div(groupSum(pixelSum(x)), m));
    const inv = tf.rsqrt(tf.add(tf.div(groupSum(pixelSum(tf.square(centred))), m), EPSILON));
    const z = tf.mul(centred, inv) as tf.Tensor4D;
    save([z, inv, scale]);
    const backward = (dy: tf.Tensor4D, [z, inv, scale]: tf.Tensor[]) => {
      const dyPixels = pixelSum(dy);
      const dyzPixels = pixelSum(tf.mul(dy, z));
      const a = tf.mul(inv, scale);
      const b = tf.div(tf.mul(inv, groupSum(tf.mul(dyzPixels, scale))), m);
      const c = tf.div(tf.mul(inv, groupSum(tf.mul(dyPixels, scale))), m);
      const dx = tf.sub(tf.mul(dy, a), tf.add(tf.mul(z, b), c));
      return [dx, tf.reshape(tf.sum(dyzPixels, 0), [channels]), tf.reshape(tf.sum(dyPixels, 0), [channels])];
    };
    return {
      value: tf.add(tf.mul(z, scale), shift) as tf.Tensor4D,
      gradFunc: (dy: tf.Tensor4D, saved: tf.Tensor[]) => tf.tidy(() => backward(dy, saved)),
    };
  });
  return operation(x, scale, shift) as tf.Tensor4D;
}
