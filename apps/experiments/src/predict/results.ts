// What was found in an image, in its own pixels and with names; and as COCO results.
import fs from 'node:fs';
import path from 'node:path';
import { type CocoDetection, parseCocoDataset } from '@stint/metrics';
import type { ModelDescription } from '@stint/runtime';
import { UsageError } from '../config/catalog.ts';
import { cocoBox } from '../task/detection/scoring.ts';
import type { Prediction } from './predictor.ts';
import { nameOf } from './segments.ts';

export interface FoundObject {
  label: number;
  category: string;
  categoryId: number;
  score: number;
  /** [x, y, width, height] in the image's pixels. */
  bbox: [number, number, number, number];
}

export interface FoundClass {
  label: number;
  category: string;
  /** After softmax. */
  probability: number;
}

/** Objects by falling score. `scale`: pixels of the network's image a pixel of the stored one. */
export function objectsOf(
  { detections }: Prediction,
  categories: ModelDescription['categories'],
  scale: { x: number; y: number },
): FoundObject[] {
  if (!detections) return [];
  const { boxes, scores, labels } = detections;
  return Array.from(scores, (score, i) => {
    const label = labels[i];
    const { id, name } = categories?.[label] ?? { id: label + 1, name: `class ${label}` };
    return { label, category: name, categoryId: id, score, bbox: cocoBox(boxes, i, scale) };
  });
}

/** The five likeliest classes. */
export function classesOf({ logits }: Prediction, categories: ModelDescription['categories']): FoundClass[] | undefined {
  if (!logits) return undefined;
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, value) => total + Math.exp(value - most), 0);
  return Array.from(logits, (value, label) => ({
    label,
    category: nameOf(label, categories),
    probability: Math.exp(value - most) / sum,
  }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 5);
}

/** The id that an image has in COCO results. */
export type ImageIds = (file: string, index: number) => number;

/**
 * Ids from an instances file, by the name in it; without one the number in the file's name (000000000139.jpg) where every name has its own, else
 * 1, 2, ... in order.
 */
export function imageIds(files: readonly string[], groundTruth: string | undefined): ImageIds {
  if (groundTruth === undefined) {
    const numbers = files.map((file) => Number(/(\d+)$/.exec(path.parse(file).name)?.[1] ?? Number.NaN));
    const own = numbers.every(Number.isSafeInteger) && new Set(numbers).size === numbers.length;
    return own ? (_, index) => numbers[index] : (_, index) => index + 1;
  }
  const { images } = parseCocoDataset(readJson(groundTruth), { file: groundTruth });
  const ids = new Map<string, number[]>();
  for (const { id, file_name } of images as { id: number; file_name?: unknown }[]) {
    const name = path.basename(String(file_name));
    ids.set(name, [...(ids.get(name) ?? []), id]);
  }
  return (file) => {
    const found = ids.get(path.basename(file)) ?? [];
    if (found.length !== 1)
      throw new Error(`${groundTruth} has ${found.length || 'no'} image${found.length > 1 ? 's' : ''} named ${path.basename(file)}`);
    return found[0];
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--ground-truth ${file}: ${(error as Error).message}`);
  }
}

/** All objects, whatever their score, as entries of a results file. */
export function cocoResults(objects: readonly FoundObject[], imageId: number): CocoDetection[] {
  return objects.map(({ categoryId, bbox, score }) => ({ image_id: imageId, category_id: categoryId, bbox, score }));
}
