// Target assignment of one image, for anchors and for proposals alike: match, set aside what lies in ignored regions, draw a minibatch,
// and say of each drawn candidate which class it is and where its box should go. Plain numbers: nothing here is differentiated.
import { type BalancedSamplerOptions, sampleBalanced } from '../ops/balanced-sampler.ts';
import { type CoderWeights, encodeBoxes } from '../ops/box-coder.ts';
import { boxCoverage, takeBoxes } from '../ops/boxes.ts';
import { BACKGROUND, type MatcherOptions, matchBoxes, UNDECIDED } from '../ops/matcher.ts';
import { IGNORE_COVERAGE } from './config.ts';

export interface Assignment {
  /** Drawn candidates, positives first. */
  indices: Int32Array;
  /** Ground truth of each drawn candidate, -1 for background. */
  truths: Int32Array;
  /** Offsets from the candidate to its ground truth, 4 each; 0 for background. */
  deltas: Float32Array;
}

export interface AssignOptions {
  matcher: MatcherOptions;
  sampler: BalancedSamplerOptions;
  coder: CoderWeights;
}

/** Draws and labels candidates. `truth` may be empty: then all candidates are background. */
export function assignTargets(
  candidates: Float32Array,
  truth: Float32Array,
  ignore: Float32Array | undefined,
  { matcher, sampler, coder }: AssignOptions,
  key: readonly number[],
): Assignment {
  const matches = matchBoxes(truth, candidates, matcher);
  if (ignore && ignore.length > 0) {
    const coverage = boxCoverage(candidates, ignore);
    for (let i = 0; i < matches.length; i++) if (matches[i] === BACKGROUND && coverage[i] > IGNORE_COVERAGE) matches[i] = UNDECIDED;
  }
  const { positives, negatives } = sampleBalanced(matches, sampler, key);
  const indices = new Int32Array(positives.length + negatives.length);
  indices.set(positives);
  indices.set(negatives, positives.length);
  const truths = indices.map((index) => matches[index]);
  const deltas = new Float32Array(4 * indices.length);
  const goals = takeBoxes(truth, truths.subarray(0, positives.length));
  deltas.set(encodeBoxes(goals, takeBoxes(candidates, positives), coder));
  return { indices, truths, deltas };
}
