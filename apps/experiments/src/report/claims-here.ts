// Which claims a profile can judge.
import { armsOf, type Claim } from '@stint/report';
import type { Experiment } from '../config/schema.ts';

/** Without those on arms that the profile, or --arms, leaves out: nothing will ever be measured for them. */
export function claimsHere({ claims, arms }: Pick<Experiment, 'claims' | 'arms'>): Claim[] {
  return (claims as Claim[]).filter((claim) => armsOf(claim).every((arm) => arms.includes(arm)));
}
