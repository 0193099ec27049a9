// Ground truth is checked where it enters: a box without area or a label out of range would only show as NaN or nonsense, much later.
import type { DetectionTargets } from './types.ts';

/** Throws, naming the image and the box, unless the targets fit a batch of `batch` images and `classes` classes. */
export function checkTargets(operation: string, { boxes, labels, ignore }: DetectionTargets, batch: number, classes: number): void {
  if (boxes.length !== batch || labels.length !== batch || (ignore && ignore.length !== batch))
    throw new Error(
      `${operation}: targets for ${boxes.length} (boxes), ${labels.length} (labels)${ignore ? `, ${ignore.length} (ignore)` : ''} images ` +
        `do not match a batch of ${batch}; give an entry an image, empty where there is no object`,
    );
  boxes.forEach((list, image) => {
    if (list.length !== 4 * labels[image].length)
      throw new Error(
        `${operation}: image ${image} has ${list.length} box numbers and ${labels[image].length} labels; give four numbers a label`,
      );
    labels[image].forEach((label, i) => {
      const box = [...list.subarray(4 * i, 4 * i + 4)];
      if (!(label >= 0 && label < classes))
        throw new Error(`${operation}: image ${image}, box ${i}: label ${label} is not in 0..${classes - 1}`);
      if (!(box.every(Number.isFinite) && box[2] > box[0] && box[3] > box[1]))
        throw new Error(`${operation}: image ${image}, box ${i}: [${box}] has no area; give x1 < x2 and y1 < y2, or leave it out`);
    });
  });
}
