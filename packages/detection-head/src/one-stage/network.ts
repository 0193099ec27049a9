// The network: a tower of 3x3 convolutions with ReLU, shared by all levels and by both tasks, then one 3x3 convolution whose
// columns are K class logits, 4 log distances (left, top, right, bottom, in strides) and, if wanted, the centre-ness logit.
// The branches are parameters of their own but computed as ONE convolution: two narrow ones take twice the time.
import * as tf from '@tensorflow/tfjs-core';
import type { Params } from '../types.ts';
import type { ResolvedConfig } from './config.ts';
import { branches } from './layout.ts';
import { relu } from './relu.ts';

/** Output of each level: [N, H, W, K + 4] or [N, H, W, K + 5]. */
export function forward(config: ResolvedConfig, params: Params, pyramid: readonly tf.Tensor4D[]): tf.Tensor4D[] {
  checkPyramid(config, pyramid);
  const names = branches(config).map(({ name }) => name);
  const filter = tf.concat(
    names.map((name) => params[`${name}.weight`]),
    3,
  ) as tf.Tensor4D;
  const bias = tf.concat(
    names.map((name) => params[`${name}.bias`]),
    0,
  ) as tf.Tensor1D;
  return pyramid.map((features) => {
    let x = features;
    for (let i = 0; i < config.convs; i++) x = relu(convolve(x, params[`head.conv.${i}.weight`], params[`head.conv.${i}.bias`]));
    return convolve(x, filter, bias);
  });
}

function convolve(x: tf.Tensor4D, filter: tf.Tensor, bias: tf.Tensor): tf.Tensor4D {
  return tf.fused.conv2d({ x, filter: filter as tf.Tensor4D, strides: 1, pad: 'same', bias });
}

function checkPyramid({ channels, strides }: ResolvedConfig, pyramid: readonly tf.Tensor4D[]): void {
  const shapes = pyramid.map(({ shape }) => `[${shape}]`).join(', ');
  if (pyramid.length !== strides.length)
    throw new Error(`oneStage: ${pyramid.length} pyramid levels (${shapes}) for strides [${strides}]; give one level a stride`);
  if (!pyramid.every(({ shape }) => shape[3] === channels && shape[0] === pyramid[0].shape[0]))
    throw new Error(`oneStage: pyramid levels ${shapes} must have ${channels} channels each and equal batch sizes`);
}
