// Training losses: focal loss on every cell, GIoU on the cells that learn a box, both divided by the number of the latter.
// Everything but the focal loss reads only those cells' rows (gather, whose gradient is a scatter): a few hundred of thousands.
import * as tf from '@tensorflow/tfjs-core';
import { binaryCrossEntropy, giouLoss } from '../ops/losses.ts';
import { checkTargets } from '../targets.ts';
import type { DetectionTargets, ImageSize, Params } from '../types.ts';
import { type Assignment, assignTargets } from './assign.ts';
import { MAX_LOG_DISTANCE, type ResolvedConfig } from './config.ts';
import { FOCAL_ALPHA, focalLossSum } from './focal.ts';
import { forward } from './network.ts';

export function oneStageLosses(
  config: ResolvedConfig,
  params: Params,
  pyramid: readonly tf.Tensor4D[],
  targets: DetectionTargets,
  imageSize: ImageSize,
): Record<string, tf.Scalar> {
  return tf.tidy(() => {
    const outputs = forward(config, params, pyramid);
    checkTargets('oneStage', targets, outputs[0].shape[0], config.classes);
    const levels = outputs.map(({ shape: [, height, width] }, i) => checkedLevel(config.strides[i], height, width, imageSize));
    const assignment = assignTargets(levels, targets, config);
    const columns = outputs[0].shape[3];
    const flat = outputs.map((output) => tf.reshape(output, [-1, columns]));
    const rows = (flat.length > 1 ? tf.concat(flat, 0) : flat[0]) as tf.Tensor2D;
    const { classification, box, centreness } = config.lossWeights;
    const count = assignment.positives.length;
    const mean = (sum: tf.Tensor, weight: number) => tf.mul(sum, weight / Math.max(count, 1)) as tf.Scalar;

    const { signs, weights } = focalTargets(assignment, config.classes, columns);
    const losses: Record<string, tf.Scalar> = { cls_loss: mean(focalLossSum(rows, signs, weights), classification) };
    // Without objects one dummy row of weight 0 keeps the graph, and with it every gradient, in place.
    const empty = count === 0;
    const positives = tf.gather(rows, tf.tensor1d(empty ? [0] : assignment.positives, 'int32'));
    const goal = tf.tensor2d(empty ? new Float32Array(4).fill(1) : assignment.distances, [Math.max(count, 1), 4]);
    const logDistances = tf.slice(positives, [0, config.classes], [-1, 4]) as tf.Tensor2D;
    losses.box_loss = mean(tf.sum(boxLoss(logDistances, goal)), empty ? 0 : box);
    if (config.centreness) {
      const logits = tf.slice(positives, [0, config.classes + 4], [-1, 1]);
      losses.centreness_loss = mean(tf.sum(binaryCrossEntropy(logits, centrenessOf(goal))), empty ? 0 : centreness);
    }
    return losses;
  });
}

/** 1 - GIoU, [n]. The cell is the origin and the stride the unit: GIoU does not mind. */
function boxLoss(logDistances: tf.Tensor2D, goal: tf.Tensor2D): tf.Tensor1D {
  const outward = tf.tensor2d([-1, -1, 1, 1], [1, 4]);
  const distances = tf.exp(tf.minimum(logDistances, MAX_LOG_DISTANCE));
  return giouLoss(tf.mul(distances, outward) as tf.Tensor2D, tf.mul(goal, outward) as tf.Tensor2D);
}

/** FCOS eq. 3: sqrt(min(l, r) / max(l, r) x min(t, b) / max(t, b)), [n, 1]. */
function centrenessOf(goal: tf.Tensor2D): tf.Tensor {
  const [l, t, r, b] = tf.split(goal, 4, 1);
  const ratio = (p: tf.Tensor, q: tf.Tensor) => tf.div(tf.minimum(p, q), tf.maximum(p, q));
  return tf.sqrt(tf.mul(ratio(l, r), ratio(t, b)));
}

/**
 * Signs and weights of focalLossSum, [rows, columns]. Columns behind the classes get weight 0: passing over them is cheaper
 * than cutting the classes out of the map and putting their gradient back.
 */
function focalTargets({ rows, positives, labels, ignored }: Assignment, classes: number, columns: number) {
  const signs = new Float32Array(rows * columns).fill(1);
  const weights = new Float32Array(rows * columns).fill(1 - FOCAL_ALPHA);
  for (let row = 0; row < rows; row++) weights.fill(0, row * columns + classes, (row + 1) * columns);
  for (const row of ignored) weights.fill(0, row * columns, (row + 1) * columns);
  positives.forEach((row, i) => {
    signs[row * columns + labels[i]] = -1;
    weights[row * columns + labels[i]] = FOCAL_ALPHA;
  });
  return { signs: tf.tensor2d(signs, [rows, columns]), weights: tf.tensor2d(weights, [rows, columns]) };
}

function checkedLevel(stride: number, height: number, width: number, [imageHeight, imageWidth]: ImageSize) {
  if (height !== Math.ceil(imageHeight / stride) || width !== Math.ceil(imageWidth / stride))
    throw new Error(
      `oneStage: a map of ${height} x ${width} cells does not fit stride ${stride} and image size [${imageHeight}, ${imageWidth}]`,
    );
  return { stride, height, width };
}
