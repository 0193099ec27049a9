// Interpolation by a learned depthwise kernel: Fhat = DWConv(F M, W), without normalisation; OUT = M F + (1 - M) Fhat.
// The paper's Table 1 compares with it; its released code does not hold it, so this is the definition used here.
//
// Both gradients are again depthwise convolutions of the forward kind, which CPU engines run several times faster than the
// gradient operations: by the input with the flipped kernel; by the kernel as a correlation of the padded input with the output's
// gradient, where batch and channels together are the channels and the gradient, H x W, is the kernel.
import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.ts';

export function convolutionInterpolation(features: tf.Tensor4D, mask: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const sampled = tf.mul(features, mask) as tf.Tensor4D;
  return tf.add(sampled, tf.mul(tf.sub(1, mask), depthwise(sampled, filter)));
}

/** Stride 1, zero padding, odd square kernel [k,k,C,1]; differentiable in both. */
function depthwise(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  return withGradient(
    [x, filter],
    (input, kernel) => ({ out: tf.depthwiseConv2d(input as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'same'), saved: [input, kernel] }),
    (dy, saved) => {
      const [input, kernel] = saved as tf.Tensor4D[];
      return [tf.depthwiseConv2d(dy, tf.reverse(kernel, [0, 1]), 1, 'same'), filterGradient(input, dy, kernel.shape[0])];
    },
  );
}

function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, size: number): tf.Tensor4D {
  const [count, height, width, channels] = x.shape;
  const pad = (size - 1) / 2;
  const rows = tf.pad(tf.transpose(x, [1, 2, 0, 3]), [
    [pad, pad],
    [pad, pad],
    [0, 0],
    [0, 0],
  ]);
  const input = tf.reshape(rows, [1, height + 2 * pad, width + 2 * pad, count * channels]) as tf.Tensor4D;
  const kernel = tf.reshape(tf.transpose(dy, [1, 2, 0, 3]), [height, width, count * channels, 1]) as tf.Tensor4D;
  const perImage = tf.reshape(tf.depthwiseConv2d(input, kernel, 1, 'valid'), [size, size, count, channels]);
  return tf.reshape(tf.sum(perImage, 2), [size, size, channels, 1]);
}
