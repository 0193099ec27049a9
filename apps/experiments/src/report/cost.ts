// What each stage of a backbone costs on one image, for the cost map: the rows of the cost model, spread over the pixels that caused
// them. A sampled cell costs its convolutions, a cell that is not sampled the interpolation there, everything else is spent everywhere.
// The sum of the map over all pixels is the total of countMacs (49 taps) at the image's own densities.
import { type BlockDensities, countMacs, type MacRow, type ResNetConfig, resnet } from '@stint/backbones';
import type { CostStage } from '@stint/report';
import type { OverlayMask } from '../run/overlay.ts';

/** Costs in MACs per image pixel, `dense` that of the same network without masks; `masks` are those of one image of `height` x `width` pixels. */
export function costStages(
  config: ResNetConfig,
  { height, width, masks }: { height: number; width: number; masks: readonly OverlayMask[] },
): { stages: CostStage[]; dense: number } {
  const backbone = resnet(config);
  const share = ({ bits }: OverlayMask) => (bits.split('1').length - 1) / bits.length;
  const densities: Record<string, BlockDensities> = {};
  for (const each of masks) densities[each.block] = { ...densities[each.block], [`mask${each.mask}`]: share(each) };
  const { layers, denseTotal } = countMacs(backbone, [height, width], densities);
  const blocks = backbone.blocks.map((block) => block.name);
  const pixels = height * width;
  const ofBlock = (row: MacRow) => blocks.find((block) => row.name.startsWith(`${block}.`));
  const stages = ['stem', ...blocks].map((name) => {
    const rows = layers.filter((row) => (ofBlock(row) ?? 'stem') === name);
    const stage: CostStage = { name, uniform: 0, parts: [] };
    for (const row of rows) {
      const mask = maskOf(row, name, masks);
      if (mask < 0) stage.uniform += row.macs / pixels;
      else if (row.group === 'conditional') stage.parts.push({ mask, sampled: row.denseMacs / pixels, filled: 0 });
      else if (row.macs > 0) stage.parts.push({ mask, sampled: 0, filled: row.macs / pixels / (1 - row.density) });
    }
    return { ...stage, parts: merged(stage.parts) };
  });
  return { stages, dense: denseTotal / pixels };
}

/** Place of the mask that decides where a row is computed; -1 for what is computed everywhere. */
function maskOf({ name, group }: MacRow, block: string, masks: readonly OverlayMask[]): number {
  if (group !== 'conditional' && group !== 'interpolation') return -1;
  const own = masks.flatMap((each, place) => (each.block === block ? [{ ...each, place }] : []));
  if (own.length === 0) return -1;
  // conv3 and interpolation2 go with the last mask there is.
  const wanted = Number(/(?:conv|interpolation)(\d)/.exec(name.slice(block.length))?.[1] ?? 1);
  return own[Math.min(wanted, own.length) - 1].place;
}

/** One part a mask. */
function merged(parts: CostStage['parts']): CostStage['parts'] {
  const sums = new Map<number, CostStage['parts'][number]>();
  for (const { mask, sampled, filled } of parts) {
    const sum = sums.get(mask) ?? { mask, sampled: 0, filled: 0 };
    sums.set(mask, { mask, sampled: sum.sampled + sampled, filled: sum.filled + filled });
  }
  return [...sums.values()];
}
