// From the answers of the second stage to the boxes found: every RoI offers a box for every class; the likely ones are thinned class by class.
import { decodeBoxes } from '../ops/box-coder.ts';
import { clipBoxes, largeBoxes, takeBoxes } from '../ops/boxes.ts';
import { batchedNms } from '../ops/nms.ts';
import type { Detections, ImageExtent } from '../types.ts';
import { BOX_CODER, type DetectionsConfig } from './config.ts';

/** Boxes with a shorter side, in pixels, are no objects. */
const MIN_SIZE = 1e-2;

/**
 * Boxes of one image.
 * @param probabilities [n, K + 1], column 0 the background
 * @param deltas [n, 4 (K + 1)]
 * @param proposals n boxes
 */
export function findBoxes(
  probabilities: Float32Array,
  deltas: Float32Array,
  proposals: Float32Array,
  image: ImageExtent,
  { scoreThreshold, nmsThreshold, limit }: Required<DetectionsConfig>,
): Detections {
  const count = proposals.length / 4;
  const columns = count > 0 ? probabilities.length / count : 1;
  // Candidates above the threshold first: decoding all n K boxes would be a waste.
  const candidates: number[] = [];
  for (let i = 0; i < probabilities.length; i++) if (i % columns !== 0 && probabilities[i] > scoreThreshold) candidates.push(i);
  const references = takeBoxes(
    proposals,
    candidates.map((i) => Math.floor(i / columns)),
  );
  const boxes = clipBoxes(decodeBoxes(takeBoxes(deltas, candidates), references, BOX_CODER), image.height, image.width);
  const large = largeBoxes(boxes, MIN_SIZE);
  const kept = takeBoxes(boxes, large);
  const scores = Float32Array.from(large, (i) => probabilities[candidates[i]]);
  const labels = large.map((i) => (candidates[i] % columns) - 1);
  const keep = batchedNms(kept, scores, labels, nmsThreshold, limit);
  return { boxes: takeBoxes(kept, keep), scores: Float32Array.from(keep, (i) => scores[i]), labels: keep.map((i) => labels[i]) };
}
