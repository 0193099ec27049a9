// One bottleneck as steps. Paper, section 3.3 and figure 3 (b), in inference order:
//   h1 = Fill(relu(conv1 x), M1)      h2 = relu(conv2 h1) at M2      y = relu(Fill(conv3 h2, M2) + shortcut x)     (batch norms folded)
// conv2 writes compact rows, one a sampled position, which conv3 reads. h1 is filled in only where conv2 will read it. Where nothing is left
// out, conv3 adds the shortcut itself and the last pass is skipped.
import type { BlockSpec } from '@stint/backbones/plain';
import type { MaskSlot, NativeSampler, Span } from '@stint/sparse-conv/native';
import type { PlanBuilder } from './builder.ts';
import type { Weights } from './weights.ts';

/** A map of the arena: one image, NHWC. */
export interface PlannedMap {
  span: Span;
  height: number;
  width: number;
  channels: number;
}

export interface BlockSlots {
  name: string;
  mask1: MaskSlot;
  mask2: MaskSlot;
}

export interface BlockPlan {
  output: PlannedMap;
  slots?: BlockSlots;
}

/** How a network draws its masks; the noise key of a mask ends in [block index, head]. */
export type PlanSampler = Omit<NativeSampler, 'key' | 'kind'> & { kind: NativeSampler['kind'] | 'given' };

export function planBlock(plan: PlanBuilder, weights: Weights, block: BlockSpec, x: PlannedMap, sampler?: PlanSampler): BlockPlan {
  const masked = sampler !== undefined && block.sampling !== undefined && block.sampling.integration !== 'dense';
  return masked ? maskedBlock(plan, weights, block, x, sampler) : { output: denseBlock(plan, weights, block, x) };
}

const halved = (size: number, stride: number) => Math.floor((size - 1) / stride) + 1;
const shapeOf = ({ height, width, channels }: PlannedMap) => [1, height, width, channels] as const;

function mapOf(plan: PlanBuilder, height: number, width: number, channels: number): PlannedMap {
  return { span: plan.buffer(height * width * channels), height, width, channels };
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
  const { mask2 } = slots;
  const [height, width] = [halved(x.height, stride), halved(x.width, stride)];

  const h1 = planHidden(plan, weights, block, x, slots);
  const conv2 = weights.filter(`${name}.conv2`, `${name}.bn2`);
  const h2 = mapOf(plan, height, width, conv2.outChannels);
  plan.step(
    {
      op: 'convolve',
      label: `${name}.conv2`,
      filter: conv2,
      input: h1.span,
      shape: shapeOf(h1),
      stride,
      at: mask2,
      relu: true,
      outputRows: true,
      output: h2.span,
    },
    { macs: macsOf(conv2, h2), mask: mask2 },
  );

  const shortcut = shortcutOf(plan, weights, block, x);
  const conv3 = weights.filter(`${name}.conv3`, `${name}.bn3`);
  const work = { macs: macsOf(conv3, shortcut), mask: mask2 };
  const read = {
    op: 'convolve',
    label: `${name}.conv3`,
    filter: conv3,
    input: h2.span,
    shape: shapeOf(h2),
    at: mask2,
    inputRows: true,
  } as const;
  const fill = weights.fill(block, 2);
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
    label: `${name}.interpolation2`,
    features: branch.span,
    shape: shapeOf(branch),
    mask: mask2,
    fill,
    residual: shortcut.span,
    relu: true,
    output: shortcut.span,
    unlessFull: mask2,
  });
  return { output: shortcut, slots };
}

/** Both masks from the block's input. */
function planMasks(plan: PlanBuilder, weights: Weights, block: BlockSpec, x: PlannedMap, sampler: PlanSampler): BlockSlots {
  const { name, index, stride } = block;
  const [height, width] = [halved(x.height, stride), halved(x.width, stride)];
  const mask1 = plan.mask(x.height, x.width);
  const mask2 = plan.mask(height, width);
  const probabilities = [plan.buffer(x.height * x.width), plan.buffer(height * width)] as const;
  const macs = 9 * x.channels * (x.height * x.width + height * width);
  plan.step(
    {
      op: 'maskHeads',
      label: `${name}.masks`,
      input: x.span,
      shape: shapeOf(x),
      ...weights.heads(name, x.channels),
      stride: [1, stride],
      outputs: probabilities,
    },
    { macs },
  );
  [mask1, mask2].forEach((mask, i) => {
    const { kind, ...settings } = sampler;
    // A given mask takes the place of the draw.
    const drawn: NativeSampler = { kind: kind === 'given' ? 'deterministic' : kind, ...settings, key: [index, i + 1] };
    plan.step({ op: 'drawMask', label: `${name}.draw${i + 1}`, probability: probabilities[i], mask, sampler: drawn });
  });
  return { name, mask1, mask2 };
}

/** conv1 at mask 1, filled in where conv2 reads it. */
function planHidden(plan: PlanBuilder, weights: Weights, block: BlockSpec, x: PlannedMap, { mask1, mask2 }: BlockSlots): PlannedMap {
  const { name, stride } = block;
  const conv1 = weights.filter(`${name}.conv1`, `${name}.bn1`);
  const h1 = mapOf(plan, x.height, x.width, conv1.outChannels);
  const { kind } = block.sampling!.interpolation;
  if (kind === 'reuse') {
    // What is not sampled keeps what the layer was given: first everywhere, then over it what is sampled.
    const means = weights.channelMeans(x.channels, conv1.outChannels);
    plan.step({ op: 'convolve', label: `${name}.interpolation1`, filter: means, input: x.span, shape: shapeOf(x), output: h1.span });
  }
  plan.step(
    { op: 'convolve', label: `${name}.conv1`, filter: conv1, input: x.span, shape: shapeOf(x), at: mask1, relu: true, output: h1.span },
    { macs: macsOf(conv1, h1), mask: mask1 },
  );
  if (kind === 'reuse') return h1;
  const where = plan.mask(x.height, x.width);
  plan.step({ op: 'dilate', label: `${name}.reads`, from: mask2, mask: where, kernel: 3, stride });
  plan.step({
    op: 'interpolate',
    label: `${name}.interpolation1`,
    features: h1.span,
    shape: shapeOf(h1),
    mask: mask1,
    where,
    fill: weights.fill(block, 1),
    output: h1.span,
  });
  return h1;
}
