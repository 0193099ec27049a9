// Non-maximum suppression: walk the boxes by falling score, keep a box unless its IoU with a kept one exceeds the threshold.
// torchvision's rules: strictly greater suppresses, equal scores go lower index first, 0/0 (two empty boxes) suppresses nothing.
import { boxAreas, boxCount, intersection } from './boxes.ts';

/** Indices of `scores` by falling score, equal scores by rising index. */
export function byFallingScore(scores: Float32Array): Int32Array {
  const order = new Int32Array(scores.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  return order.sort((i, j) => scores[j] - scores[i] || i - j);
}

/** Indices of the `count` highest scores (all, if fewer), by falling score, equal scores by rising index. */
export function topScores(scores: Float32Array, count: number): Int32Array {
  if (count >= scores.length) return byFallingScore(scores);
  if (count <= 0) return new Int32Array(0);
  // A plain numeric sort of typed arrays is native: it finds the last score that enters, the few chosen are ordered after.
  const least = scores.slice().sort()[scores.length - count];
  const above: number[] = [];
  const equal: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] > least) above.push(i);
    else if (scores[i] === least) equal.push(i);
  }
  const chosen = Int32Array.from([...above, ...equal.slice(0, count - above.length)]);
  return chosen.sort((i, j) => scores[j] - scores[i] || i - j);
}

/** Indices of the boxes kept, by falling score; stops at `limit` of them. */
export function nms(boxes: Float32Array, scores: Float32Array, threshold: number, limit = Number.POSITIVE_INFINITY): Int32Array {
  return batchedNms(boxes, scores, new Int32Array(scores.length), threshold, limit);
}

/** NMS within each group (class or pyramid level): boxes of different groups never suppress each other. */
export function batchedNms(
  boxes: Float32Array,
  scores: Float32Array,
  groups: Int32Array,
  threshold: number,
  limit = Number.POSITIVE_INFINITY,
): Int32Array {
  const count = boxCount(boxes);
  if (scores.length !== count || groups.length !== count)
    throw new Error(`batchedNms: ${count} boxes, ${scores.length} scores, ${groups.length} groups; give one of each a box`);
  const areas = boxAreas(boxes);
  const keptOf = new Map<number, number[]>();
  const keep: number[] = [];
  for (const i of byFallingScore(scores)) {
    if (keep.length >= limit) break;
    let kept = keptOf.get(groups[i]);
    if (!kept) {
      kept = [];
      keptOf.set(groups[i], kept);
    }
    if (isSuppressed(boxes, areas, i, kept, threshold)) continue;
    kept.push(i);
    keep.push(i);
  }
  return Int32Array.from(keep);
}

function isSuppressed(boxes: Float32Array, areas: Float32Array, i: number, kept: readonly number[], threshold: number): boolean {
  for (let k = 0; k < kept.length; k++) {
    const overlap = intersection(boxes, i, boxes, kept[k]);
    if (overlap / (areas[i] + areas[kept[k]] - overlap) > threshold) return true;
  }
  return false;
}
