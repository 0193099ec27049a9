// Images one after another through a predictor: read, resize, find, draw, say. A bad image is told of and left out.
import path from 'node:path';
import { readImage } from '@stint/datasets';
import type { CocoDetection } from '@stint/metrics';
import { writeFileAtomic } from '../run/files.ts';
import { drawMasks, drawObjects, drawSegments } from './draw.ts';
import type { ListedImage } from './images.ts';
import { fitImage, type Resize } from './load.ts';
import type { Predictor } from './predictor.ts';
import { classesOf, cocoResults, type FoundClass, type FoundObject, type ImageIds, objectsOf } from './results.ts';
import { type FoundSegment, idPng, segmentsOf } from './segments.ts';

export interface PredictOptions {
  predictor: Predictor;
  /** Folder of the pictures; none are drawn without it. */
  out?: string;
  /** Objects below it are not drawn and not listed; COCO results hold all. */
  score: number;
  masks: 'last' | 'all' | 'none';
  /** Short and long side that images are brought to; default: as they are. */
  resize?: Resize;
  /** Keep the pixels as they are stored, whatever EXIF says. */
  storedOrientation: boolean;
  ids: ImageIds;
  stop?: AbortSignal;
}

/** One line of stdout. */
export interface PredictLine {
  image: string;
  width: number;
  height: number;
  /** What the network was given. */
  input: { width: number; height: number };
  imageId: number;
  objects?: FoundObject[];
  segments?: FoundSegment[];
  classes?: FoundClass[];
  ms: number;
  /** False for the first image of a size: its time holds the planning of the network for that size. */
  planned: boolean;
  /** Of the backbone, with the masks drawn: the paper's count. */
  macs: number;
  denseMacs: number;
  density?: Record<string, number>;
  pictures: string[];
}

export interface BadImage {
  image: string;
  error: string;
}

/** Runs all images; `onImage` hears of each as it is done. Returns all objects found as COCO results. */
export async function predictImages(
  images: readonly ListedImage[],
  options: PredictOptions,
  onImage: (line: PredictLine | BadImage) => void,
): Promise<CocoDetection[]> {
  const results: CocoDetection[] = [];
  const sizes = new Set<string>();
  for (const [index, image] of images.entries()) {
    if (options.stop?.aborted) break;
    try {
      if (image.problem !== undefined) throw new Error(image.problem);
      const { line, all } = await predictOne(image, index, options, sizes);
      results.push(...cocoResults(all, line.imageId));
      onImage(line);
    } catch (error) {
      onImage({ image: image.file, error: (error as Error).message });
    }
  }
  return results;
}

async function predictOne({ file, name }: ListedImage, index: number, options: PredictOptions, sizes: Set<string>) {
  const { predictor, score, storedOrientation, ids } = options;
  const { description } = predictor;
  const picture = await readImage(file, { orient: !storedOrientation });
  const { input, scale } = fitImage(picture, options.resize, description.input);
  const imageId = ids(file, index);
  const size = `${input.height}x${input.width}`;
  const prediction = await predictor.predict(input, [picture.height, picture.width]);
  const { labels } = prediction;
  const segments = labels && segmentsOf(labels, description.categories);
  const all = objectsOf(prediction, description.categories, scale);
  const objects = all.filter((object) => object.score >= score);
  const pictures: [string, Buffer | undefined][] = [];
  if (options.out !== undefined) {
    if (prediction.detections) pictures.push([`${name}.png`, await drawObjects(picture, objects)]);
    if (labels && segments) {
      pictures.push([`${name}.png`, await drawSegments(picture, labels, segments, description.categories)]);
      pictures.push([`${name}.labels.png`, await idPng(labels, description.categories)]);
    }
    if (options.masks !== 'none') pictures.push([`${name}.masks.png`, await drawMasks(picture, prediction.masks, scale, options.masks)]);
  }
  const { macs, masks, ms } = prediction;
  const line: PredictLine = {
    image: file,
    width: picture.width,
    height: picture.height,
    input: { width: input.width, height: input.height },
    imageId,
    ...(prediction.detections && { objects }),
    segments: segments?.map((segment) => ({ ...segment, share: round(segment.share, 6) })),
    classes: classesOf(prediction, description.categories),
    ms: round(ms, 3),
    planned: sizes.has(size),
    // Without masks there are no mask heads to pay for.
    macs: masks.length > 0 ? macs.total.direct : macs.denseTotal,
    denseMacs: macs.denseTotal,
    density: masks.length > 0 ? Object.fromEntries(masks.map((mask) => [`${mask.block}.mask${mask.mask}`, densityOf(mask)])) : undefined,
    pictures: pictures.flatMap(([own, bytes]) => {
      if (!bytes) return [];
      const target = path.join(options.out!, own);
      writeFileAtomic(target, bytes);
      return [target];
    }),
  };
  sizes.add(size);
  return { line, all };
}

function densityOf({ values }: { values: ArrayLike<number> }): number {
  let sampled = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > 0) sampled++;
  return round(sampled / values.length, 6);
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
