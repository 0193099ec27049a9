// From the answers of the region proposal network to a few hundred boxes an image: the best of each level, moved, clipped, thinned by NMS.
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { anchorPyramid } from '../ops/anchors.ts';
import { decodeBoxes } from '../ops/box-coder.ts';
import { clipBoxes, largeBoxes, takeBoxes } from '../ops/boxes.ts';
import { batchedNms, topScores } from '../ops/nms.ts';
import type { ImageExtent, ImageSize } from '../types.ts';
import { type ResolvedConfig, RPN_CODER } from './config.ts';
import type { RpnOutput } from './rpn.ts';

export interface ProposalOptions {
  /** Candidates a level before NMS. */
  preNms: number;
  /** Proposals an image after NMS. */
  postNms: number;
  nmsThreshold: number;
  minSize: number;
}

/** Anchors of each level of this pyramid. */
export function pyramidAnchors(
  { anchorSizes, aspectRatios }: ResolvedConfig,
  pyramid: readonly Tensor4D[],
  imageSize: ImageSize,
): Float32Array[] {
  const sizes = pyramid.map(({ shape }) => [shape[1], shape[2]] as const);
  return anchorPyramid(anchorSizes, aspectRatios, sizes, imageSize);
}

/** Proposals of every image of a batch, from the values of the predictions. */
export function proposeBatch(
  { objectness, deltas }: RpnOutput,
  anchors: readonly Float32Array[],
  images: readonly ImageExtent[],
  options: ProposalOptions,
): Float32Array[] {
  const scores = objectness.dataSync() as Float32Array;
  const offsets = deltas.dataSync() as Float32Array;
  const count = objectness.shape[1];
  return images.map((image, i) => {
    const [begin, end] = [i * count, (i + 1) * count];
    return proposeBoxes(scores.subarray(begin, end), offsets.subarray(4 * begin, 4 * end), anchors, image, options);
  });
}

/**
 * Proposals of one image, by falling score.
 * @param objectness logits of all anchors, level after level
 * @param deltas four offsets an anchor
 * @param anchors boxes of each level
 */
export function proposeBoxes(
  objectness: Float32Array,
  deltas: Float32Array,
  anchors: readonly Float32Array[],
  image: ImageExtent,
  options: ProposalOptions,
): Float32Array {
  const boxes: number[] = [];
  const scores: number[] = [];
  const levels: number[] = [];
  let first = 0;
  anchors.forEach((levelAnchors, level) => {
    const count = levelAnchors.length / 4;
    const levelScores = objectness.subarray(first, first + count);
    const levelDeltas = deltas.subarray(4 * first, 4 * (first + count));
    first += count;
    const best = topScores(levelScores, options.preNms);
    const decoded = decodeBoxes(takeBoxes(levelDeltas, best), takeBoxes(levelAnchors, best), RPN_CODER);
    const clipped = clipBoxes(decoded, image.height, image.width);
    for (const i of largeBoxes(clipped, options.minSize)) {
      boxes.push(...clipped.subarray(4 * i, 4 * i + 4));
      scores.push(levelScores[best[i]]);
      levels.push(level);
    }
  });
  const all = Float32Array.from(boxes);
  return takeBoxes(all, batchedNms(all, Float32Array.from(scores), Int32Array.from(levels), options.nmsThreshold, options.postNms));
}
