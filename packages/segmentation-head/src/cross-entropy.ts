// Cross-entropy a pixel, with torch's weighting: sum of w[label] (-log softmax(logits)[label]) over the pixels, divided by the sum of w[label].
// One operation with a gradient of its own, (softmax - one-hot) w / sum w: at full resolution each pass over the logits counts.
import * as tf from '@tensorflow/tfjs-core';

export interface CrossEntropyOptions {
  /** Pixels with this label count neither in the sum nor in the mean; default 255. */
  ignoreLabel?: number;
  /** A factor >= 0 for each class; default 1. */
  classWeights?: readonly number[];
}

/**
 * @param logits [N,H,W,K]
 * @param labels N H W numbers, 0..K-1 or `ignoreLabel`
 * With no pixel of weight left the loss is 0 (torch gives NaN), so that an unlabelled image does no harm.
 * Throws, naming value and place, on other labels.
 */
export function pixelCrossEntropy(logits: tf.Tensor4D, labels: ArrayLike<number>, options: CrossEntropyOptions = {}): tf.Scalar {
  const { ignoreLabel = 255, classWeights } = options;
  const classes = logits.shape[3];
  const { chosen, weights, total } = weigh(logits.shape, labels, ignoreLabel, classWeights);
  const operation = tf.customGrad((input, save) => {
    const logProbability = tf.logSoftmax(tf.reshape(input as tf.Tensor, [-1, classes]));
    const weight = tf.tensor2d(weights, [weights.length, 1]);
    // One-hot leaves a row of zeros for -1.
    const target = tf.mul(tf.oneHot(tf.tensor1d(chosen, 'int32'), classes, 1, 0, 'float32'), weight);
    (save as tf.GradSaveFunc)([logProbability, weight, target]);
    const share = total > 0 ? 1 / total : 0;
    const backward = (dy: tf.Scalar, [logProbability, weight, target]: tf.Tensor[]) =>
      tf.reshape(tf.mul(tf.sub(tf.mul(tf.exp(logProbability), weight), target), tf.mul(dy, share)), logits.shape);
    return {
      value: tf.mul(tf.sum(tf.mul(logProbability, target)), -share) as tf.Scalar,
      gradFunc: (dy: tf.Scalar, saved: tf.Tensor[]) => tf.tidy(() => backward(dy, saved)),
    };
  });
  return tf.tidy(() => operation(logits) as tf.Scalar);
}

/** Throws unless there are K finite weights >= 0, one of them above. */
export function checkClassWeights(operation: string, classWeights: readonly number[] | undefined, classes: number): void {
  if (classWeights === undefined) return;
  const fits = classWeights.length === classes && classWeights.every((weight) => weight >= 0 && Number.isFinite(weight));
  if (!fits || classWeights.every((weight) => weight === 0))
    throw new Error(`${operation}: classWeights [${classWeights}] must be ${classes} finite numbers >= 0, not all of them 0`);
}

/** Class (-1: ignored) and weight of each pixel, and the sum of the weights. */
function weigh(shape: readonly number[], labels: ArrayLike<number>, ignoreLabel: number, classWeights?: readonly number[]) {
  const [count, height, width, classes] = shape;
  if (classes < 2) throw new Error(`crossEntropy: logits [${shape}] have ${classes} class; give two or more`);
  if (labels.length !== count * height * width)
    throw new Error(`crossEntropy: ${labels.length} labels do not match logits [${shape}]; give one a pixel, ${count * height * width}`);
  checkClassWeights('crossEntropy', classWeights, classes);
  const chosen = new Int32Array(labels.length);
  const weights = new Float32Array(labels.length);
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label === ignoreLabel) {
      chosen[i] = -1;
      continue;
    }
    if (!(label >= 0 && label < classes)) {
      const [x, y, image] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
      throw new Error(
        `crossEntropy: label ${label} in image ${image} at x ${x}, y ${y} is not in 0..${classes - 1} and not ${ignoreLabel} (ignored)`,
      );
    }
    chosen[i] = label;
    weights[i] = classWeights?.[label] ?? 1;
    total += weights[i];
  }
  return { chosen, weights, total };
}
