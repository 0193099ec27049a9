// Claims about speed, judged: reached at every case that was measured, or not, and then by how much and where the time goes.
import { partShare, timesByKind } from './layers.ts';
import type { Measurement } from './measurement.ts';
import type { LatencyClaim } from './schema.ts';
import { rivalOf, sampledAt, timesAsFast } from './speedup.ts';

export interface ClaimValue {
  /** Name of the case. */
  name: string;
  value: number;
  /** Quartiles of the ratios round by round; of whole networks only. */
  q1?: number;
  q3?: number;
  /** Where a network's time goes beyond what theory promises, the largest first. */
  excess?: string;
}

export interface JudgedLatencyClaim {
  text: string;
  target: number;
  verdict: 'reached' | 'not reached' | 'not measured';
  values: ClaimValue[];
}

/** Where a claim is missed most; undefined where nothing was measured. */
export function leastOf(values: readonly ClaimValue[]): ClaimValue | undefined {
  return values.length === 0 ? undefined : values.reduce((worst, one) => (one.value < worst.value ? one : worst));
}

/** Whether what is missing to the target is less than the rounds differ among themselves. */
export const isWithinRounds = ({ q3 }: Pick<ClaimValue, 'q3'>, target: number): boolean => q3 !== undefined && q3 >= target;

const RIVALS = {
  dense: 'our dense network',
  'fastest-dense': 'the fastest dense engine',
  'fastest-other': "the fastest of the others' engines",
};

export function judgeLatencyClaim(claim: LatencyClaim, measurements: readonly Measurement[]): JudgedLatencyClaim {
  const target = 'part' in claim ? claim.ofTheory : claim.atLeast;
  const values = measurements.filter(({ network }) => network === claim.network).flatMap((one) => measuredValue(claim, one) ?? []);
  const missed = values.some(({ value }) => value < target);
  return { text: textOf(claim), target, verdict: values.length === 0 ? 'not measured' : missed ? 'not reached' : 'reached', values };
}

function textOf(claim: LatencyClaim): string {
  if ('part' in claim) {
    return `${claim.network}: ${claim.part} of all blocks at density ${claim.density} has at least ${claim.ofTheory} of its theoretical speed-up`;
  }
  const { faster, than, network, density, atLeast } = claim;
  const what = faster === 'dense' ? 'dense' : density === undefined ? 'with masks of its own' : `sampled at density ${density}`;
  return `${network}, ${what}, is at least ${atLeast} times as fast as ${RIVALS[than]}`;
}

function measuredValue(claim: LatencyClaim, one: Measurement): ClaimValue | undefined {
  const dense = rivalOf(one, 'dense');
  if ('part' in claim) {
    const sampled = sampledAt(one, claim.density);
    return sampled && dense && { name: one.name, value: partShare(sampled, dense, claim.part) };
  }
  const variant = claim.faster === 'dense' ? dense : sampledAt(one, claim.density);
  const rival = rivalOf(one, claim.than);
  if (!variant || !rival) return undefined;
  const result = { name: one.name, ...timesAsFast(variant, rival) };
  return claim.faster === 'sampled' && dense && result.value < claim.atLeast ? { ...result, excess: excessOf(variant, dense) } : result;
}

/** `interp2 +12 ms, mask heads +8 ms`: what takes longer than its multiply-adds at the dense network's rates would. */
function excessOf(...[sampled, dense]: Parameters<typeof timesByKind>): string {
  return timesByKind(sampled, dense)
    .map(({ kind, sampled, promised }) => ({ kind, excess: sampled - promised }))
    .filter(({ excess }) => excess > 0)
    .sort((a, b) => b.excess - a.excess)
    .slice(0, 4)
    .map(({ kind, excess }) => `${kind} +${excess.toFixed(excess < 10 ? 1 : 0)} ms`)
    .join(', ');
}
