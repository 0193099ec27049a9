// Which class was taken for which: pixel counts by (true class, predicted class). Everything a segmentation score needs of the images.
import { checkSameSize, type LabelImage } from './label-image.ts';

export interface Confusion {
  /** Number of classes K. */
  classes: number;
  /** [K, K + 1]: rows are true classes, columns predicted ones; the last column counts pixels predicted as no class at all. */
  counts: Float64Array;
}

export interface SegmentationPair {
  label: LabelImage;
  prediction: LabelImage;
}

export function createConfusion(classes: number): Confusion {
  if (!Number.isInteger(classes) || classes < 1) throw new Error(`createConfusion: ${classes} classes; give a whole number >= 1`);
  return { classes, counts: new Float64Array(classes * (classes + 1)) };
}

/**
 * Counts the pixels of one image. Labels are 0..K-1. A pixel whose true label is `ignoreLabel` is left out; a pixel PREDICTED as
 * `ignoreLabel` is wrong for its true class and a false positive of none.
 * Throws, naming value and place, on any other value and on images of different size. `where` begins the message.
 */
export function addToConfusion(
  { classes, counts }: Confusion,
  { label, prediction }: SegmentationPair,
  { ignoreLabel, where = 'addToConfusion' }: { ignoreLabel?: number; where?: string } = {},
): void {
  checkSameSize(where, { label, prediction });
  const truth = label.data;
  const found = prediction.data;
  // Counted in a table of its own, so that a wrong value leaves the confusion as it was.
  const added = new Float64Array(counts.length);
  for (let i = 0; i < truth.length; i++) {
    const row = truth[i];
    const column = found[i];
    if (!(row >= 0 && row < classes) && row !== ignoreLabel) throw valueError(where, 'label', label, i, classes, ignoreLabel);
    if (!(column >= 0 && column < classes) && column !== ignoreLabel)
      throw valueError(where, 'prediction', prediction, i, classes, ignoreLabel);
    if (row === ignoreLabel) continue;
    added[row * (classes + 1) + (column === ignoreLabel ? classes : column)]++;
  }
  for (let i = 0; i < counts.length; i++) counts[i] += added[i];
}

function valueError(where: string, name: string, { width, data }: LabelImage, at: number, classes: number, ignoreLabel?: number): Error {
  const ignored = ignoreLabel === undefined ? '' : `, and ${ignoreLabel} for pixels to be ignored`;
  return new Error(
    `${where}: ${name} is ${data[at]} at x ${at % width}, y ${Math.floor(at / width)}; labels are 0..${classes - 1}${ignored}`,
  );
}
