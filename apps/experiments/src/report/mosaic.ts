// The mosaic of sampling masks: one row an arm (first seed, last sweep value: the sparsest), columns by stage and mask.
import fs from 'node:fs';
import path from 'node:path';
import { drawMask, enlarge, mosaicPng, type RgbImage } from '@stint/report';
import type { Experiment } from '../config/schema.ts';
import type { Overlay, OverlayMask } from '../run/overlay.ts';

const TILE = 240;

/** PNG of the first overlay image of every arm; undefined when no arm samples. */
export async function drawMosaic(experiment: Experiment, folder: string): Promise<Buffer | undefined> {
  const rows: RgbImage[][] = [];
  const labels: string[] = [];
  let columns: string[] = [];
  for (const arm of experiment.arms) {
    const own = experiment.runs.filter((run) => run.arm === arm && run.seed === experiment.seeds[0]);
    const overlay = own.map((run) => readOverlay(path.join(folder, run.name))).findLast((found) => found !== undefined);
    if (!overlay || overlay.images.length === 0) continue;
    for (const { width, height, rgb, masks } of overlay.images.slice(0, experiment.arms.length > 2 ? 1 : 3)) {
      const image: RgbImage = { width, height, data: new Uint8Array(Buffer.from(rgb, 'base64')) };
      const shown = lastOfEachStage(masks);
      columns = ['image', ...shown.map(({ block, mask }) => `${block} mask ${mask}`)];
      labels.push(arm);
      const factor = Math.max(1, Math.floor(TILE / width));
      rows.push(
        [
          image,
          ...shown.map(({ block, mask, bits, ...rest }) =>
            drawMask(image, { ...rest, label: `${block} ${mask}`, values: Array.from(bits, Number) }),
          ),
        ].map((tile) => enlarge(tile, factor)),
      );
    }
  }
  return rows.length > 0 ? mosaicPng({ rows, columns, labels }) : undefined;
}

function readOverlay(folder: string): Overlay | undefined {
  const file = path.join(folder, 'masks/masks.json');
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
}

/** Both masks of the last block of each stage: `layer1.1`, `layer2.1`, ... */
function lastOfEachStage(masks: readonly OverlayMask[]): OverlayMask[] {
  const stages = new Map<string, string>();
  for (const { block } of masks) stages.set(block.split('.')[0], block);
  return masks.filter(({ block }) => [...stages.values()].includes(block));
}
