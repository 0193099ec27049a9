// Loss of the region proposal network (Ren et al. 2015, eq. 1, with torchvision's normalisation): binary cross-entropy over the drawn
// anchors, smooth L1 over the positive ones; both divided by the number of drawn anchors in the batch.
import * as tf from '@tensorflow/tfjs-core';
import { binaryCrossEntropy, smoothL1 } from '../ops/losses.ts';
import type { Assignment } from './assign.ts';
import { BOX_BETA } from './config.ts';
import type { RpnOutput } from './rpn.ts';

/** Scalars `objectness` and `box`. `assignments` has an entry an image; with no anchor drawn at all both are 0. */
export function rpnLosses(
  { objectness, deltas }: RpnOutput,
  assignments: readonly Assignment[],
): { objectness: tf.Scalar; box: tf.Scalar } {
  const anchors = objectness.shape[1];
  const drawn = assignments.flatMap(({ indices }, image) => Array.from(indices, (index) => image * anchors + index));
  const count = Math.max(drawn.length, 1);
  const positive = assignments.flatMap(({ truths }) => Array.from(truths, (truth) => (truth >= 0 ? 1 : 0)));
  const goals = assignments.flatMap((assignment) => [...assignment.deltas]);
  // With nothing drawn one anchor stands in, at weight 0, so that the losses still hang on the parameters.
  const weight = drawn.length > 0 ? 1 / count : 0;
  if (drawn.length === 0) {
    drawn.push(0);
    positive.push(0);
    goals.push(0, 0, 0, 0);
  }
  const index = tf.tensor1d(drawn, 'int32');
  const isObject = tf.tensor1d(positive, 'float32');
  const scores = tf.gather(tf.reshape(objectness, [-1]), index);
  const moves = tf.gather(tf.reshape(deltas, [-1, 4]), index);
  const distance = smoothL1(moves, tf.tensor2d(goals, [drawn.length, 4]), BOX_BETA);
  return {
    objectness: tf.mul(tf.sum(binaryCrossEntropy(scores, isObject)), weight),
    box: tf.mul(tf.sum(tf.mul(distance, tf.expandDims(isObject, 1))), weight),
  };
}
