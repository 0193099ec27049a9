// The two interpolations of a block, by configuration: features after conv1 at mask 1 ("head 1"), and the residual branch at mask 2 ("head 2").
//
// Which order trains. rbf and average are weighted means and commute with the affine conv3+BN3, so training interpolates before conv3, on
// few channels, and inference after BN3 (paper, section 3.3). A learned filter, zeros and reuse do not commute: for them training, too, interpolates
// after BN3, so that the trained network is the tested one; the second learned filter has the channels of the block's OUTPUT, as its MACs say.
//
// `reuse` (the paper does not define it; ours): an unsampled point keeps what the layer was given. After conv1, the block input, averaged over
// neighbouring channels down to `planes`; on the residual branch, nothing, so that the block hands its shortcut on.
import { type InterpolationSpec, interpolate } from '@stint/interpolation';
import * as tf from '@tensorflow/tfjs-core';
import { parameter } from './conv-bn.ts';
import type { BlockSpec, Params } from './types.ts';

/**
 * Fills in what `mask` leaves out.
 * @param features [N,H,W,planes] for head 1, [N,H,W,planes2] for head 2 in training order, else [N,H,W,outChannels].
 * @param source the block input; read by 'reuse' at head 1.
 */
export function fillIn(
  params: Params,
  block: BlockSpec,
  head: 1 | 2,
  features: tf.Tensor4D,
  mask: tf.Tensor4D,
  source: tf.Tensor4D,
): tf.Tensor4D {
  return interpolate(features, mask, specOf(params, block, head, source));
}

function specOf(params: Params, block: BlockSpec, head: 1 | 2, source: tf.Tensor4D): InterpolationSpec {
  const { kind, window } = block.sampling!.interpolation;
  switch (kind) {
    case 'rbf':
      return { kind, window, sigma: parameter(params, `${block.name}.conv${head}_sigma`) };
    case 'average':
      return { kind, window };
    case 'convolution':
      return { kind, window, filter: parameter<tf.Tensor4D>(params, `${block.name}.conv${head}_filter`) };
    case 'reuse':
      return head === 1 ? { kind, source: channelMeans(source, block.planes) } : { kind: 'zeros' };
    default:
      return { kind };
  }
}

/** Means over groups of neighbouring channels, [N,H,W,C] -> [N,H,W,planes]. */
function channelMeans(x: tf.Tensor4D, planes: number): tf.Tensor4D {
  const [count, height, width, channels] = x.shape;
  if (channels === planes) return x;
  return tf.mean(tf.reshape(x, [count, height, width, planes, channels / planes]), 4) as tf.Tensor4D;
}
