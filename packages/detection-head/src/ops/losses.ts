// Losses as tensor expressions: differentiable in the predictions. The element-wise ones leave the reduction to the caller.
import * as tf from '@tensorflow/tfjs-core';

/** Smooth L1 (Girshick 2015, eq. 3), element by element: d^2 / (2 beta) for |d| < beta, else |d| - beta / 2. beta 0 is plain L1. */
export function smoothL1<T extends tf.Tensor>(prediction: T, target: tf.Tensor, beta = 1): T {
  const distance = tf.abs(tf.sub(prediction, target));
  if (beta === 0) return distance as T;
  // With m = min(|d|, beta) both branches are m (|d| - m / 2) / beta.
  const inner = tf.minimum(distance, beta);
  return tf.div(tf.mul(inner, tf.sub(distance, tf.mul(inner, 0.5))), beta) as T;
}

/** Binary cross-entropy of sigmoid(logits), element by element: softplus(x) - x t. Targets in 0..1. */
export function binaryCrossEntropy<T extends tf.Tensor>(logits: T, targets: tf.Tensor): T {
  return tf.sub(tf.softplus(logits), tf.mul(logits, targets)) as T;
}

/**
 * Mean cross-entropy of softmax(logits), a scalar.
 * @param logits [n, K]
 * @param labels [n] int32 in 0..K-1, or `ignoreIndex`: that row counts neither in the sum nor in the mean
 * With no row left the loss is 0 (torch gives NaN), so that an empty image does no harm.
 */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D, ignoreIndex?: number): tf.Scalar {
  const classes = logits.shape[1];
  if (logits.shape[0] !== labels.shape[0])
    throw new Error(`crossEntropy: ${logits.shape[0]} rows of logits do not match ${labels.shape[0]} labels`);
  // oneHot leaves an all-zero row for a label out of range: make the ignored ones such.
  const chosen = ignoreIndex === undefined ? labels : tf.where(tf.equal(labels, ignoreIndex), tf.fill(labels.shape, -1, 'int32'), labels);
  const oneHot = tf.oneHot(tf.cast(chosen, 'int32') as tf.Tensor1D, classes);
  const count = tf.maximum(tf.sum(oneHot), 1);
  return tf.div(tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot))), count) as tf.Scalar;
}

export interface FocalOptions {
  /** Weight of the positives, 1 - alpha that of the negatives. Default .25. */
  alpha?: number;
  /** How strongly well-classified elements fade. Default 2. */
  gamma?: number;
}

/** Sigmoid focal loss (Lin et al. 2017, RetinaNet, eq. 5), element by element: alpha_t (1 - p_t)^gamma BCE. Targets 0 or 1. */
export function sigmoidFocalLoss<T extends tf.Tensor>(logits: T, targets: tf.Tensor, { alpha = 0.25, gamma = 2 }: FocalOptions = {}): T {
  const probability = tf.sigmoid(logits);
  // |p - t| is 1 - p_t for t in {0, 1}; written as p (1 - 2 t) + t, whose derivative is defined everywhere.
  const sign = tf.sub(1, tf.mul(targets, 2));
  const miss = tf.add(tf.mul(probability, sign), targets);
  const fade = gamma === 2 ? tf.square(miss) : tf.pow(miss, gamma);
  const weight = tf.add(tf.mul(targets, 2 * alpha - 1), 1 - alpha);
  return tf.mul(tf.mul(binaryCrossEntropy(logits, targets), fade), weight) as T;
}

/**
 * Generalised IoU loss 1 - GIoU (Rezatofighi et al. 2019) of n box pairs, [n], in 0..2; differentiable in both.
 * @param boxes [n, 4] x1, y1, x2, y2 with x2 >= x1 and y2 >= y1
 */
export function giouLoss(boxes: tf.Tensor2D, targets: tf.Tensor2D, epsilon = 1e-7): tf.Tensor1D {
  const [x1, y1, x2, y2] = tf.split(boxes, 4, 1);
  const [u1, v1, u2, v2] = tf.split(targets, 4, 1);
  const overlapX = tf.relu(tf.sub(tf.minimum(x2, u2), tf.maximum(x1, u1)));
  const overlapY = tf.relu(tf.sub(tf.minimum(y2, v2), tf.maximum(y1, v1)));
  const overlap = tf.mul(overlapX, overlapY);
  const areas = tf.add(tf.mul(tf.sub(x2, x1), tf.sub(y2, y1)), tf.mul(tf.sub(u2, u1), tf.sub(v2, v1)));
  const union = tf.sub(areas, overlap);
  const hullX = tf.sub(tf.maximum(x2, u2), tf.minimum(x1, u1));
  const hullY = tf.sub(tf.maximum(y2, v2), tf.minimum(y1, v1));
  const hull = tf.mul(hullX, hullY);
  const iou = tf.div(overlap, tf.add(union, epsilon));
  const waste = tf.div(tf.sub(hull, union), tf.add(hull, epsilon));
  return tf.reshape(tf.add(tf.sub(1, iou), waste), [-1]);
}
