// Convolution with PyTorch's padding k//2 on every side, whatever the stride and the parity of the size. TensorFlow's 'same' pads one side
// less on even sizes at stride 2, so those are padded by hand.
import * as tf from '@tensorflow/tfjs-core';

/**
 * @param x [N,H,W,C].
 * @param filter [k,k,C,O], k odd.
 * @returns [N, ceil(H/stride), ceil(W/stride), O], differentiable in x and filter.
 */
export function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, stride = 1): tf.Tensor4D {
  const [height, width, channels] = filter.shape;
  if (x.rank !== 4 || x.shape[3] !== channels) throw new Error(`convolve: filter [${filter.shape}] does not match features [${x.shape}]`);
  if (height !== width || height % 2 === 0) throw new Error(`convolve: filter [${filter.shape}]; give an odd square one`);
  if (height === 1) return pointwise(stride === 1 ? x : subsample(x, stride), filter) as tf.Tensor4D;
  if (stride === 1) return tf.conv2d(x, filter, 1, 'same');
  return tf.tidy(() => tf.conv2d(padded(x, height >> 1, stride), filter, stride, 'valid'));
}

/** 3x3 max pool of stride 2 with padding 1, for features that are not negative (after relu), where a zero border is as good as -infinity. */
export function maxPool3x3(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => tf.maxPool(padded(x, 1, 2), 3, 2, 'valid'));
}

/** Every stride-th row and column, from (0,0): what a 1x1 convolution of that stride reads. */
export function subsample(x: tf.Tensor4D, stride: number): tf.Tensor4D {
  // An average over one cell: the pooling with the cheapest gradient (that of a strided slice is missing in tfjs).
  return tf.avgPool(x, 1, stride, 'valid');
}

/** Zero border of `radius` at the start, and at the end just as far as a filter of that radius reaches. */
function padded(x: tf.Tensor4D, radius: number, stride: number): tf.Tensor4D {
  const [, height, width] = x.shape;
  const end = (size: number) => Math.max(0, (Math.ceil(size / stride) - 1) * stride + radius - (size - 1));
  return tf.pad(x, [
    [0, 0],
    [radius, end(height)],
    [radius, end(width)],
    [0, 0],
  ]);
}

// A 1x1 convolution is a matrix product; its gradients as products take half the time of TensorFlow's convolution gradients.
const pointwise = tf.customGrad((input, weight, save) => {
  const [x, filter] = [input as tf.Tensor4D, weight as tf.Tensor4D];
  const [count, height, width, channels] = x.shape;
  const outputs = filter.shape[3];
  const [rows, matrix] = [tf.reshape(x, [-1, channels]), tf.reshape(filter, [channels, outputs])];
  (save as tf.GradSaveFunc)([rows, matrix]);
  const backward = (dy: tf.Tensor, [rows, matrix]: tf.Tensor[]) => {
    const dRows = tf.reshape(dy, [-1, outputs]);
    const dx = tf.reshape(tf.matMul(dRows, matrix, false, true), [count, height, width, channels]);
    return [dx, tf.reshape(tf.matMul(rows, dRows, true, false), [1, 1, channels, outputs])];
  };
  return {
    value: tf.reshape(tf.matMul(rows, matrix), [count, height, width, outputs]),
    gradFunc: (dy, saved) => tf.tidy(() => backward(dy, saved)),
  };
});
