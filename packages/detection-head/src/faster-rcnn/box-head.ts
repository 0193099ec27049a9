// The second stage: two fully connected layers on the pooled grid, then class logits and, for each class, box offsets
// (Girshick 2015, Fast R-CNN; Lin et al. 2017, sec. 4.2). Column 0 is the background, column k + 1 class k, as in torchvision.
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy, smoothL1 } from '../ops/losses.ts';
import type { Params } from '../types.ts';
import { BOX_BETA } from './config.ts';
import { LAYERS } from './layout.ts';

export interface BoxOutput {
  /** [n, K + 1]. */
  logits: tf.Tensor2D;
  /** [n, 4 (K + 1)]. */
  deltas: tf.Tensor2D;
}

/** Answers for n pooled RoIs [n, size, size, C]. */
export function boxForward(params: Params, pooled: tf.Tensor4D): BoxOutput {
  const flat = tf.reshape(pooled, [pooled.shape[0], -1]) as tf.Tensor2D;
  const hidden = tf.relu(dense(params, LAYERS.fc7, tf.relu(dense(params, LAYERS.fc6, flat))));
  return { logits: dense(params, LAYERS.score, hidden), deltas: dense(params, LAYERS.box, hidden) };
}

function dense(params: Params, layer: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.matMul(x, params[`${layer}.weight`] as tf.Tensor2D), params[`${layer}.bias`]);
}

/** Column of the background and label of a row that takes no part in the loss. */
export const BACKGROUND_COLUMN = 0;
export const NO_LABEL = -1;

/**
 * Cross-entropy over the RoIs, and smooth L1 of the offsets that belong to the true class, both divided by the number of RoIs.
 * @param columns the true column of each RoI: BACKGROUND_COLUMN, class + 1, or NO_LABEL
 * @param goals four offsets a RoI
 */
export function boxLosses(
  { logits, deltas }: BoxOutput,
  columns: Int32Array,
  goals: Float32Array,
): { classifier: tf.Scalar; box: tf.Scalar } {
  const rows = columns.length;
  const count = Math.max(columns.filter((column) => column !== NO_LABEL).length, 1);
  const perRow = logits.shape[1];
  const cells = columns.map((column, row) => row * perRow + Math.max(column, 0));
  const moves = tf.gather(tf.reshape(deltas, [rows * perRow, 4]), tf.tensor1d(cells, 'int32'));
  const isObject = tf.tensor2d(
    Float32Array.from(columns, (column) => (column > BACKGROUND_COLUMN ? 1 : 0)),
    [rows, 1],
  );
  const distance = tf.mul(smoothL1(moves, tf.tensor2d(goals, [rows, 4]), BOX_BETA), isObject);
  return {
    classifier: crossEntropy(logits, tf.tensor1d(columns, 'int32'), NO_LABEL),
    box: tf.div(tf.sum(distance), count),
  };
}
