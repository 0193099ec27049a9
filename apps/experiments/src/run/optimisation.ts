// From the YAML's optimiser, schedule and groups to those of @stint/training.
import { createOptimizer, type Optimizer, type ParameterGroup, type ScheduleConfig, type Variables } from '@stint/training';
import type { PretrainConfig, RunConfig, TrainConfig } from '../config/schema.ts';

/** Learning rate schedule of a training section. */
export function scheduleOf({ lr, schedule, steps }: PretrainConfig | TrainConfig): ScheduleConfig {
  const common = {
    learningRate: lr,
    warmup: schedule.warmupSteps > 0 ? { steps: schedule.warmupSteps, factor: schedule.warmupFactor } : undefined,
  };
  switch (schedule.kind) {
    case 'constant':
      return { ...common, kind: 'constant' };
    case 'cosine':
      return { ...common, kind: 'cosine', totalSteps: steps, minimum: schedule.final * lr };
    case 'step':
      return { ...common, kind: 'step', milestones: schedule.milestones.map((part) => Math.round(part * steps)), gamma: schedule.factor };
  }
}

/** Parameter groups by what a parameter is for. Mask heads, sigmas and filters never decay: their zero is no prior. */
export function groupsOf(groups: TrainConfig['groups']): ParameterGroup[] {
  return [
    { match: /_mask\.(weight|bias)$/, lrScale: groups.mask, weightDecay: 0 },
    { match: /_sigma$/, lrScale: groups.sigma, weightDecay: 0 },
    { match: /_filter$/, lrScale: groups.filter, weightDecay: 0 },
    { match: /^backbone\.fpn\./, lrScale: groups.fpn },
    // A classifier's backbone has no prefix.
    { match: /^(backbone\.body\.|(conv|bn|layer)\d)/, lrScale: groups.backbone },
    { match: /./, lrScale: groups.head },
  ];
}

/** The optimiser of a training section. */
export function optimizerOf(section: RunConfig['train'] | PretrainConfig, variables: Variables): Optimizer {
  return createOptimizer(section.optimizer, variables, 'groups' in section ? groupsOf(section.groups) : []);
}
