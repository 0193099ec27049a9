// A segmentation head on the pyramid: each level it reads goes through convolutions, norms and bilinear steps to the logits' stride, the last step
// adding to what the levels before became. Labels are decoded from the logits, row by row.

import { fcnLayout, fpnDecoderLayout, type HeadLayout, type Layer } from '@stint/segmentation-head/plain';
import type { SegmentationHeadDescription } from '../description.ts';
import { convolution } from './block.ts';
import type { PlanBuilder } from './builder.ts';
import { mapOf, type PlannedMap, shapeOf } from './map.ts';
import type { Weights } from './weights.ts';

export interface SegmentationPlan {
  layout: HeadLayout;
  /** [h,w,classes] at the layout's stride. */
  logits: PlannedMap;
}

/** Layers of a described head. @throws on settings that cannot work. */
export function segmentationLayout({ kind, ...config }: SegmentationHeadDescription): HeadLayout {
  return kind === 'fcn' ? fcnLayout(config) : fpnDecoderLayout(config);
}

/** @param size [H,W] of the padded input. */
export function planSegmentation(
  plan: PlanBuilder,
  weights: Weights,
  layout: HeadLayout,
  pyramid: readonly PlannedMap[],
  [height, width]: readonly [number, number],
): SegmentationPlan {
  let sum: PlannedMap | undefined;
  for (const { level, stages } of layout.levels) {
    let x = pyramid[level];
    for (const [i, stage] of stages.entries()) {
      x = planLayer(plan, weights, stage, x);
      const next = Math.max(stage.stride / 2, layout.stride);
      const last = i === stages.length - 1;
      if (next === stage.stride && !(last && sum)) continue;
      const residual = last ? sum : undefined;
      const large = residual ?? mapOf(plan, Math.ceil(height / next), Math.ceil(width / next), x.channels);
      plan.step({
        op: 'upsampleBilinear',
        label: `${stage.name}.upsample`,
        input: x.span,
        factor: stage.stride / next,
        shape: shapeOf(large),
        residual: residual?.span,
        output: large.span,
      });
      x = large;
    }
    sum = x;
  }
  return { layout, logits: planLayer(plan, weights, layout.predictor, sum!) };
}

function planLayer(plan: PlanBuilder, weights: Weights, { name, norm }: Layer, x: PlannedMap): PlannedMap {
  const y = convolution(plan, weights, x, { conv: name }, { relu: norm?.spec.kind === 'none' });
  if (norm?.spec.kind !== 'group') return y;
  const { groups } = norm.spec;
  plan.step({
    op: 'groupNorm',
    label: norm.name,
    input: y.span,
    shape: shapeOf(y),
    groups,
    ...weights.norm(norm.name),
    relu: true,
    output: y.span,
  });
  return y;
}
