// The mask heads of a block: 3x3 convolutions of the block input to one channel each, with bias. Paper, section 3.1.
// A head has the stride of the convolution that its mask is for: 1 for conv1, else that of the block (integration.ts).
//
// A convolution with so few outputs spends its time copying x into columns (im2col) and costs as much as one with 32. So it is computed
// the other way round: first the product of every position with all nine taps of all filters (one matrix product with 9 rows a head), then nine
// shifted sums of the small result. 11 ms -> 4.5 ms forward and backward at [16,40,40,64], two heads. A head at stride 2 is the same sum, subsampled.
import * as tf from '@tensorflow/tfjs-core';
import { parameter } from './conv-bn.ts';
import { subsample } from './convolve.ts';
import { maskHeads } from './integration.ts';
import type { BlockSpec, Params } from './types.ts';

/** Logits of every head, [N,ceil(H/s),ceil(W/s),1] with s the head's stride. */
export function maskLogits(params: Params, block: BlockSpec, x: tf.Tensor4D): tf.Tensor4D[] {
  const [count, height, width] = x.shape;
  const heads = maskHeads(block).map(({ index, stride }) => ({ name: `${block.name}.conv${index}_mask`, stride }));
  const filter = tf.concat(
    heads.map(({ name }) => parameter<tf.Tensor4D>(params, `${name}.weight`)),
    3,
  );
  const planes = narrowConv3x3(x, filter);
  return heads.map(({ name, stride }, h) => {
    const plane = tf.reshape(tf.slice(planes, [h, 0, 0, 0], [1, count, height, width]), [count, height, width, 1]);
    const logits = tf.add(plane, parameter(params, `${name}.bias`)) as tf.Tensor4D;
    return stride === 1 ? logits : subsample(logits, stride);
  });
}

/**
 * 3x3 convolution, stride 1, padding 1, with few outputs.
 * @param x [N,H,W,C].
 * @param filter [3,3,C,K].
 * @returns [K,N,H,W]: an output channel after another. Differentiable in x and filter.
 */
export function narrowConv3x3(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  return narrow(x, filter) as tf.Tensor4D;
}

const narrow = tf.customGrad((input, weight, save) => {
  const [x, filter] = [input as tf.Tensor4D, weight as tf.Tensor4D];
  const [count, height, width, channels] = x.shape;
  const outputs = filter.shape[3];
  const images = outputs * count;
  const [taps, rows] = [tapRows(filter), tf.reshape(x, [-1, channels])];
  (save as tf.GradSaveFunc)([taps, rows]);
  const products = tf.matMul(taps, rows, false, true);
  const value = tf.reshape(shiftedSum(tf.reshape(products, [9, images, height, width])), [outputs, count, height, width]);
  const backward = (dy: tf.Tensor4D, [taps, rows]: tf.Tensor[]) => {
    const shifted = tf.reshape(shifts(tf.reshape(dy, [images, height, width])), [9 * outputs, -1]);
    const dx = tf.reshape(tf.matMul(shifted, taps, true, false), [count, height, width, channels]);
    const dw = tf.reshape(tf.matMul(shifted, rows), [9, outputs, channels]);
    return [dx, tf.reshape(tf.transpose(dw, [0, 2, 1]), [3, 3, channels, outputs])];
  };
  return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => backward(dy as tf.Tensor4D, saved)) };
});

/** [3,3,C,K] -> [9K,C]: a row for each tap and output. */
function tapRows(filter: tf.Tensor4D): tf.Tensor2D {
  const [, , channels, outputs] = filter.shape;
  return tf.reshape(tf.transpose(tf.reshape(filter, [9, channels, outputs]), [0, 2, 1]), [9 * outputs, channels]);
}

/** out(y,x) = sum over taps t = (i,j) of products[t](y+i-1, x+j-1); [9,I,H,W] -> [1,I,H,W]. */
function shiftedSum(products: tf.Tensor4D): tf.Tensor4D {
  const [, images, height, width] = products.shape;
  const framed = tf.pad(products, [
    [0, 0],
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
  const size: [number, number, number, number] = [1, images, height, width];
  const taps = Array.from({ length: 9 }, (_, t) => tf.slice(framed, [t, 0, Math.floor(t / 3), t % 3], size));
  return tf.addN(taps) as tf.Tensor4D;
}

/** The adjoint: out[t](y,x) = dy(y+1-i, x+1-j); [I,H,W] -> [9,I,H,W]. */
function shifts(dy: tf.Tensor3D): tf.Tensor4D {
  const framed = tf.pad(dy, [
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
  return tf.stack(Array.from({ length: 9 }, (_, t) => tf.slice(framed, [0, 2 - Math.floor(t / 3), 2 - (t % 3)], dy.shape))) as tf.Tensor4D;
}
