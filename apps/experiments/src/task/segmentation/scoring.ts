// Label images of all images against the stored labels: one confusion matrix, the scores of mmsegmentation and Cityscapes' 19 classes from it.
import { denormalise, encodeLabelPng, type LabelImage } from '@stint/datasets';
import { addToConfusion, createConfusion, scoresOf } from '@stint/metrics';
import type { Scoring } from '../task.ts';
import type { SegmentationBatch } from './data.ts';

/** Images that the report shows with their labels. */
const SHOWN = 3;
/** Longest side of those pictures. */
const LONGEST = 640;

/** predictions/shown.json: a few images with truth and prediction, all of one size, as base64: RGB, and a class a pixel (255: not scored). */
export interface ShownPredictions {
  classes: string[];
  images: { name: string; width: number; height: number; rgb: string; truth: string; prediction: string }[];
}

export interface ScoringOptions {
  classes: string[];
  /** How many there will be. */
  images: number;
  /** A prediction as it is to be written; default as it is. */
  encode?(prediction: LabelImage): LabelImage;
}

/**
 * Metrics: mIoU, mAcc, aAcc in percent. Files: confusion.json (rows are true classes; the last column counts pixels of no class), label PNGs of
 * all predictions, and predictions/shown.json.
 */
export function confusionScoring({
  classes,
  images,
  encode = (prediction) => prediction,
}: ScoringOptions): Scoring<SegmentationBatch, LabelImage> {
  // Spread over the set: neighbours are often frames of one film.
  const chosen = new Set(Array.from({ length: SHOWN }, (_, i) => Math.floor((i * images) / SHOWN)));
  let index = 0;
  const confusion = createConfusion(classes.length);
  const files: Record<string, Uint8Array> = {};
  const shown: ShownPredictions = { classes, images: [] };
  return {
    async add(found, batch) {
      for (const [i, prediction] of found.entries()) {
        const { name, label } = batch.truth![i];
        addToConfusion(confusion, { label, prediction }, { ignoreLabel: 255, where: name });
        files[`predictions/${name}.png`] = await encodeLabelPng(encode(prediction));
        if (chosen.has(index++)) shown.images.push({ name, ...picture(batch, i, label, prediction) });
      }
    },
    finish() {
      const { IoU, accuracy, ...scores } = scoresOf(confusion);
      const percent = (value: number) => (Number.isNaN(value) ? -1 : 100 * value);
      const table = {
        classes,
        IoU: IoU.map(percent),
        accuracy: accuracy.map(percent),
        counts: classes.map((_, k) => [...confusion.counts.subarray(k * (classes.length + 1), (k + 1) * (classes.length + 1))]),
      };
      return {
        metrics: { mIoU: percent(scores.mIoU), mAcc: percent(scores.mAcc), aAcc: percent(scores.aAcc) },
        files: { ...files, 'confusion.json': JSON.stringify(table), 'predictions/shown.json': JSON.stringify(shown) },
      };
    },
  };
}

/** Every n-th pixel of the labels, and what the network saw there. */
function picture({ images, shape, sizes }: SegmentationBatch, index: number, label: LabelImage, prediction: LabelImage) {
  const every = Math.ceil(Math.max(label.width, label.height) / LONGEST);
  const [width, height] = [Math.floor(label.width / every), Math.floor(label.height / every)];
  const [, fullHeight, fullWidth] = shape;
  const seen = denormalise(images.subarray(index * fullHeight * fullWidth * 3, (index + 1) * fullHeight * fullWidth * 3));
  const rgb = new Uint8Array(width * height * 3);
  const [truth, predicted] = [new Uint8Array(width * height), new Uint8Array(width * height)];
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * sizes[index].height) / height);
    for (let x = 0; x < width; x++, at++) {
      const from = (row * fullWidth + Math.floor(((x + 0.5) * sizes[index].width) / width)) * 3;
      rgb.set(seen.subarray(from, from + 3), 3 * at);
      truth[at] = label.data[y * every * label.width + x * every];
      predicted[at] = prediction.data[y * every * label.width + x * every];
    }
  }
  const base64 = (data: Uint8Array) => Buffer.from(data).toString('base64');
  return { width, height, rgb: base64(rgb), truth: base64(truth), prediction: base64(predicted) };
}
