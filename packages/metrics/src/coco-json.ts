// COCO JSON in and out: checks files that others wrote, and writes results that others can read.
import { asBox, asCrowd, asEntry, asFinite, asId, asList, asName, CocoFormatError } from './check.ts';
import type { CocoAnnotation, CocoCategory, CocoDataset, CocoDetection, CocoImage } from './types.ts';

export interface ParseOptions {
  /** Name for error messages. */
  file: string;
}

/**
 * Checks parsed JSON of an instances file. Fields that the evaluation does not use stay as they are. A missing `area` becomes
 * width * height (sets without masks often leave it out), a missing `iscrowd` becomes 0.
 * Throws a CocoFormatError with file, index and id on the first wrong entry: types, numbers that are not finite or boxes beyond 1e9,
 * ids used twice, annotations of unknown images or categories.
 */
export function parseCocoDataset(json: unknown, { file }: ParseOptions): CocoDataset {
  const root = asEntry(json, `${file}: the file`);
  const categories = asList(root.categories, `${file}: categories`).map((value, i): CocoCategory => {
    const where = `${file}: categories[${i}]`;
    const entry = asEntry(value, where);
    const id = asId(entry, 'id', where);
    return { ...entry, id, name: asName(entry, `${where} (id ${id})`) };
  });
  const images = asList(root.images, `${file}: images`).map((value, i): CocoImage => {
    const where = `${file}: images[${i}]`;
    const entry = asEntry(value, where);
    return { ...entry, id: asId(entry, 'id', where) };
  });
  const imageIds = uniqueIds(images, `${file}: images`);
  const categoryIds = uniqueIds(categories, `${file}: categories`);
  const annotations = asList(root.annotations, `${file}: annotations`).map((value, i): CocoAnnotation => {
    const entry = asEntry(value, `${file}: annotations[${i}]`);
    const id = asId(entry, 'id', `${file}: annotations[${i}]`);
    const where = `${file}: annotations[${i}] (id ${id})`;
    const annotation = {
      ...entry,
      id,
      image_id: asId(entry, 'image_id', where),
      category_id: asId(entry, 'category_id', where),
      bbox: asBox(entry, where),
      area: 0,
      iscrowd: asCrowd(entry, where),
    };
    annotation.area = entry.area === undefined ? annotation.bbox[2] * annotation.bbox[3] : asFinite(entry, 'area', where);
    if (!imageIds.has(annotation.image_id)) throw new CocoFormatError(`${where}: image_id ${annotation.image_id} is not among the images`);
    if (!categoryIds.has(annotation.category_id))
      throw new CocoFormatError(`${where}: category_id ${annotation.category_id} is not among the categories`);
    return annotation;
  });
  uniqueIds(annotations, `${file}: annotations`);
  return { ...root, images, annotations, categories };
}

/** Checks parsed JSON of a results file: `[{image_id, category_id, bbox: [x, y, width, height], score}]`. */
export function parseCocoDetections(json: unknown, { file }: ParseOptions): CocoDetection[] {
  return asList(json, `${file}: the results`).map((value, i) => {
    const where = `${file}: [${i}]`;
    const entry = asEntry(value, where);
    const image_id = asId(entry, 'image_id', where);
    const place = `${where} (image_id ${image_id})`;
    return {
      ...entry,
      image_id,
      category_id: asId(entry, 'category_id', place),
      bbox: asBox(entry, place),
      score: asFinite(entry, 'score', place),
    };
  });
}

/** What was found in one image: `x1, y1, x2, y2` one after another in pixels of that image, and labels 0..K-1. */
export interface ImageDetections {
  imageId: number;
  boxes: ArrayLike<number>;
  scores: ArrayLike<number>;
  labels: ArrayLike<number>;
}

/** Entries of a COCO results file; `categoryIds[label]` is the category id. `JSON.stringify` them for pycocotools. */
export function toResultsJson(found: readonly ImageDetections[], categoryIds: readonly number[]): CocoDetection[] {
  return found.flatMap(({ imageId, boxes, scores, labels }) => {
    if (boxes.length !== 4 * scores.length || labels.length !== scores.length)
      throw new Error(
        `toResultsJson: image ${imageId} has ${boxes.length} box coordinates and ${labels.length} labels for ${scores.length} scores; give 4 and 1 a score`,
      );
    return Array.from(scores, (score, i) => {
      const category_id = categoryIds[labels[i]];
      if (category_id === undefined)
        throw new Error(`toResultsJson: image ${imageId} has label ${labels[i]}, but there are ${categoryIds.length} categories`);
      const [x, y] = [boxes[4 * i], boxes[4 * i + 1]];
      return { image_id: imageId, category_id, bbox: [x, y, boxes[4 * i + 2] - x, boxes[4 * i + 3] - y], score };
    });
  });
}

function uniqueIds(entries: readonly { id: number }[], where: string): Set<number> {
  const ids = new Set<number>();
  entries.forEach(({ id }, i) => {
    if (ids.has(id)) throw new CocoFormatError(`${where}[${i}]: id ${id} is used twice`);
    ids.add(id);
  });
  return ids;
}
