// The plain head of "Fully Convolutional Networks" (Long et al. 2015) as it is used today: some 3x3 convolutions on ONE level, a 1x1
// convolution, bilinear upsampling. With no 3x3 convolution and the finest level of a pyramid it is the cheapest head there is. Names
// are mmsegmentation's.
import type * as tf from '@tensorflow/tfjs-core';
import type { FcnConfig } from './config.ts';
import { createHead } from './head.ts';
import { applyLayer } from './layers.ts';
import { fcnLayout, layersOf } from './layout.ts';
import { resolveLoss } from './loss-settings.ts';
import type { Params, SegmentationHead } from './types.ts';

const OPERATION = 'fcn';

/** A pyramid level is [N, ceil(H / stride), ceil(W / stride), channels]; levels other than `level` take no part. */
export function fcn(config: FcnConfig): SegmentationHead {
  const layout = fcnLayout(config);
  const [{ level }] = layout.levels;
  return createHead({
    operation: OPERATION,
    layout,
    loss: resolveLoss(OPERATION, config),
    forward: (params: Params, pyramid: readonly tf.Tensor4D[]) =>
      layersOf(layout).reduce((x, layer) => applyLayer(params, layer, x), pyramid[level]),
  });
}
