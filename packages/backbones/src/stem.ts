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

/** The convolutions of a stem: name of conv and norm, filter shape HWIO. */
export function stemConvolutions(stem: ResNetConfig['stem']): { conv: string; norm: string; shape: [number, number, number, number] }[] {
  if (stem.kind === 'imagenet') return [{ conv: 'conv1', norm: 'bn1', shape: [7, 7, 3, stem.width] }];
  const [first, second] = stem.widths;
  return [
    { conv: 'conv1', norm: 'bn1', shape: [3, 3, 3, first] },
    { conv: 'conv2', norm: 'bn2', shape: [3, 3, first, second] },
  ];
}

/** Channels after the stem. */
export function stemChannels(stem: ResNetConfig['stem']): number {
  return stem.kind === 'imagenet' ? stem.width : stem.widths[1];
}
