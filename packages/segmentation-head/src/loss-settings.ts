// What the losses of both heads read of their settings.
import type { SegmentationConfig } from './config.ts';
import { checkClassWeights } from './cross-entropy.ts';

export interface LossSettings {
  ignoreLabel: number;
  classWeights?: readonly number[];
  lossWeight: number;
}

/** Throws on numbers that cannot work, naming them. */
export function resolveLoss(operation: string, config: SegmentationConfig): LossSettings {
  const { classes, ignoreLabel = 255, classWeights, lossWeight = 1 } = config;
  if (!(classes >= 2 && classes <= 256))
    throw new Error(`${operation}: classes ${classes} must be from 2 (background is one) to 256 (as many as a label image holds)`);
  if (Number.isInteger(ignoreLabel) && ignoreLabel >= 0 && ignoreLabel < classes)
    throw new Error(`${operation}: ignoreLabel ${ignoreLabel} is one of the ${classes} classes; give another number`);
  checkClassWeights(operation, classWeights, classes);
  return { ignoreLabel, classWeights, lossWeight };
}
