// Claims are data; each gets a verdict from differences PAIRED BY SEED, with a bootstrap interval over the seeds.
// Nothing here is tuned: a contradicted claim is printed as contradicted.
import { curveDifference, curveOf } from './curve.ts';
import { measured, type ReportRun, type TapCount } from './runs.ts';
import { bootstrapInterval, type Interval, mean } from './statistics.ts';

/**
 * `better` claims a higher value than `than`, `lower` a lower one; `equal` claims that the two arms are within `within` of each other. `in` is a metric
 * or another number of a run by its path, such as `training.loss.variance` (`measured`).
 */
export type Claim =
  | { better: string; than: string; in: string; at: 'equal-macs' | 'equal-sweep'; taps?: TapCount }
  | { lower: string; than: string; in: string; at: 'equal-macs' | 'equal-sweep'; taps?: TapCount }
  | { equal: [string, string]; in: string; at: 'equal-macs' | 'equal-sweep'; within: number; taps?: TapCount };

export type Verdict = 'supported' | 'contradicted' | 'inconclusive';

export interface JudgedClaim {
  claim: Claim;
  text: string;
  verdict: Verdict;
  /** One difference a seed (first arm minus second), in the metric's unit. */
  differences: { seed: number; difference: number }[];
  mean: number;
  interval: Interval;
  /** MACs that both curves cover, over all seeds (the widest); only at equal MACs. */
  macs?: { from: number; to: number };
  /** Why, in a sentence. */
  reason: string;
}

/** Judges one claim on all runs. Never throws for missing arms: they make the claim inconclusive, and the reason says so. */
export function judgeClaim(claim: Claim, runs: readonly ReportRun[]): JudgedClaim {
  const [first, second] = armsOf(claim);
  const text = claimText(claim);
  const seeds = sharedSeeds(runs, first, second);
  const pairs = seeds.flatMap((seed) => {
    const pick = (arm: string) => runs.filter((run) => run.arm === arm && run.seed === seed);
    const found = difference(claim, pick(first), pick(second));
    return found ? [{ seed, ...found }] : [];
  });
  const differences = pairs.map(({ seed, difference }) => ({ seed, difference }));
  const values = differences.map((pair) => pair.difference);
  const interval = bootstrapInterval(values);
  const macs =
    claim.at === 'equal-macs' && pairs.length > 0
      ? { from: Math.min(...pairs.map((pair) => pair.from)), to: Math.max(...pairs.map((pair) => pair.to)) }
      : undefined;
  const judged = { claim, text, differences, mean: values.length ? mean(values) : Number.NaN, interval, macs };
  if (values.length === 0) return { ...judged, verdict: 'inconclusive', reason: whyNothing(runs, first, second, seeds.length) };
  if (values.length === 1) {
    const reason =
      seeds.length > 1
        ? `only one of ${seeds.length} seeds has curves that share MACs: sweep further apart values`
        : 'one seed gives no interval; run more seeds (--seeds 3)';
    return { ...judged, verdict: 'inconclusive', reason };
  }
  const verdict = 'within' in claim ? judgeEqual(interval, claim.within) : judgeBetter('lower' in claim ? negated(interval) : interval);
  return {
    ...judged,
    verdict,
    reason: `95 % bootstrap interval over ${values.length} seeds${values.length < seeds.length ? ` (of ${seeds.length}: the others share no MACs)` : ''}`,
  };
}

/** The two arms that a claim compares; differences are the first minus the second. */
export function armsOf(claim: Claim): readonly [string, string] {
  if ('equal' in claim) return claim.equal;
  return ['better' in claim ? claim.better : claim.lower, claim.than];
}

const negated = ({ low, high }: Interval): Interval => ({ low: -high, high: -low });

/** Supported when the whole interval is above zero, contradicted when it is wholly below. */
function judgeBetter({ low, high }: Interval): Verdict {
  if (low > 0) return 'supported';
  return high < 0 ? 'contradicted' : 'inconclusive';
}

/** Supported when the whole interval is within the margin, contradicted when it is wholly outside. */
function judgeEqual({ low, high }: Interval, within: number): Verdict {
  if (low >= -within && high <= within) return 'supported';
  return low > within || high < -within ? 'contradicted' : 'inconclusive';
}

function difference(claim: Claim, a: ReportRun[], b: ReportRun[]): { difference: number; from: number; to: number } | undefined {
  if (claim.at === 'equal-macs') {
    const taps = claim.taps ?? 'direct';
    return curveDifference(curveOf(a, claim.in, taps), curveOf(b, claim.in, taps));
  }
  const shared = a.flatMap((run) => {
    const other = b.find((candidate) => JSON.stringify(candidate.sweep) === JSON.stringify(run.sweep));
    const values = [run, other].map((each) => each && measured(each, claim.in));
    return values[0] !== undefined && values[1] !== undefined ? [values[0] - values[1]] : [];
  });
  return shared.length ? { difference: mean(shared), from: Number.NaN, to: Number.NaN } : undefined;
}

function sharedSeeds(runs: readonly ReportRun[], first: string, second: string): number[] {
  const seedsOf = (arm: string) => new Set(runs.filter((run) => run.arm === arm).map((run) => run.seed));
  const others = seedsOf(second);
  return [...seedsOf(first)].filter((seed) => others.has(seed)).sort((a, b) => a - b);
}

function whyNothing(runs: readonly ReportRun[], first: string, second: string, seeds: number): string {
  const missing = [first, second].filter((arm) => !runs.some((run) => run.arm === arm));
  if (missing.length) return `no finished run of ${missing.join(' and ')}`;
  return seeds === 0 ? 'the two arms share no seed' : 'the two curves share no MACs: sweep further apart values';
}

/** The claim as a sentence for tables and pages. */
export function claimText(claim: Claim): string {
  const at = claim.at === 'equal-macs' ? `equal MACs${claim.taps === 'separable' ? ' (14 taps)' : ''}` : 'equal settings';
  if ('better' in claim) return `${claim.better} is better than ${claim.than} in ${claim.in} at ${at}`;
  if ('lower' in claim) return `${claim.lower} is lower than ${claim.than} in ${claim.in} at ${at}`;
  return `${claim.equal[0]} equals ${claim.equal[1]} in ${claim.in} within ${claim.within} at ${at}`;
}
