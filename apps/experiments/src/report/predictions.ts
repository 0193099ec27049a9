// What segmentation made of a few images: image, stored labels, prediction, a row an arm and image.
import { classColors, mosaicPng, paintLabels, type RgbImage } from '@stint/report';
import type { Experiment } from '../config/schema.ts';
import { readPredictions } from './shown-files.ts';
import { enlargeAlike, imagesAnArm, lastShown } from './tiles.ts';

/** PNG of the shown images of every arm (first seed, last sweep value), each at its own size; undefined when no run left predictions. */
export async function drawPredictions(experiment: Experiment, folder: string): Promise<Buffer | undefined> {
  const rows: RgbImage[][] = [];
  const labels: string[] = [];
  for (const arm of experiment.arms) {
    const file = lastShown(experiment, arm, folder, 'predictions/shown.json');
    if (!file) continue;
    const shown = readPredictions(file);
    for (const { width, height, rgb, truth, prediction } of shown.images.slice(0, imagesAnArm(experiment))) {
      const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
      const painted = (map: string): RgbImage => ({ width, height, data: paintLabels(bytes(map), classColors(shown.classes.length)) });
      rows.push([{ width, height, data: bytes(rgb) }, painted(truth), painted(prediction)]);
      labels.push(arm);
    }
  }
  if (rows.length === 0) return undefined;
  return mosaicPng({ rows: enlargeAlike(rows), columns: ['image', 'labels', 'prediction'], labels });
}
