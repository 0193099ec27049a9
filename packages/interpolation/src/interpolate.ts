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
 * Windows are odd; outside the map there is nothing.
 *
 * `empty`: what `rbf` and `average` tend to where a window holds (nearly) no sample. `zero` (default): 0, the paper's. `mean`: the mean of the
 * map's samples, channel by channel; 0 only where a map has no sample at all. All weights then sum to 1 everywhere, so that the
 * interpolation commutes with affine maps without exception.
 *
 * `support`: over which points `rbf` and `average` average while masks are soft, in training; hard masks have one answer. `soft` (default, the
 * paper's): all, weighted by their masks. The division by the sum of the weights then cancels small masks (a mask of .001 everywhere gives nearly the
 * dense features), so that training hardly feels what inference leaves out. `hard`: points with a mask of at least 1/2, those that inference
 * would sample. A mask below 1/2 then has the gradient <dL/dOUT, F - Fhat>: what computing the point changes.
 */
export type InterpolationSpec =
  | { kind: 'rbf'; window: number; sigma: number | tf.Tensor; empty?: EmptyWindow; support?: Support }
  | { kind: 'average'; window: number; empty?: EmptyWindow; support?: Support }
  | { kind: 'convolution'; window: number; filter: tf.Tensor4D }
  | { kind: 'zeros' }
  | { kind: 'reuse'; source: tf.Tensor4D };

export type EmptyWindow = 'zero' | 'mean';
export type Support = 'soft' | 'hard';

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
        return supported(features, mask, spec.support, (m) =>
          rbfInterpolation(features, m, spec.window, spec.sigma, priorOf(features, m, spec.empty)),
        );
      case 'average':
        return supported(features, mask, spec.support, (m) =>
          averageInterpolation(features, m, spec.window, priorOf(features, m, spec.empty)),
        );
      case 'convolution':
        return convolutionInterpolation(features, mask, spec.filter);
      case 'zeros':
        return tf.mul(features, mask);
      case 'reuse':
        return tf.add(tf.mul(features, mask), tf.mul(spec.source, tf.sub(1, mask)));
    }
  });
}

/**
 * `normalised` over the support. Of the hard one: H = M where M >= 1/2, else 0; normalised(F, H) is H F + (1 - H) Fhat, so that
 * OUT = M F + (1 - M) Fhat differs from it only where H is 0, by M (F - Fhat).
 */
function supported(
  features: tf.Tensor4D,
  mask: tf.Tensor4D,
  support: Support = 'soft',
  normalised: (mask: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor4D {
  if (support === 'soft') return normalised(mask);
  const sampled = tf.cast(tf.greaterEqual(mask, 0.5), 'float32');
  const filled = normalised(tf.mul(mask, sampled) as tf.Tensor4D);
  const rest = tf.mul(mask, tf.sub(1, sampled));
  return tf.add(filled, tf.mul(rest, tf.sub(features, filled)));
}

/** Mean of the samples of each map, [N,1,1,C]; undefined: 0. */
function priorOf(features: tf.Tensor4D, mask: tf.Tensor4D, empty: EmptyWindow = 'zero'): tf.Tensor4D | undefined {
  if (empty === 'zero') return undefined;
  const count = tf.sum(mask, [1, 2], true);
  // Of a map without a sample the sum is 0, and so is the mean.
  return tf.div(tf.sum(tf.mul(features, mask), [1, 2], true), tf.maximum(count, 1e-5)) as tf.Tensor4D;
}

function check(features: tf.Tensor4D, mask: tf.Tensor4D, spec: InterpolationSpec): void {
  const [count, height, width, channels] = features.shape;
  if (features.rank !== 4 || String(mask.shape) !== String([count, height, width, 1])) {
    throw new Error(`interpolate: mask [${mask.shape}] does not match features [${features.shape}]; give [N,H,W,1] and [N,H,W,C]`);
  }
  if ('window' in spec && !(Number.isInteger(spec.window) && spec.window % 2 === 1 && spec.window > 0)) {
    throw new Error(`interpolate: window ${spec.window}; give an odd whole number, such as 7`);
  }
  if ('support' in spec && ![undefined, 'soft', 'hard'].includes(spec.support)) {
    throw new Error(`interpolate: support is '${spec.support}'; give soft or hard`);
  }
  if ('empty' in spec && ![undefined, 'zero', 'mean'].includes(spec.empty)) {
    throw new Error(`interpolate: empty is '${spec.empty}'; give zero or mean`);
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
