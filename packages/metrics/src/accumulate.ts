// Precision at fixed recalls from the verdicts on all detections of a category, over all images.
import { type CategoryMatches, RIGHT, UNMATCHED } from './match.ts';
import { AREAS, IOU_THRESHOLDS, MAX_DETECTIONS, RECALL_THRESHOLDS } from './parameters.ts';

/** Results of one category; -1 where the category has no ground truth in the area range. */
export interface CategoryCurves {
  /** [area][threshold][recall], with 100 detections an image */
  precision: Float64Array;
  /** [maximal detections][area][threshold] */
  recall: Float64Array;
}

export function accumulateCategory({ verdicts, outside, positives, ranks, scores }: CategoryMatches): CategoryCurves {
  const T = IOU_THRESHOLDS.length;
  const R = RECALL_THRESHOLDS.length;
  const total = scores.length;
  const curves: CategoryCurves = {
    precision: new Float64Array(AREAS.length * T * R).fill(-1),
    recall: new Float64Array(MAX_DETECTIONS.length * AREAS.length * T).fill(-1),
  };
  const order = new Int32Array(total).map((_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
  /** Precision at each right detection. */
  const precisions = new Float64Array(positives[0]);

  for (let area = 0; area < AREAS.length; area++) {
    if (positives[area] === 0) continue;
    for (let t = 0; t < T; t++) {
      const row = area * T + t;
      const rightWithin = new Float64Array(MAX_DETECTIONS.length);
      let right = 0;
      let wrong = 0;
      for (let i = 0; i < total; i++) {
        const d = order[i];
        const verdict = verdicts[row * total + d];
        if (verdict === RIGHT) {
          right++;
          precisions[right - 1] = right / (wrong + right + Number.EPSILON);
          for (let m = 0; m < MAX_DETECTIONS.length; m++) if (ranks[d] < MAX_DETECTIONS[m]) rightWithin[m]++;
        } else if (verdict === UNMATCHED && !outside[area * total + d]) wrong++;
      }
      precisionAtRecalls(precisions.subarray(0, right), positives[area], curves.precision.subarray(row * R, (row + 1) * R));
      MAX_DETECTIONS.forEach((_, m) => {
        curves.recall[m * AREAS.length * T + row] = rightWithin[m] / positives[area];
      });
    }
  }
  return curves;
}

/**
 * The highest precision at any point with at least the recall asked for; 0 where that recall is never reached. Both recall
 * and precision rise at right detections only, so no other points need to be looked at.
 */
function precisionAtRecalls(precisions: Float64Array, positives: number, out: Float64Array): void {
  for (let i = precisions.length - 1; i > 0; i--) precisions[i - 1] = Math.max(precisions[i - 1], precisions[i]);
  let at = 0;
  for (let r = 0; r < RECALL_THRESHOLDS.length; r++) {
    while (at < precisions.length && (at + 1) / positives < RECALL_THRESHOLDS[r]) at++;
    out[r] = at < precisions.length ? precisions[at] : 0;
  }
}
