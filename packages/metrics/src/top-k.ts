// Top-k accuracy: the share of images whose class is among the k with the highest scores.

/**
 * @param scores a list an image, an entry a class; only their order counts. Of equal scores the lower class ranks first.
 * @param labels the true class of each image, 0..K-1.
 * @param ks default [1, 5].
 * @returns fractions by k, such as {1: .76, 5: .93}.
 * @throws on lists that do not match, a label that is no class, a score that is NaN, and a k of which there are not enough classes.
 */
export function topK(
  scores: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  ks: readonly number[] = [1, 5],
): Record<number, number> {
  if (scores.length !== labels.length || scores.length === 0)
    throw new Error(`topK: ${scores.length} lists of scores and ${labels.length} labels; give one each an image, and an image at least`);
  const classes = scores[0].length;
  const odd = ks.find((k) => !(Number.isInteger(k) && k >= 1 && k <= classes));
  if (odd !== undefined) throw new Error(`topK: top-${odd} of ${classes} classes; give whole numbers from 1 to ${classes}`);
  const ranks = scores.map((list, image) => rank(list, labels[image], classes, image));
  return Object.fromEntries(ks.map((k) => [k, ranks.filter((place) => place < k).length / ranks.length]));
}

/** How many classes come before `label`. */
function rank(scores: ArrayLike<number>, label: number, classes: number, image: number): number {
  if (scores.length !== classes)
    throw new Error(`topK: ${scores.length} scores of image ${image}, ${classes} of image 0; give one a class`);
  if (!(Number.isInteger(label) && label >= 0 && label < classes))
    throw new Error(`topK: label ${label} of image ${image} is not in 0..${classes - 1}`);
  let before = 0;
  for (let k = 0; k < classes; k++) {
    if (Number.isNaN(scores[k])) throw new Error(`topK: the score of class ${k} of image ${image} is not a number`);
    if (scores[k] > scores[label] || (scores[k] === scores[label] && k < label)) before++;
  }
  return before;
}
