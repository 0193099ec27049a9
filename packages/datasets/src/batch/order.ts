// Which images a step sees: a pure function of (seed, step), so that a run resumes at any step.
import { randomStream } from '../random.ts';

const STREAM = 1; // keeps these draws apart from those of augment.ts

/** A permutation of 0..length-1 that depends on seed and epoch alone (Fisher and Yates). */
export function epochOrder(length: number, { seed, epoch }: { seed: number; epoch: number }): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  const random = randomStream([STREAM, seed, epoch]);
  for (let i = length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/**
 * The indices of the batch at a step. The epochs follow each other without a gap: each is a permutation of its own, no image is left
 * out at its end, and a batch may reach into the next one.
 */
export function batchAt(step: number, { batchSize, seed, length }: { batchSize: number; seed: number; length: number }): number[] {
  if (!Number.isInteger(step) || step < 0) throw new Error(`batchAt: step ${step} must be an integer >= 0`);
  if (!Number.isInteger(batchSize) || batchSize < 1) throw new Error(`batchAt: batchSize ${batchSize} must be an integer >= 1`);
  if (!Number.isInteger(length) || length < 1) throw new Error(`batchAt: length ${length} must be an integer >= 1; is the dataset empty?`);
  const indices: number[] = [];
  let order: Uint32Array | undefined;
  for (let position = step * batchSize; position < (step + 1) * batchSize; position++) {
    const within = position % length;
    if (!order || within === 0) order = epochOrder(length, { seed, epoch: Math.floor(position / length) });
    indices.push(order[within]);
  }
  return indices;
}
