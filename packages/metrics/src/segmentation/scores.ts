// Mean intersection over union and pixel accuracies of a set, with the names of the field (mIoU, aAcc, mAcc). All pixels of the set are
// counted together: a class is scored once, not an image at a time.
import { addToConfusion, type Confusion, createConfusion, type SegmentationPair } from './confusion.ts';

export interface SegmentationScores {
  /** Mean of the IoUs of the classes that occur (in the labels or the predictions); a fraction. NaN when none does. */
  mIoU: number;
  /** Correct pixels / labelled pixels. */
  aAcc: number;
  /** Mean of the accuracies of the classes that occur in the labels. */
  mAcc: number;
  /** A class each: tp / (tp + fp + fn), NaN where the denominator is 0. */
  IoU: number[];
  /** A class each: tp / (tp + fn), NaN where no pixel has the label. */
  accuracy: number[];
}

export interface SegmentationOptions {
  /** Number of classes K; labels are 0..K-1. */
  classes: number;
  /** Value of pixels that are not scored, default 255. As a prediction it is wrong for the pixel's class. */
  ignoreLabel?: number;
}

/** Scores of a set. An iterable will do, so that the images need not be in memory together. */
export function segmentationScores(
  pairs: Iterable<SegmentationPair>,
  { classes, ignoreLabel = 255 }: SegmentationOptions,
): SegmentationScores {
  const confusion = createConfusion(classes);
  let index = 0;
  for (const pair of pairs) addToConfusion(confusion, pair, { ignoreLabel, where: `segmentationScores: pair ${index++}` });
  return scoresOf(confusion);
}

/** Scores of what has been counted. */
export function scoresOf({ classes, counts }: Confusion): SegmentationScores {
  const columns = classes + 1;
  const IoU: number[] = [];
  const accuracy: number[] = [];
  let correct = 0;
  let all = 0;
  for (let k = 0; k < classes; k++) {
    let row = 0;
    let column = 0;
    for (let j = 0; j < columns; j++) row += counts[k * columns + j];
    for (let i = 0; i < classes; i++) column += counts[i * columns + k];
    const hit = counts[k * columns + k];
    IoU.push(ratio(hit, row + column - hit));
    accuracy.push(ratio(hit, row));
    correct += hit;
    all += row;
  }
  return { mIoU: meanOfDefined(IoU), aAcc: ratio(correct, all), mAcc: meanOfDefined(accuracy), IoU, accuracy };
}

/** NaN for an empty denominator. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? Number.NaN : part / whole;
}

/** Mean of the values that are not NaN; NaN when there are none. */
export function meanOfDefined(values: readonly number[]): number {
  const defined = values.filter((value) => !Number.isNaN(value));
  return ratio(
    defined.reduce((sum, value) => sum + value, 0),
    defined.length,
  );
}
