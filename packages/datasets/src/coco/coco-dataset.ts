// Any folder of images with a COCO instances JSON as a dataset.
import path from 'node:path';
import { DatasetError } from '../errors.ts';
import type { CocoImage, DetectionDataset, DetectionSample, SkippedImage } from '../types.ts';
import { type Annotations, readAnnotations } from './annotations.ts';
import { checkHeader, decodeImage } from './decode.ts';

export interface CocoOptions {
  /** The COCO instances JSON. */
  annotations: string;
  /** The folder that `file_name` starts from. */
  images: string;
  /** A damaged, missing or wrongly sized image: 'error' (default) rejects; 'skip' leaves it out and lists it in `skipped`. */
  onDamaged?: 'error' | 'skip';
  /**
   * How the images are checked on opening: 'decode' (default) decodes each once, about 4 ms for 640x480; 'header' reads sizes only,
   * for sets too large to decode twice: damage further in then rejects at `get`, whatever `onDamaged` says.
   */
  check?: 'decode' | 'header';
  /** Bytes of decoded images to keep in memory, default 0. What fits stays: nothing is evicted, so a full pass costs no thrashing. */
  cacheBytes?: number;
  /** Default: the name of the JSON file without its extension. */
  name?: string;
}

const PARALLEL = 4;

/**
 * Opens a COCO folder. Annotations that have no one right reading (unknown category or image, repeated id, sizes that are negative
 * or not finite) reject with file and id. Boxes that leave their image are clipped, those with nothing inside dropped, both counted in
 * `warnings`. An image without annotations is kept: a negative. `groundTruth()` holds the annotations as the JSON has them,
 * unclipped and undropped, for the images that are kept, so that it scores as other COCO tools do.
 */
export async function cocoDataset(options: CocoOptions): Promise<DetectionDataset> {
  const { onDamaged = 'error', check = 'decode', cacheBytes = 0 } = options;
  if (onDamaged !== 'error' && onDamaged !== 'skip')
    throw new DatasetError(`cocoDataset: onDamaged '${onDamaged}' must be 'error' or 'skip'`);
  if (check !== 'decode' && check !== 'header') throw new DatasetError(`cocoDataset: check '${check}' must be 'decode' or 'header'`);
  const { truth, objects, warnings } = await readAnnotations(options.annotations);
  const pixels = pixelSource(options.images, cacheBytes);
  const problems = await checkImages(truth.images, onDamaged, (image) =>
    check === 'decode' ? pixels(image) : checkHeader(path.join(options.images, image.file_name), image),
  );
  const skipped = truth.images.flatMap(({ id, file_name }, i): SkippedImage[] => {
    const reason = problems[i];
    return reason === undefined ? [] : [{ file: path.join(options.images, file_name), id, reason }];
  });
  if (onDamaged === 'error' && skipped.length > 0) {
    throw new DatasetError(`${imageError(skipped[0])}; repair it, or leave such images out with onDamaged: 'skip'`);
  }
  const images = truth.images.filter((_, i) => problems[i] === undefined);
  if (images.length === 0)
    throw new DatasetError(`cocoDataset: ${options.annotations}: none of ${skipped.length} images is usable; ${imageError(skipped[0])}`);
  const kept = new Set(images.map(({ id }) => id));
  const name = options.name ?? path.parse(options.annotations).name;
  return {
    name,
    categories: truth.categories,
    length: images.length,
    ids: [...kept],
    skipped,
    warnings,
    groundTruth: () => ({ ...truth, images, annotations: truth.annotations.filter(({ image_id }) => kept.has(image_id)) }),
    async get(index) {
      const image = images[index];
      if (!image) throw new RangeError(`${name}: no image at ${index}, there are ${images.length}`);
      try {
        return toSample(image, await pixels(image), objects);
      } catch (error) {
        const damage = { file: path.join(options.images, image.file_name), id: image.id, reason: (error as Error).message };
        throw new DatasetError(`${imageError(damage)}; with check: 'decode' it is found on opening`);
      }
    },
  };
}

function imageError({ file, id, reason }: SkippedImage): string {
  return `cocoDataset: image ${id} (${file}): ${reason}`;
}

/** Decodes images and keeps the first ones that fit. */
function pixelSource(folder: string, cacheBytes: number): (image: CocoImage) => Promise<Uint8Array> {
  const cache = new Map<number, Uint8Array>();
  let free = cacheBytes;
  return async (image) => {
    const known = cache.get(image.id);
    if (known) return known;
    const data = await decodeImage(path.join(folder, image.file_name), image);
    if (data.length <= free && !cache.has(image.id)) {
      cache.set(image.id, data);
      free -= data.length;
    }
    return data;
  };
}

/** What is wrong with each image, undefined where nothing is. After the first problem, 'error' starts no further check. */
async function checkImages(
  images: CocoImage[],
  onDamaged: 'error' | 'skip',
  check: (image: CocoImage) => Promise<unknown>,
): Promise<(string | undefined)[]> {
  const problems = new Array<string | undefined>(images.length).fill(undefined);
  let next = 0;
  const worker = async () => {
    while (next < images.length) {
      const i = next++;
      try {
        await check(images[i]);
      } catch (error) {
        problems[i] = (error as Error).message;
        if (onDamaged === 'error') next = images.length;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return problems;
}

function toSample({ id, width, height }: CocoImage, image: Uint8Array, objects: Annotations['objects']): DetectionSample {
  const { boxes, labels, crowd } = objects.get(id)!;
  return {
    id,
    width,
    height,
    image,
    boxes: Float32Array.from(boxes),
    labels: Int32Array.from(labels),
    crowd: Uint8Array.from(crowd),
  };
}
