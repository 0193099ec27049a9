// Learning rate as a pure function of the step: a regular schedule times a linear warm-up (as mmdetection and torch's LinearLR do;
// the warm-up multiplies the regular rate, it does not shift it).

export interface Warmup {
  /** Steps until the full rate. */
  steps: number;
  /** Factor at step 0; mmdetection's default schedules use 1/3. */
  factor: number;
}

export type ScheduleConfig = {
  /** The full rate. */
  learningRate: number;
  warmup?: Warmup;
} & (
  | { kind: 'constant' }
  /** Times `gamma` (default 0.1) at each milestone (a step). */
  | { kind: 'step'; milestones: readonly number[]; gamma?: number }
  /** Half a cosine from the full rate at step 0 to `minimum` (default 0) at `totalSteps`. */
  | { kind: 'cosine'; totalSteps: number; minimum?: number }
);

/** The learning rate of `step` (0 is the first). */
export function learningRateAt(step: number, config: ScheduleConfig): number {
  return regularRate(step, config) * warmupFactor(step, config.warmup);
}

function regularRate(step: number, config: ScheduleConfig): number {
  const { learningRate } = config;
  switch (config.kind) {
    case 'constant':
      return learningRate;
    case 'step':
      return learningRate * (config.gamma ?? 0.1) ** config.milestones.filter((milestone) => step >= milestone).length;
    case 'cosine': {
      const minimum = config.minimum ?? 0;
      const progress = Math.min(step / config.totalSteps, 1);
      return minimum + 0.5 * (learningRate - minimum) * (1 + Math.cos(Math.PI * progress));
    }
  }
}

function warmupFactor(step: number, warmup?: Warmup): number {
  if (!warmup || step >= warmup.steps) return 1;
  return warmup.factor + (1 - warmup.factor) * (step / warmup.steps);
}
