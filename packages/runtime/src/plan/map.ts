// Maps of a plan: where they lie and how large they are.
import type { Span } from '@stint/sparse-conv/native';
import type { PlanBuilder } from './builder.ts';

/** A map of the arena: one image, NHWC. */
export interface PlannedMap {
  span: Span;
  height: number;
  width: number;
  channels: number;
}

/** Positions of a convolution of this stride along one side. */
export const halved = (size: number, stride: number) => Math.floor((size - 1) / stride) + 1;
export const shapeOf = ({ height, width, channels }: PlannedMap) => [1, height, width, channels] as const;

export function mapOf(plan: PlanBuilder, height: number, width: number, channels: number): PlannedMap {
  return { span: plan.buffer(height * width * channels), height, width, channels };
}
