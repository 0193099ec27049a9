// The focal loss (Lin et al. 2017, RetinaNet, eq. 5; gamma 2) summed over a dense map, with its gradient written out: half the
// passes over the map that the composed operations make.
//
//   z = x for background, -x for an object;  p = sigmoid(z), the probability of being wrong;  s = softplus(z) = -log(1 - p)
//   L = sum w p^2 s        w = .75 for background, .25 for an object, 0 for a cell that does not count
//   dL/dx = w (dz/dx) p^2 (2 (1 - p) s + p)
import * as tf from '@tensorflow/tfjs-core';

export const FOCAL_ALPHA = 0.25;

/** @param signs dz/dx: 1 background, -1 object. @param weights w above. Both of the shape of `logits`; no gradient in them. */
export function focalLossSum(logits: tf.Tensor, signs: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  const operation = tf.customGrad((x, save) => {
    const z = tf.mul(x as tf.Tensor, signs);
    const p = tf.sigmoid(z);
    const s = tf.softplus(z);
    const faded = tf.mul(weights, tf.square(p));
    (save as tf.GradSaveFunc)([p, s, tf.mul(faded, signs)]);
    return {
      value: tf.sum(tf.mul(faded, s)) as tf.Scalar,
      gradFunc: (dy: tf.Tensor, [p, s, signed]: tf.Tensor[]) => {
        const slope = tf.add(tf.mul(tf.mul(tf.sub(1, p), s), 2), p);
        return tf.mul(tf.mul(slope, signed), dy);
      },
    };
  });
  return operation(logits) as tf.Scalar;
}
