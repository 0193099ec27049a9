// Which detections of a category are right: the greedy matching of the COCO metric, image by image, for every IoU threshold
// and area range. By falling score, a detection takes the free ground truth it overlaps most.
import type { Groups } from './group.ts';
import { AREAS, IOU_THRESHOLDS } from './parameters.ts';

export const UNMATCHED = 0;
export const RIGHT = 1;
/** Matched to a crowd or to an object outside the area range: neither right nor wrong. */
export const IGNORED = 2;

/** Verdicts on all detections of one category. */
export interface CategoryMatches {
  /** [area][threshold][detection]: UNMATCHED, RIGHT or IGNORED */
  verdicts: Uint8Array;
  /** [area][detection]: 1 where the detection's own area is out of the range; unmatched, it is not wrong then. */
  outside: Uint8Array;
  /** Ground truths that count, an area range. */
  positives: Float64Array;
  /** Place of a detection by score within its own image. */
  ranks: Int32Array;
  scores: Float64Array;
}

/** Matches the detections of category index `category` in every image. */
export function matchCategory(groups: Groups, category: number): CategoryMatches {
  const { truths, detections, imageIds } = groups;
  const first = category * imageIds.length;
  const start = detections.offsets[first];
  const total = detections.offsets[first + imageIds.length] - start;
  const matches: CategoryMatches = {
    verdicts: new Uint8Array(AREAS.length * IOU_THRESHOLDS.length * total),
    outside: new Uint8Array(AREAS.length * total),
    positives: new Float64Array(AREAS.length),
    ranks: new Int32Array(total),
    scores: detections.scores.subarray(start, start + total),
  };
  for (let group = first; group < first + imageIds.length; group++) {
    const d0 = detections.offsets[group];
    for (let d = d0; d < detections.offsets[group + 1]; d++) matches.ranks[d - start] = d - d0;
    if (truths.offsets[group] < truths.offsets[group + 1]) matchImage(groups, group, matches, d0 - start);
  }
  AREAS.forEach(({ min, max }, area) => {
    for (let d = 0; d < total; d++) {
      const size = detections.areas[start + d];
      if (size < min || size > max) matches.outside[area * total + d] = 1;
    }
  });
  return matches;
}

/** Matches one image that has ground truth. `offset`: its first detection within the category. */
function matchImage(groups: Groups, group: number, { verdicts, positives, scores }: CategoryMatches, offset: number): void {
  const { truths, detections } = groups;
  const g0 = truths.offsets[group];
  const gCount = truths.offsets[group + 1] - g0;
  const dCount = detections.offsets[group + 1] - detections.offsets[group];
  const crowd = truths.crowd.subarray(g0, g0 + gCount);
  const overlaps = iouMatrix(groups, group);
  /** Highest overlap of each detection: most detections overlap nothing well enough to be looked at closely. */
  const highest = new Float64Array(dCount);
  for (let i = 0; i < overlaps.length; i++) {
    const d = Math.floor(i / gCount);
    if (overlaps[i] > highest[d]) highest[d] = overlaps[i];
  }
  const ignored = new Uint8Array(gCount);
  const order = new Int32Array(gCount);
  const taken = new Uint8Array(gCount);
  AREAS.forEach(({ min, max }, area) => {
    for (let g = 0; g < gCount; g++) {
      const size = truths.areas[g0 + g];
      ignored[g] = crowd[g] || size < min || size > max ? 1 : 0;
      positives[area] += 1 - ignored[g];
    }
    ignoredLast(ignored, order);
    IOU_THRESHOLDS.forEach((threshold, t) => {
      const row = (area * IOU_THRESHOLDS.length + t) * scores.length + offset;
      taken.fill(0);
      for (let d = 0; d < dCount; d++) {
        if (highest[d] < threshold) continue;
        let best = threshold;
        let match = -1;
        for (let i = 0; i < gCount; i++) {
          const g = order[i];
          if (taken[g] && !crowd[g]) continue;
          // A match that counts is never given up for an ignored one.
          if (match >= 0 && !ignored[match] && ignored[g]) break;
          // Of equal overlaps the later ground truth is taken.
          if (overlaps[d * gCount + g] < best) continue;
          best = overlaps[d * gCount + g];
          match = g;
        }
        if (match < 0) continue;
        taken[match] = 1;
        verdicts[row + d] = ignored[match] ? IGNORED : RIGHT;
      }
    });
  });
}

/** [detection][ground truth]. For a crowd: the part of the DETECTION that lies in it. No +1 pixel. */
function iouMatrix({ truths, detections }: Groups, group: number): Float64Array {
  const g0 = truths.offsets[group];
  const gCount = truths.offsets[group + 1] - g0;
  const d0 = detections.offsets[group];
  const dCount = detections.offsets[group + 1] - d0;
  const a = detections.boxes;
  const b = truths.boxes;
  const matrix = new Float64Array(dCount * gCount);
  for (let d = 0; d < dCount; d++) {
    const p = 4 * (d0 + d);
    for (let g = 0; g < gCount; g++) {
      const q = 4 * (g0 + g);
      const width = Math.min(a[p + 2] + a[p], b[q + 2] + b[q]) - Math.max(a[p], b[q]);
      if (width <= 0) continue;
      const height = Math.min(a[p + 3] + a[p + 1], b[q + 3] + b[q + 1]) - Math.max(a[p + 1], b[q + 1]);
      if (height <= 0) continue;
      const intersection = width * height;
      const area = a[p + 2] * a[p + 3];
      const whole = truths.crowd[g0 + g] ? area : area + b[q + 2] * b[q + 3] - intersection;
      // Boxes so small that areas round to 0 overlap nothing; 0 / 0 would be taken for a match.
      if (whole > 0) matrix[d * gCount + g] = intersection / whole;
    }
  }
  return matrix;
}

/** Those that count first, both parts in their order. */
function ignoredLast(ignored: Uint8Array, order: Int32Array): void {
  let at = 0;
  for (let pass = 0; pass < 2; pass++) for (let g = 0; g < ignored.length; g++) if (ignored[g] === pass) order[at++] = g;
}
