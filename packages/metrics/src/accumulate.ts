// Precision at fixed recalls from the verdicts on all detections of a category, over all images.

import { type CategoryMatches, RIGHT, WRONG } from './match.ts';
import { AREAS, IOU_THRESHOLDS, MAX_DETECTIONS, RECALL_THRESHOLDS } from './parameters.ts';

/** Results of one category; -1 where the category has no ground truth in the area range. */
export interface CategoryCurves {
  /** [area][threshold][recall], with 100 detections an image */
  precision: Float64Array;
  /** [maximal detections][area][threshold] */
  recall: Float64Array;
}

export function accumulateCategory({ verdicts, positives, ranks, scores }: CategoryMatches): CategoryCurves {
  const T = IOU_THRESHOLDS.length;
  const R = RECALL_THRESHOLDS.length;
  const total = scores.length;
  const precision = new Float64Array(AREAS.length * T * R).fill(-1);
  const recall = new Float64Array(MAX_DETECTIONS.length * AREAS.length * T).fill(-1);
  const order = new Int32Array(total).map((_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
  const sorted = new Uint8Array(total);
  const sortedRanks = new Int32Array(total).map((_, i) => ranks[order[i]]);

  for (let area = 0; area < AREAS.length; area++) {
    if (positives[area] === 0) continue;
    for (let t = 0; t < T; t++) {
      const row = area * T + t;
      for (let i = 0; i < total; i++) sorted[i] = verdicts[row * total + order[i]];
      precisionAtRecalls(sorted, positives[area], precision.subarray(row * R, (row + 1) * R));
      MAX_DETECTIONS.forEach((most, m) => {
        let right = 0;
        for (let i = 0; i < total; i++) if (sorted[i] === RIGHT && sortedRanks[i] < most) right++;
        recall[m * AREAS.length * T + row] = right / positives[area];
      });
    }
  }
  return { precision, recall };
}

/** The highest precision at any point with at least the recall asked for, and 0 where that recall is never reached. */
function precisionAtRecalls(sorted: Uint8Array, positives: number, out: Float64Array): void {
  const total = sorted.length;
  const recalls = new Float64Array(total);
  const envelope = new Float64Array(total);
  let right = 0;
  let wrong = 0;
  for (let i = 0; i < total; i++) {
    if (sorted[i] === RIGHT) right++;
    else if (sorted[i] === WRONG) wrong++;
    recalls[i] = right / positives;
    envelope[i] = right / (wrong + right + Number.EPSILON);
  }
  for (let i = total - 1; i > 0; i--) if (envelope[i] > envelope[i - 1]) envelope[i - 1] = envelope[i];
  let at = 0;
  for (let r = 0; r < RECALL_THRESHOLDS.length; r++) {
    while (at < total && recalls[at] < RECALL_THRESHOLDS[r]) at++;
    out[r] = at < total ? envelope[at] : 0;
  }
}
