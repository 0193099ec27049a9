// The masks of an experiment for its page: the first seed of each arm and sweep value, on the images that all of them have.
import fs from 'node:fs';
import path from 'node:path';
import { type ExplorerInput, type MaskView, packCells, pictureAddress, sweepLabel } from '@stint/report';
import type { Experiment, Run } from '../config/schema.ts';
import type { Overlay } from '../run/overlay.ts';
import { costStages } from './cost.ts';
import { readOverlay } from './shown-files.ts';

/** Bytes of masks in a page. Beyond it, images are left out from the last: a page of 1.5 MB still opens at once. */
const BUDGET = 700_000;

/** Undefined when no run has masks. */
export async function readOverlays(experiment: Experiment, folder: string): Promise<ExplorerInput | undefined> {
  const found = firstSeeds(experiment, folder);
  if (found.length === 0) return undefined;
  const shared = found[0].overlay.images.filter(({ id }) => found.every(({ overlay }) => overlay.images.some((image) => image.id === id)));
  const cells = found.flatMap(({ overlay }) => overlay.images.map(({ masks }) => masks.reduce((sum, { bits }) => sum + bits.length, 0)));
  // Packed eight a byte, as base64, with about 60 bytes of names a mask.
  const imageBytes = found.length * (Math.max(0, ...cells) / 6 + 60 * (found[0].overlay.images[0]?.masks.length ?? 0));
  const count = Math.max(1, Math.min(shared.length, Math.floor(BUDGET / Math.max(1, imageBytes))));
  const images = shared.slice(0, count);
  if (images.length === 0) return undefined;
  const pictures = await Promise.all(
    images.map(async ({ id, width, height, rgb }) => {
      const data = new Uint8Array(Buffer.from(rgb, 'base64'));
      return { id, width, height, source: await pictureAddress({ width, height, data }) };
    }),
  );
  const views = found.map(
    ({ run, overlay }): MaskView => ({
      arm: run.arm,
      style: experiment.arms.indexOf(run.arm),
      swept: sweepLabel(run.sweep),
      seed: run.seed,
      images: images.map(({ id }) => {
        const image = overlay.images.find((each) => each.id === id)!;
        const { stages, dense } = costStages(
          overlay.backbone ?? { ...run.config.model.backbone, sampling: run.config.model.sampling },
          image,
        );
        return {
          dense: short(dense),
          masks: image.masks.map(({ block, mask, height, width, bits }) => ({ block, mask, height, width, bits: packCells(bits) })),
          stages: stages.map(({ name, uniform, parts }) => ({
            name,
            uniform: short(uniform),
            parts: parts.map(({ mask, sampled, filled }) => ({ mask, sampled: short(sampled), filled: short(filled) })),
          })),
        };
      }),
    }),
  );
  const note = images.length < shared.length ? `${images.length} of ${shared.length} images are shown to keep this page small.` : undefined;
  return { pictures, masks: { images: images.map(({ id, width, height }) => ({ id, width, height })), views }, note };
}

const short = (value: number): number => Number(value.toPrecision(6));

function firstSeeds(experiment: Experiment, folder: string): { run: Run; overlay: Overlay }[] {
  const seen = new Set<string>();
  return experiment.runs.flatMap((run) => {
    const key = JSON.stringify([run.arm, run.sweep]);
    const file = path.join(folder, run.name, 'masks/masks.json');
    if (seen.has(key) || !fs.existsSync(file)) return [];
    seen.add(key);
    return [{ run, overlay: readOverlay(file) }];
  });
}
