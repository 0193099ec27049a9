// One bottleneck as steps. Paper, section 3.3 and figure 3, in inference order (batch norms folded; integration.ts of @stint/backbones defines the
// variants):
//   one or two masks   h1 = Fill(relu(conv1 x), M1)   h2 = relu(conv2 h1) at M2          y = relu(Fill(conv3 h2, M2) + shortcut x)
//   three masks        h1 = Fill(relu(conv1 x), M1)   h2 = Fill(relu(conv2 h1), M2)      y = relu(Fill(conv3 h2, M3) + shortcut x)
// One mask is M1 and M2 at stride 1; at stride 2 conv1 is computed just where conv2 reads it, and h1 needs no filling.
// Without a mask of its own, conv3 reads compact rows, one a sampled position, which conv2 writes. h1 and h2 are filled in only where they will be
// read. Where nothing is left out, conv3 adds the shortcut itself and the last pass is skipped.
import { type BlockSpec, type Filling, fillings, isSampled, readsOnly } from '@stint/backbones/plain';
import type { MaskSlot } from '@stint/sparse-conv/native';
import type { PlanBuilder } from './builder.ts';
import { halved, mapOf, type PlannedMap, shapeOf } from './map.ts';
import { type BlockSlots, type PlanSampler, planMasks } from './masks.ts';
import type { Weights } from './weights.ts';

export interface BlockPlan {
  output: PlannedMap;
  slots?: BlockSlots;
}

export function planBlock(plan: PlanBuilder, weights: Weights, block: BlockSpec, x: PlannedMap, sampler?: PlanSampler): BlockPlan {
  if (sampler && isSampled(block.sampling)) return maskedBlock(plan, weights, block, x, sampler);
  return { output: denseBlock(plan, weights, block, x) };
}

/** A convolution everywhere. */
export function convolution(
  plan: PlanBuilder,
  weights: Weights,
  x: PlannedMap,
  names: { conv: string; norm?: string },
  options: { stride?: number; relu?: boolean; residual?: PlannedMap; output?: PlannedMap; label?: string } = {},
): PlannedMap {
  const { stride = 1, relu = false, residual, label = names.conv } = options;
  const filter = weights.filter(names.conv, names.norm);
  const output = options.output ?? mapOf(plan, halved(x.height, stride), halved(x.width, stride), filter.outChannels);
  plan.step(
    { op: 'convolve', label, filter, input: x.span, shape: shapeOf(x), stride, relu, residual: residual?.span, output: output.span },
    { macs: macsOf(filter, output) },
  );
  return output;
}

const macsOf = (
  filter: { kernel: number; inChannels: number; outChannels: number },
  { height, width }: { height: number; width: number },
) => filter.kernel ** 2 * filter.inChannels * filter.outChannels * height * width;

function shortcutOf(plan: PlanBuilder, weights: Weights, { name, stride, downsample }: BlockSpec, x: PlannedMap): PlannedMap {
  if (!downsample) return x;
  return convolution(plan, weights, x, { conv: `${name}.downsample.0`, norm: `${name}.downsample.1` }, { stride });
}

function denseBlock(plan: PlanBuilder, weights: Weights, block: BlockSpec, x: PlannedMap): PlannedMap {
  const { name, stride } = block;
  const h1 = convolution(plan, weights, x, { conv: `${name}.conv1`, norm: `${name}.bn1` }, { relu: true });
  const h2 = convolution(plan, weights, h1, { conv: `${name}.conv2`, norm: `${name}.bn2` }, { relu: true, stride });
  const residual = shortcutOf(plan, weights, block, x);
  // In place of the shortcut: nothing else reads it any more.
  return convolution(plan, weights, h2, { conv: `${name}.conv3`, norm: `${name}.bn3` }, { relu: true, residual, output: residual });
}

function maskedBlock(plan: PlanBuilder, weights: Weights, block: BlockSpec, x: PlannedMap, sampler: PlanSampler): BlockPlan {
  const { name, stride } = block;
  const slots = planMasks(plan, weights, block, x, sampler);
  const { mask2, mask3 } = slots.masks;
  const [height, width] = [halved(x.height, stride), halved(x.width, stride)];
  const fills = fillings(block);

  const h1 = planHidden(plan, weights, block, x, slots.masks);
  const conv2 = weights.filter(`${name}.conv2`, `${name}.bn2`);
  const h2 = mapOf(plan, height, width, conv2.outChannels);
  const second = {
    op: 'convolve',
    label: `${name}.conv2`,
    filter: conv2,
    input: h1.span,
    shape: shapeOf(h1),
    stride,
    at: mask2,
    relu: true,
    output: h2.span,
  } as const;
  const ofSecond = { macs: macsOf(conv2, h2), mask: mask2 };
  if (mask3 === undefined) plan.step({ ...second, outputRows: true }, ofSecond);
  else {
    if (keepsInput(block)) planReuse(plan, weights, block, fills[1], h1, h2);
    plan.step(second, ofSecond);
    if (!keepsInput(block)) planFill(plan, weights, block, fills[1], h2, { mask: mask2, where: mask3 });
  }

  const shortcut = shortcutOf(plan, weights, block, x);
  const conv3 = weights.filter(`${name}.conv3`, `${name}.bn3`);
  const last = mask3 ?? mask2;
  const work = { macs: macsOf(conv3, shortcut), mask: last };
  const read = {
    op: 'convolve',
    label: `${name}.conv3`,
    filter: conv3,
    input: h2.span,
    shape: shapeOf(h2),
    at: last,
    inputRows: mask3 === undefined,
  } as const;
  const { head } = fills[fills.length - 1];
  const fill = weights.fill(block, head);
  if (fill.kind === 'zeros' && !block.downsample) {
    // Left out means that the shortcut goes through; it is not negative already, and it is where the output goes.
    plan.step({ ...read, residual: shortcut.span, relu: true, output: shortcut.span }, work);
    return { output: shortcut, slots };
  }
  const branch = mapOf(plan, height, width, conv3.outChannels);
  const whole = { residual: shortcut.span, relu: true, output: shortcut.span };
  plan.step({ ...read, output: branch.span, whenFull: whole }, work);
  plan.step({
    op: 'interpolate',
    label: `${name}.interpolation${head}`,
    features: branch.span,
    shape: shapeOf(branch),
    mask: last,
    fill,
    residual: shortcut.span,
    relu: true,
    output: shortcut.span,
    unlessFull: last,
  });
  return { output: shortcut, slots };
}

/** conv1 at mask 1, filled in where conv2 reads it. */
function planHidden(
  plan: PlanBuilder,
  weights: Weights,
  block: BlockSpec,
  x: PlannedMap,
  { mask1, mask2 }: BlockSlots['masks'],
): PlannedMap {
  const { name, stride } = block;
  const conv1 = weights.filter(`${name}.conv1`, `${name}.bn1`);
  const h1 = mapOf(plan, x.height, x.width, conv1.outChannels);
  const [filling] = fillings(block);
  if (keepsInput(block) && !readsOnly(block)) planReuse(plan, weights, block, filling, x, h1);
  plan.step(
    { op: 'convolve', label: `${name}.conv1`, filter: conv1, input: x.span, shape: shapeOf(x), at: mask1, relu: true, output: h1.span },
    { macs: macsOf(conv1, h1), mask: mask1 },
  );
  if (keepsInput(block) || readsOnly(block)) return h1;
  const where = plan.mask(x.height, x.width);
  plan.step({ op: 'dilate', label: `${name}.reads`, from: mask2, mask: where, kernel: 3, stride });
  planFill(plan, weights, block, filling, h1, { mask: mask1, where });
  return h1;
}

const keepsInput = ({ sampling }: BlockSpec) => sampling!.interpolation.kind === 'reuse';

/** What is not sampled keeps what the layer was given: first everywhere, then over it what is sampled. */
function planReuse(
  plan: PlanBuilder,
  weights: Weights,
  { name, stride }: BlockSpec,
  { head, at }: Filling,
  given: PlannedMap,
  h: PlannedMap,
) {
  const means = weights.channelMeans(given.channels, h.channels);
  plan.step({
    op: 'convolve',
    label: `${name}.interpolation${head}`,
    filter: means,
    input: given.span,
    shape: shapeOf(given),
    stride: at === 'output' ? stride : 1,
    output: h.span,
  });
}

/** In place. */
function planFill(
  plan: PlanBuilder,
  weights: Weights,
  block: BlockSpec,
  { head }: Filling,
  h: PlannedMap,
  { mask, where }: { mask: MaskSlot; where: MaskSlot },
): void {
  plan.step({
    op: 'interpolate',
    label: `${block.name}.interpolation${head}`,
    features: h.span,
    shape: shapeOf(h),
    mask,
    where,
    fill: weights.fill(block, head),
    output: h.span,
  });
}
