// The masks of a block as steps: heads over its input, a draw for each, and what follows from them. Paper, section 3.1; which masks a block has
// says integration.ts of @stint/backbones.
import { type BlockSpec, type MaskName, maskHeads, readsOnly } from '@stint/backbones/plain';
import type { MaskSlot, NativeSampler } from '@stint/sparse-conv/native';
import type { PlanBuilder } from './builder.ts';
import { halved, type PlannedMap, shapeOf } from './map.ts';
import type { Weights } from './weights.ts';

/** Where each convolution of a block is computed; conv3 goes with mask 2 when it has none of its own. */
export interface BlockSlots {
  name: string;
  masks: { mask1: MaskSlot; mask2: MaskSlot; mask3?: MaskSlot };
  /** Those that are drawn; the others follow from them. */
  drawn: readonly MaskName[];
}

/** How a network draws its masks; the noise key of a mask ends in [block index, head]. */
export type PlanSampler = Omit<NativeSampler, 'key' | 'kind'> & { kind: NativeSampler['kind'] | 'given' };

/** All masks from the block's input. */
export function planMasks(plan: PlanBuilder, weights: Weights, block: BlockSpec, x: PlannedMap, sampler: PlanSampler): BlockSlots {
  const { name, index, stride } = block;
  const heads = maskHeads(block);
  const drawn = heads.map((head) => {
    const [height, width] = [halved(x.height, head.stride), halved(x.width, head.stride)];
    return { ...head, mask: plan.mask(height, width), cells: height * width };
  });
  // The kernel takes two heads at a time; an odd one is computed twice.
  for (let i = 0; i < drawn.length; i += 2) {
    const pair = [drawn[i], drawn[i + 1] ?? drawn[i]] as const;
    const outputs = [plan.buffer(pair[0].cells), plan.buffer(pair[1].cells)] as const;
    const cells = pair[0].cells + (pair[1] === pair[0] ? 0 : pair[1].cells);
    plan.step(
      {
        op: 'maskHeads',
        label: `${name}.masks`,
        input: x.span,
        shape: shapeOf(x),
        ...weights.heads(name, [pair[0].index, pair[1].index], x.channels),
        stride: [pair[0].stride, pair[1].stride],
        outputs,
      },
      { macs: 9 * x.channels * cells },
    );
    drawn.slice(i, i + 2).forEach(({ index: head, mask }, k) => {
      const { kind, ...settings } = sampler;
      // A given mask takes the place of the draw.
      const draw: NativeSampler = { kind: kind === 'given' ? 'deterministic' : kind, ...settings, key: [index, head] };
      plan.step({ op: 'drawMask', label: `${name}.draw${head}`, probability: outputs[k], mask, sampler: draw });
    });
  }
  const slots = drawn.map(({ mask }) => mask);
  if (slots.length > 1) {
    const [mask1, mask2, mask3] = slots;
    const names: MaskName[] = mask3 === undefined ? ['mask1', 'mask2'] : ['mask1', 'mask2', 'mask3'];
    return { name, masks: mask3 === undefined ? { mask1, mask2 } : { mask1, mask2, mask3 }, drawn: names };
  }
  const mask2 = slots[0];
  if (!readsOnly(block)) return { name, masks: { mask1: mask2, mask2 }, drawn: ['mask2'] };
  const mask1 = plan.mask(x.height, x.width);
  plan.step({ op: 'dilate', label: `${name}.reads`, from: mask2, mask: mask1, kernel: 3, stride });
  return { name, masks: { mask1, mask2 }, drawn: ['mask2'] };
}
