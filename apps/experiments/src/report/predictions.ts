// What segmentation made of a few images: image, stored labels, prediction, a row an arm and image.
import fs from 'node:fs';
import path from 'node:path';
import { mosaicPng, paintLabels, type RgbImage } from '@stint/report';
import { descriptionOf, type ModelDescription } from '@stint/runtime';
import { readSafetensors } from '@stint/safetensors';
import type { Experiment } from '../config/schema.ts';
import { CHECKPOINT } from '../executor/sharing.ts';
import { colorsOf } from '../predict/segments.ts';
import { readPredictions } from './shown-files.ts';
import { enlargeAlike, imagesAnArm, lastShown } from './tiles.ts';

/** PNG of the shown images of every arm (first seed, last sweep value), each at its own size; undefined when no run left predictions. */
export async function drawPredictions(experiment: Experiment, folder: string): Promise<Buffer | undefined> {
  const found = experiment.arms.flatMap((arm) => {
    const file = lastShown(experiment, arm, folder, 'predictions/shown.json');
    return file ? [{ arm, shown: readPredictions(file) }] : [];
  });
  if (found.length === 0) return undefined;
  const categories = categoriesOf(experiment, folder);
  const rows: RgbImage[][] = [];
  const labels: string[] = [];
  for (const { arm, shown } of found) {
    const colors = colorsOf(categories, shown.classes.length);
    for (const { width, height, rgb, truth, prediction } of shown.images.slice(0, imagesAnArm(experiment))) {
      const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
      const painted = (map: string): RgbImage => ({ width, height, data: paintLabels(bytes(map), colors) });
      rows.push([{ width, height, data: bytes(rgb) }, painted(truth), painted(prediction)]);
      labels.push(arm);
    }
  }
  if (rows.length === 0) return undefined;
  return mosaicPng({ rows: enlargeAlike(rows), columns: ['image', 'labels', 'prediction'], labels });
}

/** The classes with the dataset's colours, as any of the experiment's checkpoints has them; undefined where none can be read. */
function categoriesOf({ runs }: Experiment, folder: string): ModelDescription['categories'] {
  const file = runs.map(({ name }) => path.join(folder, name, CHECKPOINT)).find((each) => fs.existsSync(each));
  try {
    return file === undefined ? undefined : descriptionOf(readSafetensors(file).metadata, file)?.categories;
  } catch {
    // A damaged checkpoint is for who runs it; pictures have colours of their own.
    return undefined;
  }
}
