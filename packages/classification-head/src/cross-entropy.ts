// Softmax cross-entropy with label smoothing (Szegedy et al. 2016, section 7): a target is 1 - s at its class plus s / K at every class.
import * as tf from '@tensorflow/tfjs-core';

/**
 * Mean over the rows, a scalar, as torch's cross_entropy.
 * @param logits [n,K].
 * @param labels n numbers of 0..K-1.
 * @throws on a label out of range: it would silently count as no class at all.
 */
export function crossEntropy(logits: tf.Tensor2D, labels: Int32Array, smoothing = 0): tf.Scalar {
  const [rows, classes] = logits.shape;
  if (labels.length !== rows) throw new Error(`crossEntropy: ${labels.length} labels do not match logits [${logits.shape}]`);
  const wrong = labels.findIndex((label) => !(label >= 0 && label < classes));
  if (wrong >= 0) throw new Error(`crossEntropy: label ${labels[wrong]} of image ${wrong} is not in 0..${classes - 1}`);
  return tf.tidy(() => {
    const hot = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32');
    const targets = smoothing === 0 ? hot : tf.add(tf.mul(hot, 1 - smoothing), smoothing / classes);
    return tf.div(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), targets))), rows) as tf.Scalar;
  });
}
