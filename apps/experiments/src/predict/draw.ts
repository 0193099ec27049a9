// The pictures of a prediction: what was found, and where the network computed.
import { detectionsPng, drawMask, enlarge, fitted, labelsPng, mosaicPng, type RgbImage } from '@stint/report';
import type { LabelImage, ModelDescription } from '@stint/runtime';
import type { PredictedMask } from './predictor.ts';
import type { FoundObject } from './results.ts';
import { colorsOf, type FoundSegment } from './segments.ts';

/** Longest side of a tile of the masks' picture; smaller ones are enlarged by whole factors, up to about half of it. */
const TILE = 640;

/** The image with its objects. */
export function drawObjects(image: RgbImage, objects: readonly FoundObject[]): Promise<Buffer> {
  return detectionsPng(image, {
    boxes: objects.flatMap(({ bbox: [x, y, w, h] }) => [x, y, x + w, y + h]),
    labels: objects.map(({ label }) => label),
    scores: objects.map(({ score }) => score),
    names: objects.reduce<string[]>((names, { label, category }) => Object.assign(names, { [label]: category }), []),
  });
}

/** The image with its classes, and a legend: the largest first, in percent. */
export function drawSegments(
  image: RgbImage,
  { data }: LabelImage,
  segments: readonly FoundSegment[],
  categories: ModelDescription['categories'],
): Promise<Buffer> {
  return labelsPng(image, {
    labels: data,
    colors: colorsOf(categories, 256),
    legend: segments.map(({ label, category, share }) => ({ label, text: `${category} ${percent(share)}` })),
  });
}

const percent = (share: number): string => (share < 0.001 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`);

/**
 * Sampled positions as white dots: a row a block, a column a mask.
 * @param scale pixels of the network's image a pixel of `image`.
 * @param which the last block of each stage, or all.
 */
export async function drawMasks(
  image: RgbImage,
  masks: readonly PredictedMask[],
  scale: { x: number; y: number },
  which: 'last' | 'all',
): Promise<Buffer | undefined> {
  const blocks = [...new Set(masks.map(({ block }) => block))];
  const shown = which === 'all' ? blocks : blocks.filter((block, i) => stageOf(block) !== stageOf(blocks[i + 1] ?? ''));
  if (shown.length === 0) return undefined;
  // Cells are square in the network's image; the picture is drawn at that shape.
  const { image: small, factor } = await fitted(image, TILE);
  const times = Math.max(1, Math.floor(TILE / 2 / Math.max(small.width, small.height)));
  const tile = enlarge(small, times);
  const columns = [...new Set(masks.map(({ mask }) => mask))].sort();
  const rows = shown.map((block) =>
    columns.map((column) => {
      const mask = masks.find((each) => each.block === block && each.mask === column)!;
      const stride = (mask.stride / scale.x) * factor * times;
      return drawMask(tile, { ...mask, label: block, stride });
    }),
  );
  return mosaicPng({ rows, columns: columns.map((column) => `mask ${column}`), labels: shown });
}

const stageOf = (block: string): string => block.split('.')[0];
