// The sparsity penalty of network slimming (Liu et al. 2017, eq. 1): the sum of |gamma| over batch norm scales. Times 1e-4 (the paper) it
// joins the loss, and training pushes the scales of channels that are not needed to 0.
import * as tf from '@tensorflow/tfjs-core';

/**
 * Sum of |gamma|, a scalar; differentiable, with gradient sign(gamma), 0 at 0.
 * @param names which scales, as `slimmingScales` lists them. Default: every `.weight` of rank 1; only batch norms have such.
 */
export function slimmingPenalty(params: Record<string, tf.Tensor>, names?: readonly string[]): tf.Scalar {
  const chosen = names ?? Object.keys(params).filter((name) => name.endsWith('.weight') && params[name].rank === 1);
  const missing = chosen.filter((name) => params[name]?.rank !== 1);
  if (chosen.length === 0 || missing.length > 0)
    throw new Error(
      `slimmingPenalty: ${missing.length > 0 ? `no scale ${missing.join(', ')}` : 'no batch norm'} among ${Object.keys(params).length} parameters`,
    );
  return tf.tidy(() => {
    const scales = tf.concat(chosen.map((name) => params[name] as tf.Tensor1D));
    // Not tf.abs, whose gradient at 0 is -1.
    return tf.sum(tf.mul(scales, tf.sign(scales))) as tf.Scalar;
  });
}
