// Temperature of the Gumbel softmax over training. The paper multiplies it by .99998 at every step from 1; over its 176k steps that ends
// at .03. A run of any other length keeps the end points and changes the factor.

/**
 * Geometric decay between two end points: start * (end / start)^(step / totalSteps).
 * @param step finished steps; beyond `totalSteps` the temperature stays at `end`.
 */
export function temperatureAt(step: number, totalSteps: number, { start = 1, end = 0.03 }: { start?: number; end?: number } = {}): number {
  if (!(start > 0 && end > 0)) throw new Error(`temperatureAt: start ${start}, end ${end}; give numbers above 0`);
  if (!(step >= 0 && totalSteps > 0)) throw new Error(`temperatureAt: step ${step} of ${totalSteps}; give a step >= 0 of a total above 0`);
  return start * (end / start) ** Math.min(step / totalSteps, 1);
}

/** The paper's rule with a fixed factor: start * factor^step. */
export function temperatureByFactor(step: number, { start = 1, factor = 0.99998 }: { start?: number; factor?: number } = {}): number {
  return start * factor ** step;
}
