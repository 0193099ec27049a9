// How masks, convolutions and interpolations go together in a bottleneck. Paper, section 3.3 and figure 3. Which drawing of the figure is
// which variant is not known to us; these are the definitions used here. All masks come from the block input x; h1, h2, h3 are what conv1, conv2, conv3
// give with their batch norms (and relu, after the first two); y = relu(branch + shortcut x).
//
//   one-mask     M at output resolution.
//                stride 1:  h1 = Fill(h1 at M, M)                  stride 2:  h1 at reads(M), not filled in
//                branch = Fill(h3 at M, M), conv2 and conv3 computed at M
//   two-masks    h1 = Fill(h1 at M1, M1)   branch = Fill(h3 at M2, M2), conv2 and conv3 computed at M2        (the paper's default)
//   three-masks  h1 = Fill(h1 at M1, M1)   h2 = Fill(h2 at M2, M2)   branch = Fill(h3 at M3, M3)
//
// One mask at stride 2: conv1 works at input resolution, where M has no counterpart. So it is computed just where conv2 reads it for the positions of
// M: reads(M), the union of their 3x3 windows. Nothing of h1 is then missing, and nothing is interpolated after conv1. At stride 1 conv1
// shares M itself. With a full mask either is the dense block.
//
// Orders. One and two masks: training may interpolate before conv3 (block.ts). Three masks have one order, the one above: mask 3 is not mask 2,
// so nothing can be moved past conv3, and training and inference are one function.
import type { BlockSpec, MaskIndex, SamplingConfig } from './types.ts';

export type MaskName = 'mask1' | 'mask2' | 'mask3';

/** One interpolation of a block: parameters `conv<head>_sigma` or `_filter`, row `interpolation<head>` of the cost. */
export interface Filling {
  head: MaskIndex;
  mask: MaskName;
  /** Of the features that are filled in, at inference. */
  channels: number;
  /** Whether they are at the block's input or output resolution. */
  at: 'input' | 'output';
  /** What follows is the residual sum. */
  last: boolean;
}

/** Whether there are masks at all. */
export const isSampled = (sampling: SamplingConfig | undefined): sampling is SamplingConfig =>
  sampling !== undefined && sampling.integration !== 'dense';

/** Mask heads `conv<index>_mask` of a block; all read its input. None without masks. */
export function maskHeads({ stride, sampling }: BlockSpec): { index: MaskIndex; stride: number }[] {
  switch (sampling?.integration) {
    case 'one-mask':
      return [{ index: 1, stride }];
    case 'two-masks':
      return [
        { index: 1, stride: 1 },
        { index: 2, stride },
      ];
    case 'three-masks':
      return [
        { index: 1, stride: 1 },
        { index: 2, stride },
        { index: 3, stride },
      ];
    default:
      return [];
  }
}

/** Interpolations of a block, in order; none without masks. */
export function fillings(block: BlockSpec): Filling[] {
  const { planes, planes2, outChannels, sampling } = block;
  const first: Filling = { head: 1, mask: 'mask1', channels: planes, at: 'input', last: false };
  const branch: Filling = { head: 2, mask: 'mask2', channels: outChannels, at: 'output', last: true };
  switch (sampling?.integration) {
    case 'one-mask':
      return readsOnly(block) ? [branch] : [first, branch];
    case 'two-masks':
      return [first, branch];
    case 'three-masks':
      return [first, { ...branch, channels: planes2, last: false }, { ...branch, head: 3, mask: 'mask3' }];
    default:
      return [];
  }
}

/** Whether conv1 is computed just where conv2 reads it. */
export const readsOnly = ({ stride, sampling }: BlockSpec): boolean => sampling?.integration === 'one-mask' && stride > 1;

/**
 * Expected share of a map that 3x3 windows of stride 2 read, when each output is sampled with probability `density` on its own: a position of
 * even row and column is in one window, of one odd coordinate in two, of two in four. Clumped masks read less.
 */
export function readShare(density: number): number {
  const any = (windows: number) => 1 - (1 - density) ** windows;
  return (any(1) + 2 * any(2) + any(4)) / 4;
}
