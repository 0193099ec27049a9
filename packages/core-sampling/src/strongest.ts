// Activation-norm sampling: the positions with the strongest input are computed. A baseline that learns nothing.

/**
 * @param scores one a position, such as the norm of the features there.
 * @returns 1 at the `count` highest scores, of equal ones at the first; 0 elsewhere.
 */
export function strongest(scores: Float32Array, count: number): Float32Array {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  const mask = new Float32Array(scores.length);
  for (const position of order.slice(0, count)) mask[position] = 1;
  return mask;
}
