// A random minibatch of candidates with a bounded share of positives (Ren et al. 2015, sec. 3.1.3; torchvision's
// BalancedPositiveNegativeSampler). The draw is a pure function of a counter key.
import { uniformValues } from '@stint/core-sampling';
import { BACKGROUND } from './matcher.ts';

export interface BalancedSample {
  /** Indices of the chosen candidates, in the order drawn. */
  positives: Int32Array;
  negatives: Int32Array;
}

export interface BalancedSamplerOptions {
  /** Candidates to draw an image; fewer when there are not enough. */
  size: number;
  /** Largest share of positives; negatives fill the rest. */
  positiveFraction: number;
}

/**
 * Draws from the matches of {@link matchBoxes}: matched candidates are positives, BACKGROUND ones negatives, the rest is left out.
 * @param key counter key: the same key and matches give the same draw
 */
export function sampleBalanced(matches: Int32Array, options: BalancedSamplerOptions, key: readonly number[]): BalancedSample {
  const positives: number[] = [];
  const negatives: number[] = [];
  for (let i = 0; i < matches.length; i++) {
    if (matches[i] >= 0) positives.push(i);
    else if (matches[i] === BACKGROUND) negatives.push(i);
  }
  const positiveCount = Math.min(positives.length, Math.floor(options.size * options.positiveFraction));
  const negativeCount = Math.min(negatives.length, options.size - positiveCount);
  const noise = uniformValues(positiveCount + negativeCount, key);
  return {
    positives: draw(positives, positiveCount, noise.subarray(0, positiveCount)),
    negatives: draw(negatives, negativeCount, noise.subarray(positiveCount)),
  };
}

/** The first `count` places of a Fisher-Yates shuffle: each step needs one uniform number. Reorders `pool`. */
function draw(pool: number[], count: number, noise: ArrayLike<number>): Int32Array {
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(noise[i] * (pool.length - i));
    [pool[i], pool[j]] = [pool[j], pool[i]];
  }
  return Int32Array.from(pool.slice(0, count));
}
