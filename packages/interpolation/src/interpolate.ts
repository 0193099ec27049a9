// Interpolation of the positions that were not computed: OUT = M F + (1 - M) Fhat. Paper, section 3.2 and Tables 1 and 2.
import * as tf from '@tensorflow/tfjs-core';
import { convolutionInterpolation } from './convolution.ts';
import { averageInterpolation, rbfInterpolation } from './normalised.ts';

/**
 * What Fhat is:
 * - `rbf`: mean of the window's sampled points, weighted by a Gaussian of the distance; `sigma` (a number, or a tensor of one value that
 *   learns) is an inverse width: the larger, the more the nearest point counts. The paper's choice, window 7, sigma 3 at the start;
 * - `average`: plain mean of the window's sampled points;
 * - `convolution`: learned depthwise kernel `filter` [k,k,C,1] over F M, not normalised;
 * - `zeros`: 0;
 * - `reuse`: the value of `source` (shape of the features) at the same place, such as the layer's own input.
 * Windows are odd; outside the map there is nothing. Where a window holds no sample, `rbf` and `average` give 0.
 */
export type InterpolationSpec =
  | { kind: 'rbf'; window: number; sigma: number | tf.Tensor }
  | { kind: 'average'; window: number }
  | { kind: 'convolution'; window: number; filter: tf.Tensor4D }
  | { kind: 'zeros' }
  | { kind: 'reuse'; source: tf.Tensor4D };

/**
 * Keeps the sampled features and fills in the rest.
 * @param features F, [N,H,W,C]; values where the mask is 0 are not read (they may be anything finite).
 * @param mask M, [N,H,W,1] in [0,1]: hard (0 or 1) or soft, as in training.
 * @returns [N,H,W,C]. Differentiable (once) in features, mask, a sigma tensor, filter and source.
 */
export function interpolate(features: tf.Tensor4D, mask: tf.Tensor4D, spec: InterpolationSpec): tf.Tensor4D {
  check(features, mask, spec);
  return tf.tidy(() => {
    switch (spec.kind) {
      case 'rbf':
        return rbfInterpolation(features, mask, spec.window, spec.sigma);
      case 'average':
        return averageInterpolation(features, mask, spec.window);
      case 'convolution':
        return convolutionInterpolation(features, mask, spec.filter);
      case 'zeros':
        return tf.mul(features, mask);
      case 'reuse':
        return tf.add(tf.mul(features, mask), tf.mul(spec.source, tf.sub(1, mask)));
    }
  });
}

function check(features: tf.Tensor4D, mask: tf.Tensor4D, spec: InterpolationSpec): void {
  const [count, height, width, channels] = features.shape;
  if (features.rank !== 4 || String(mask.shape) !== String([count, height, width, 1])) {
    throw new Error(`interpolate: mask [${mask.shape}] does not match features [${features.shape}]; give [N,H,W,1] and [N,H,W,C]`);
  }
  if ('window' in spec && !(Number.isInteger(spec.window) && spec.window % 2 === 1 && spec.window > 0)) {
    throw new Error(`interpolate: window ${spec.window}; give an odd whole number, such as 7`);
  }
  switch (spec.kind) {
    case 'rbf':
      if (typeof spec.sigma === 'number' ? !(spec.sigma > 0 && Number.isFinite(spec.sigma)) : spec.sigma.size !== 1) {
        const got = typeof spec.sigma === 'number' ? spec.sigma : `a tensor of shape [${spec.sigma.shape}]`;
        throw new Error(`interpolate: sigma is ${got}; give a number above 0 or a tensor of one value`);
      }
      return;
    case 'convolution':
      if (String(spec.filter.shape) !== String([spec.window, spec.window, channels, 1])) {
        throw new Error(
          `interpolate: filter [${spec.filter.shape}] does not match window ${spec.window} and features [${features.shape}]; ` +
            `give [${spec.window},${spec.window},${channels},1]`,
        );
      }
      return;
    case 'reuse':
      if (String(spec.source.shape) !== String(features.shape)) {
        throw new Error(
          `interpolate: source [${spec.source.shape}] does not match features [${features.shape}]; 'reuse' needs equal shapes`,
        );
      }
      return;
    case 'average':
    case 'zeros':
      return;
    default:
      throw new Error(`interpolate: unknown kind '${(spec as { kind: string }).kind}'; give rbf, average, convolution, zeros or reuse`);
  }
}
