// Which detections of one image and category are right: the greedy matching of the COCO metric, for every IoU threshold
// and area range. A detection takes, in falling order of score, the free ground truth it overlaps most.
import type { Groups } from './group.ts';
import { AREAS, IOU_THRESHOLDS } from './parameters.ts';

export const WRONG = 0;
export const RIGHT = 1;
/** Neither right nor wrong: matched to a crowd or to an object outside the area range, or unmatched and itself outside. */
export const IGNORED = 2;

/** Verdicts of all detections of one category. */
export interface CategoryMatches {
  /** [area][threshold][detection of the category]: WRONG, RIGHT or IGNORED */
  verdicts: Uint8Array;
  /** Ground truths that count, an area range. */
  positives: Float64Array;
  /** Place of a detection by score within its own image. */
  ranks: Int32Array;
  scores: Float64Array;
}

/** Matches the detections of category index `category` in every image. */
export function matchCategory(groups: Groups, category: number): CategoryMatches {
  const { truths, detections, imageIds } = groups;
  const firstGroup = category * imageIds.length;
  const start = detections.offsets[firstGroup];
  const total = detections.offsets[firstGroup + imageIds.length] - start;
  const verdicts = new Uint8Array(AREAS.length * IOU_THRESHOLDS.length * total);
  const positives = new Float64Array(AREAS.length);
  const ranks = new Int32Array(total);

  for (let group = firstGroup; group < firstGroup + imageIds.length; group++) {
    const d0 = detections.offsets[group];
    const dCount = detections.offsets[group + 1] - d0;
    const g0 = truths.offsets[group];
    const gCount = truths.offsets[group + 1] - g0;
    if (dCount === 0 && gCount === 0) continue;
    for (let d = 0; d < dCount; d++) ranks[d0 - start + d] = d;
    const overlaps = gCount > 0 ? iouMatrix(groups, group) : undefined;

    AREAS.forEach(({ min, max }, area) => {
      const ignoredTruth = new Uint8Array(gCount);
      for (let g = 0; g < gCount; g++) {
        ignoredTruth[g] = truths.crowd[g0 + g] || truths.areas[g0 + g] < min || truths.areas[g0 + g] > max ? 1 : 0;
        positives[area] += 1 - ignoredTruth[g];
      }
      const order = ignoredLast(ignoredTruth);
      for (let t = 0; t < IOU_THRESHOLDS.length; t++) {
        const row = verdicts.subarray((area * IOU_THRESHOLDS.length + t) * total + (d0 - start)).subarray(0, dCount);
        if (overlaps) matchImage(overlaps, order, ignoredTruth, truths.crowd.subarray(g0, g0 + gCount), IOU_THRESHOLDS[t], row);
        for (let d = 0; d < dCount; d++) {
          const size = detections.areas[d0 + d];
          if (row[d] === WRONG && (size < min || size > max)) row[d] = IGNORED;
        }
      }
    });
  }
  return { verdicts, positives, ranks, scores: detections.scores.subarray(start, start + total) };
}

/** [detection][ground truth]. For a crowd: the part of the DETECTION that lies in it. No +1 pixel. */
export function iouMatrix({ truths, detections }: Groups, group: number): Float64Array {
  const g0 = truths.offsets[group];
  const gCount = truths.offsets[group + 1] - g0;
  const d0 = detections.offsets[group];
  const dCount = detections.offsets[group + 1] - d0;
  const matrix = new Float64Array(dCount * gCount);
  for (let d = 0; d < dCount; d++) {
    const db = 4 * (d0 + d);
    const [dx, dy, dw, dh] = detections.boxes.subarray(db, db + 4);
    for (let g = 0; g < gCount; g++) {
      const gb = 4 * (g0 + g);
      const b = truths.boxes;
      const width = Math.min(dw + dx, b[gb + 2] + b[gb]) - Math.max(dx, b[gb]);
      if (width <= 0) continue;
      const height = Math.min(dh + dy, b[gb + 3] + b[gb + 1]) - Math.max(dy, b[gb + 1]);
      if (height <= 0) continue;
      const intersection = width * height;
      const area = dw * dh;
      matrix[d * gCount + g] = intersection / (truths.crowd[g0 + g] ? area : area + b[gb + 2] * b[gb + 3] - intersection);
    }
  }
  return matrix;
}

function ignoredLast(ignored: Uint8Array): Int32Array {
  const order = new Int32Array(ignored.length);
  let at = 0;
  for (let pass = 0; pass < 2; pass++) for (let g = 0; g < ignored.length; g++) if (ignored[g] === pass) order[at++] = g;
  return order;
}

/** Writes the verdict of each detection of one image. `order` lists the ground truths, those that count first. */
function matchImage(
  overlaps: Float64Array,
  order: Int32Array,
  ignored: Uint8Array,
  crowd: Uint8Array,
  threshold: number,
  verdicts: Uint8Array,
): void {
  const count = order.length;
  const taken = new Uint8Array(count);
  for (let d = 0; d < verdicts.length; d++) {
    let best = Math.min(threshold, 1 - 1e-10);
    let match = -1;
    for (const g of order) {
      if (taken[g] && !crowd[g]) continue;
      // A real match is never given up for an ignored one.
      if (match >= 0 && !ignored[match] && ignored[g]) break;
      const overlap = overlaps[d * count + g];
      if (overlap < best) continue;
      best = overlap;
      match = g;
    }
    if (match < 0) continue;
    taken[match] = 1;
    verdicts[d] = ignored[match] ? IGNORED : RIGHT;
  }
}
