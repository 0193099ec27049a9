// Detection: propose, pool, classify, refine, thin out.
import * as tf from '@tensorflow/tfjs-core';
import { takeBoxes } from '../ops/boxes.ts';
import type { Detections, ImageExtent, ImageSize, Params } from '../types.ts';
import { boxForward } from './box-head.ts';
import type { ResolvedConfig } from './config.ts';
import { poolRois } from './pool.ts';
import { findBoxes } from './post-process.ts';
import { proposeBatch, pyramidAnchors } from './proposals.ts';
import { rpnForward } from './rpn.ts';

/** Objects of each image. Leaves no tensor behind. */
export function detectObjects(
  config: ResolvedConfig,
  params: Params,
  pyramid: readonly tf.Tensor4D[],
  images: readonly ImageExtent[],
  imageSize: ImageSize,
): Detections[] {
  const { rpn } = config;
  const output = tf.tidy(() => rpnForward(params, pyramid));
  const anchors = pyramidAnchors(config, pyramid, imageSize);
  const proposals = proposeBatch(output, anchors, images, { ...rpn, preNms: rpn.preNmsDetect, postNms: rpn.postNmsDetect });
  tf.dispose([output.objectness, output.deltas]);
  // Image by image: the pooled grids of a whole batch would be the largest tensors of the model.
  return proposals.map((boxes, image) => {
    if (boxes.length === 0) return { boxes: new Float32Array(0), scores: new Float32Array(0), labels: new Int32Array(0) };
    const rois = { boxes, images: new Int32Array(boxes.length / 4).fill(image) };
    let order: Int32Array = new Int32Array(0);
    const [probabilities, deltas] = tf.tidy(() => {
      const pool = poolRois(pyramid, rois, imageSize, config.roi);
      order = pool.order;
      const answer = boxForward(params, pool.pooled);
      return [tf.softmax(answer.logits), answer.deltas];
    });
    const found = findBoxes(
      probabilities.dataSync() as Float32Array,
      deltas.dataSync() as Float32Array,
      takeBoxes(boxes, order),
      images[image],
      config.detections,
    );
    tf.dispose([probabilities, deltas]);
    return found;
  });
}
