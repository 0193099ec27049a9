// The interpolations of a block, by configuration: of the features after conv1, of the residual branch, and with three masks of those after
// conv2 too (integration.ts).
//
// Which order trains. rbf and average are weighted means and commute with the affine conv3+BN3, so training interpolates before conv3, on
// few channels, and inference after BN3 (paper, section 3.3). A learned filter, zeros and reuse do not commute: for them training, too, interpolates
// after BN3, so that the trained network is the tested one; the second learned filter has the channels of the block's OUTPUT, as its MACs say.
//
// `reuse` (the paper does not define it; ours): an unsampled point keeps what the layer was given. After conv1, the block input, averaged over
// neighbouring channels down to `planes`; after conv2 (three masks), its input at every stride-th position, likewise; on the residual branch,
// nothing, so that the block hands its shortcut on.
import { type InterpolationSpec, interpolate } from '@stint/interpolation';
import * as tf from '@tensorflow/tfjs-core';
import { parameter } from './conv-bn.ts';
import { subsample } from './convolve.ts';
import type { Filling } from './integration.ts';
import type { BlockSpec, Params } from './types.ts';

/**
 * Fills in what `mask` leaves out.
 * @param features [N,H,W,C], C as `filling` says; of the residual branch in training order [N,H,W,planes2].
 * @param source what the layer was given; read by 'reuse' before the residual branch.
 */
export function fillIn(
  params: Params,
  block: BlockSpec,
  filling: Filling,
  features: tf.Tensor4D,
  mask: tf.Tensor4D,
  source: tf.Tensor4D,
): tf.Tensor4D {
  return interpolate(features, mask, specOf(params, block, filling, source));
}

function specOf(params: Params, block: BlockSpec, { head, channels, at, last }: Filling, source: tf.Tensor4D): InterpolationSpec {
  const { kind, window, empty, support } = block.sampling!.interpolation;
  switch (kind) {
    case 'rbf':
      return { kind, window, sigma: parameter(params, `${block.name}.conv${head}_sigma`), empty, support };
    case 'average':
      return { kind, window, empty, support };
    case 'convolution':
      return { kind, window, filter: parameter<tf.Tensor4D>(params, `${block.name}.conv${head}_filter`) };
    case 'reuse':
      if (last) return { kind: 'zeros' };
      return { kind, source: channelMeans(at === 'output' && block.stride > 1 ? subsample(source, block.stride) : source, channels) };
    default:
      return { kind };
  }
}

/** Means over groups of neighbouring channels, [N,H,W,C] -> [N,H,W,groups]. */
function channelMeans(x: tf.Tensor4D, groups: number): tf.Tensor4D {
  const [count, height, width, channels] = x.shape;
  if (channels === groups) return x;
  return tf.mean(tf.reshape(x, [count, height, width, groups, channels / groups]), 4) as tf.Tensor4D;
}
