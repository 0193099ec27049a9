// The mosaic of sampling masks: one row an arm (first seed, last sweep value: the sparsest), a column a mask of the last block of a stage. Arms
// may differ in their masks (one, two or three a block, other blocks): each stands under its own name.
import { type DrawnMask, drawMask, fitted, mergedOrder, mosaicPng, type RgbImage } from '@stint/report';
import type { Experiment } from '../config/schema.ts';
import type { OverlayMask } from '../run/overlay.ts';
import { readOverlay } from './shown-files.ts';
import { enlargeAlike, imagesAnArm, lastShown } from './tiles.ts';

/** Longest side of a tile. */
const LONGEST = 640;

interface Row {
  arm: string;
  image: RgbImage;
  /** Of the last block of each stage. */
  masks: DrawnMask[];
}

/** PNG of the first overlay images of every arm, each image at its own size; undefined when no arm samples. */
export async function drawMosaic(experiment: Experiment, folder: string): Promise<Buffer | undefined> {
  const shown: Row[] = [];
  for (const arm of experiment.arms) {
    const file = lastShown(experiment, arm, folder, 'masks/masks.json');
    const images = file ? readOverlay(file).images : [];
    for (const { width, height, rgb, masks } of images.slice(0, imagesAnArm(experiment))) {
      const { image, factor } = await fitted({ width, height, data: new Uint8Array(Buffer.from(rgb, 'base64')) }, LONGEST);
      shown.push({ arm, image, masks: lastOfEachStage(masks).map((mask) => drawnMask(mask, factor)) });
    }
  }
  if (shown.length === 0) return undefined;
  const columns = mergedOrder(shown.map(({ masks }) => masks.map(({ label }) => label)));
  const rows = shown.map(({ image, masks }) => [
    image,
    ...columns.map((column) => {
      const mask = masks.find(({ label }) => label === column);
      return mask && drawMask(image, mask);
    }),
  ]);
  return mosaicPng({ rows: enlargeAlike(rows), columns: ['image', ...columns], labels: shown.map(({ arm }) => arm) });
}

function drawnMask({ block, mask, bits, height, width, stride }: OverlayMask, factor: number): DrawnMask {
  return { label: `${block} mask ${mask}`, height, width, stride: stride * factor, values: Array.from(bits, Number) };
}

/** All masks of the last block of each stage: `layer1.1`, `layer2.1`, ... */
function lastOfEachStage(masks: readonly OverlayMask[]): OverlayMask[] {
  const stages = new Map<string, string>();
  for (const { block } of masks) stages.set(block.split('.')[0], block);
  return masks.filter(({ block }) => [...stages.values()].includes(block));
}
