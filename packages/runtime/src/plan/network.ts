// From the image to the features of every stage and the levels of the pyramid, as steps.
import { type BackboneLayout, type FpnLayout, stemConvolutions } from '@stint/backbones/plain';
import { convolution, planBlock } from './block.ts';
import type { PlanBuilder } from './builder.ts';
import type { PlannedMap } from './map.ts';
import type { BlockSlots, PlanSampler } from './masks.ts';
import type { Weights } from './weights.ts';

/** Stem, blocks: one map a stage, finest first. `keep`: later steps or the caller read the features of every stage. */
export function planBackbone(
  plan: PlanBuilder,
  weights: Weights,
  layout: BackboneLayout,
  image: PlannedMap,
  sampler?: PlanSampler,
): { features: PlannedMap[]; slots: BlockSlots[] } {
  let x = planStem(plan, weights, layout, image);
  const features: PlannedMap[] = [];
  const slots: BlockSlots[] = [];
  layout.blocks.forEach((block, i) => {
    const { output, slots: own } = planBlock(plan, weights, block, x, sampler);
    if (own) slots.push(own);
    x = output;
    if (layout.blocks[i + 1]?.stage !== block.stage) features.push(x);
  });
  return { features, slots };
}

function planStem(plan: PlanBuilder, weights: Weights, { config }: BackboneLayout, image: PlannedMap): PlannedMap {
  const convs = stemConvolutions(config);
  const x = convs.reduce((x, { conv, norm }) => convolution(plan, weights, x, { conv, norm }, { stride: 2, relu: true }), image);
  if (config.stem.kind !== 'imagenet') return x;
  const [height, width] = [x.height, x.width].map((size) => Math.floor((size - 1) / 2) + 1);
  const pooled = { span: plan.buffer(height * width * x.channels), height, width, channels: x.channels };
  plan.step({ op: 'maxPool3x3', label: 'maxpool', input: x.span, shape: [1, x.height, x.width, x.channels], output: pooled.span });
  return pooled;
}

/** Levels of the pyramid, finest first. */
export function planPyramid(plan: PlanBuilder, weights: Weights, layout: FpnLayout, features: readonly PlannedMap[]): PlannedMap[] {
  const levels: PlannedMap[] = [];
  let above: PlannedMap | undefined;
  for (let i = features.length - 1; i >= 0; i--) {
    const inner = convolution(plan, weights, features[i], { conv: `inner_blocks.${i}.0` }, { label: `fpn.inner_blocks.${i}` });
    if (above) {
      plan.step({
        op: 'upsampleAdd',
        label: `fpn.add.${i}`,
        coarse: above.span,
        coarseSize: [above.height, above.width],
        fine: inner.span,
        shape: [1, inner.height, inner.width, inner.channels],
        output: inner.span,
      });
    }
    above = inner;
    if (i < layout.outputs) {
      levels.unshift(convolution(plan, weights, inner, { conv: `layer_blocks.${i}.0` }, { label: `fpn.layer_blocks.${i}` }));
    }
  }
  if (!layout.extraMaxPool) return levels;
  const last = levels[levels.length - 1];
  const [height, width] = [last.height, last.width].map((size) => Math.floor((size - 1) / 2) + 1);
  const extra = { span: plan.buffer(height * width * last.channels), height, width, channels: last.channels };
  const shape = [1, last.height, last.width, last.channels] as const;
  plan.step({ op: 'subsample', label: 'fpn.extra', input: last.span, shape, stride: 2, output: extra.span });
  return [...levels, extra];
}
