// Which ground truth does a candidate box (anchor or proposal) answer for? (Ren et al. 2015, sec. 3.1.2; torchvision's Matcher)
import { boxCount, boxIou } from './boxes.ts';

/** Value of a match: background. */
export const BACKGROUND = -1;
/** Value of a match: neither object nor background, left out of the losses. */
export const UNDECIDED = -2;

export interface MatcherOptions {
  /** A best IoU at or above it is a match. */
  high: number;
  /** A best IoU below it is background; between the two the candidate is undecided. */
  low: number;
  /** Also match, whatever their IoU, the candidates that no other beats for some ground truth. */
  allowLowQuality: boolean;
}

/**
 * For each of n candidates the index of its ground truth, BACKGROUND or UNDECIDED, [n].
 * A ground truth that meets no candidate at all gets none (torchvision would hand it every candidate it does not meet).
 */
export function matchBoxes(truth: Float32Array, candidates: Float32Array, { high, low, allowLowQuality }: MatcherOptions): Int32Array {
  const count = boxCount(candidates);
  const matches = new Int32Array(count).fill(BACKGROUND);
  const truths = boxCount(truth);
  if (truths === 0) return matches;
  const iou = boxIou(truth, candidates);
  const nearest = new Int32Array(count);
  const best = new Float32Array(count);
  for (let g = 0, at = 0; g < truths; g++) {
    for (let i = 0; i < count; i++, at++) {
      if (iou[at] > best[i]) {
        best[i] = iou[at];
        nearest[i] = g;
      }
    }
  }
  for (let i = 0; i < count; i++) {
    if (best[i] >= high) matches[i] = nearest[i];
    else if (best[i] >= low) matches[i] = UNDECIDED;
  }
  if (allowLowQuality) keepBestOfEach(iou, truths, nearest, matches);
  return matches;
}

/** Candidates whose IoU equals the greatest of some ground truth are matched to the nearest ground truth of their own. */
function keepBestOfEach(iou: Float32Array, truths: number, nearest: Int32Array, matches: Int32Array): void {
  const count = matches.length;
  for (let g = 0; g < truths; g++) {
    const row = iou.subarray(g * count, (g + 1) * count);
    let greatest = 0;
    for (let i = 0; i < count; i++) if (row[i] > greatest) greatest = row[i];
    if (greatest === 0) continue;
    for (let i = 0; i < count; i++) if (row[i] === greatest) matches[i] = nearest[i];
  }
}
