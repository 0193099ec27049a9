// What segmentation made of a few images: image, stored labels, prediction, a row an arm and image.
import fs from 'node:fs';
import path from 'node:path';
import { mosaicPng, type RgbImage } from '@stint/report';
import type { Experiment } from '../config/schema.ts';
import type { ShownPredictions } from '../task/segmentation/scoring.ts';
import { enlargeAlike, imagesAnArm } from './tiles.ts';

/** Pixels that are not scored. */
const IGNORED = [0, 0, 0];

/** PNG of the shown images of every arm (first seed, last sweep value), each at its own size; undefined when no run left predictions. */
export async function drawPredictions(experiment: Experiment, folder: string): Promise<Buffer | undefined> {
  const rows: RgbImage[][] = [];
  const labels: string[] = [];
  for (const arm of experiment.arms) {
    const own = experiment.runs.filter((run) => run.arm === arm && run.seed === experiment.seeds[0]);
    const shown = own.map((run) => readShown(path.join(folder, run.name))).findLast((found) => found !== undefined);
    if (!shown) continue;
    for (const { width, height, rgb, truth, prediction } of shown.images.slice(0, imagesAnArm(experiment))) {
      const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
      const painted = (map: string): RgbImage => ({ width, height, data: paint(bytes(map), shown.classes.length) });
      rows.push([{ width, height, data: bytes(rgb) }, painted(truth), painted(prediction)]);
      labels.push(arm);
    }
  }
  if (rows.length === 0) return undefined;
  return mosaicPng({ rows: enlargeAlike(rows), columns: ['image', 'labels', 'prediction'], labels });
}

function readShown(folder: string): ShownPredictions | undefined {
  const file = path.join(folder, 'predictions/shown.json');
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
}

/** A colour a class, as RGB. */
export function paint(labels: Uint8Array, classes: number): Uint8Array {
  const palette = Array.from({ length: classes }, (_, k) => colourOf(k));
  const rgb = new Uint8Array(labels.length * 3);
  labels.forEach((label, i) => {
    rgb.set(palette[label] ?? IGNORED, 3 * i);
  });
  return rgb;
}

/** Hues a golden angle apart, so that neighbouring classes differ most; class 0 (often background) is a dark grey. */
function colourOf(index: number): [number, number, number] {
  if (index === 0) return [60, 60, 60];
  const hue = (index * 137.508) % 360;
  const value = index % 2 === 0 ? 0.95 : 0.75;
  const channel = (shift: number) => {
    const k = (shift + hue / 60) % 6;
    return Math.round(255 * value * (1 - 0.75 * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}
