// The plain head of "Fully Convolutional Networks" (Long et al. 2015) as it is used today: some 3x3 convolutions on ONE level, a 1x1
// convolution, bilinear upsampling. With no 3x3 convolution and the finest level of a pyramid it is the cheapest head there is. Names
// are mmsegmentation's.
import type * as tf from '@tensorflow/tfjs-core';
import { checkCounts, resolveLoss, resolveNorm, type SegmentationConfig } from './config.ts';
import { createHead } from './head.ts';
import { applyLayer, type Layer } from './layers.ts';
import type { Params, SegmentationHead } from './types.ts';

export interface FcnConfig extends SegmentationConfig {
  /** Pixels a cell of each pyramid level, finest first. */
  strides: readonly number[];
  /** Which level is read, 0 the finest; default 0. */
  level?: number;
  /** 3x3 convolutions before the predictor; default 1. */
  convs?: number;
  /** Channels of the 3x3 convolutions; default `channels`. */
  width?: number;
}

const OPERATION = 'fcn';
const PREFIX = 'decode_head';

/** A pyramid level is [N, ceil(H / stride), ceil(W / stride), channels]; levels other than `level` take no part. */
export function fcn(config: FcnConfig): SegmentationHead {
  const { classes, channels, strides, level = 0, convs = 1, width = channels } = config;
  checkCounts(OPERATION, { classes, channels, width });
  if (!Number.isInteger(convs) || convs < 0) throw new Error(`${OPERATION}: convs ${convs} must be a whole number >= 0`);
  if (strides.length === 0 || !strides.every((stride) => Number.isInteger(stride) && stride >= 1))
    throw new Error(`${OPERATION}: strides [${strides}] must be whole numbers >= 1, one a level`);
  const stride = strides[level];
  if (stride === undefined) throw new Error(`${OPERATION}: level ${level} of ${strides.length}; give one from 0 to ${strides.length - 1}`);
  const spec = resolveNorm(OPERATION, config, width);
  const tower = Array.from(
    { length: convs },
    (_, i): Layer => ({
      name: `${PREFIX}.convs.${i}.conv`,
      shape: [3, 3, i === 0 ? channels : width, width],
      stride,
      norm: { name: `${PREFIX}.convs.${i}.gn`, spec },
    }),
  );
  const predictor: Layer = { name: `${PREFIX}.conv_seg`, shape: [1, 1, convs === 0 ? channels : width, classes], stride };
  const layers = [...tower, predictor];
  return createHead({
    operation: OPERATION,
    classes,
    strides,
    channels,
    layers,
    stride,
    loss: resolveLoss(OPERATION, config),
    forward: (params: Params, pyramid: readonly tf.Tensor4D[]) => layers.reduce((x, layer) => applyLayer(params, layer, x), pyramid[level]),
  });
}
