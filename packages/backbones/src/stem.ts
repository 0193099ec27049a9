// Stems: from the image [N,H,W,3] to features at stride 4.
import type * as tf from '@tensorflow/tfjs-core';
import { convBatchNorm } from './conv-bn.ts';
import { maxPool3x3 } from './convolve.ts';
import type { BatchNormMode, Params, ResNetConfig } from './types.ts';

/** `imagenet`: 7x7/2, BN, relu, 3x3/2 max pool (He et al. 2016). `small`: twice 3x3/2, BN, relu. */
export function stemForward(params: Params, stem: ResNetConfig['stem'], x: tf.Tensor4D, batchNorm?: BatchNormMode): tf.Tensor4D {
  const first = convBatchNorm(params, 'conv1', 'bn1', x, { stride: 2, activate: true, batchNorm });
  if (stem.kind === 'imagenet') return maxPool3x3(first);
  return convBatchNorm(params, 'conv2', 'bn2', first, { stride: 2, activate: true, batchNorm });
}
