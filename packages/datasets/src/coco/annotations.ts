// Reads and checks a COCO instances JSON: what the images are, what lies on them, and what had to be repaired.
// Format: https://cocodataset.org/#format-data. Labels are positions in the categories sorted by id, as in pycocotools.
import path from 'node:path';
import { DatasetError } from '../errors.ts';
import { readJsonFile } from '../json.ts';
import type { CocoAnnotation, CocoCategory, CocoDataset, CocoImage, DatasetWarning } from '../types.ts';
import { clipBox } from './clip.ts';

export interface ImageObjects {
  boxes: number[];
  labels: number[];
  crowd: number[];
}

export interface Annotations {
  /** As in the JSON, categories sorted by id; `area` and `iscrowd` filled in where they are missing. */
  truth: CocoDataset;
  /** The objects of each image id, boxes clipped to the image. */
  objects: Map<number, ImageObjects>;
  warnings: DatasetWarning[];
}

type Json = Record<string, unknown>;

/** Pixels. Beyond, no image is; products would leave the numbers. */
const LARGEST = 1e9;

/** Rejects, naming the file and the id, on everything that has no one right reading. */
export async function readAnnotations(file: string): Promise<Annotations> {
  const json = await readJson(file);
  const categories = list(file, json, 'categories').map((entry) => category(file, entry));
  const images = list(file, json, 'images').map((entry) => image(file, entry));
  const annotations = list(file, json, 'annotations').map((entry) => annotation(file, entry));
  if (categories.length === 0) fail(file, 'there are no categories');
  if (images.length === 0) fail(file, 'there are no images');
  for (const [kind, entries] of Object.entries({ category: categories, image: images, annotation: annotations }))
    unique(file, kind, entries);
  categories.sort((a, b) => a.id - b.id);
  return { truth: { images, annotations, categories }, ...assign(file, { images, annotations, categories }) };
}

async function readJson(file: string): Promise<Json> {
  const json = await readJsonFile(file).catch((error: Error) => {
    throw new DatasetError(`cocoDataset: ${error.message}`);
  });
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    fail(file, 'must hold an object with images, annotations and categories');
  return json as Json;
}

function list(file: string, json: Json, key: string): Json[] {
  const value = json[key];
  if (!Array.isArray(value)) fail(file, `${key} must be an array; is this an instances file?`);
  value.forEach((entry, i) => {
    if (typeof entry !== 'object' || entry === null) fail(file, `${key}[${i}] is ${show(entry)}, not an object`);
    if (!Number.isSafeInteger(entry.id)) fail(file, `${key}[${i}] has the id ${show(entry.id)}, not an integer`);
  });
  return value;
}

function category(file: string, { id, name }: Json): CocoCategory {
  if (typeof name !== 'string') fail(file, `category ${id}: name ${show(name)} must be a string`);
  return { id: id as number, name };
}

function image(file: string, { id, file_name, width, height }: Json): CocoImage {
  // A name that climbs out of the image folder would read whatever the author of the JSON likes.
  if (typeof file_name !== 'string' || file_name === '' || path.isAbsolute(file_name) || file_name.split(/[/\\]/).includes('..')) {
    fail(file, `image ${id}: file_name ${show(file_name)} must be a path inside the image folder`);
  }
  if (!isPositiveInteger(width) || !isPositiveInteger(height)) {
    fail(file, `image ${id} (${file_name}): width ${show(width)} and height ${show(height)} must be integers >= 1`);
  }
  return { id: id as number, file_name, width, height };
}

function annotation(file: string, { id, image_id, category_id, bbox, area, iscrowd = 0 }: Json): CocoAnnotation {
  const where = `annotation ${id} (image ${show(image_id)})`;
  if (!Array.isArray(bbox) || bbox.length !== 4 || !bbox.every(Number.isFinite)) {
    fail(file, `${where}: bbox ${show(bbox)} must be four finite numbers [x, y, width, height]`);
  }
  if (bbox.some((value) => Math.abs(value) > LARGEST)) fail(file, `${where}: bbox ${show(bbox)} has numbers beyond ${LARGEST}`);
  if (bbox[2] < 0 || bbox[3] < 0) fail(file, `${where}: bbox ${show(bbox)} has a negative size`);
  area ??= bbox[2] * bbox[3];
  if (!Number.isFinite(area) || (area as number) < 0) fail(file, `${where}: area ${show(area)} must be a finite number >= 0`);
  if (iscrowd !== 0 && iscrowd !== 1) fail(file, `${where}: iscrowd ${show(iscrowd)} must be 0 or 1`);
  return {
    id: id as number,
    image_id: image_id as number,
    category_id: category_id as number,
    bbox: bbox as CocoAnnotation['bbox'],
    area: area as number,
    iscrowd,
  };
}

function unique(file: string, kind: string, entries: { id: number }[]): void {
  const seen = new Set<number>();
  for (const { id } of entries) {
    if (seen.has(id)) fail(file, `${kind} id ${id} is used twice`);
    seen.add(id);
  }
}

/** Gives every annotation to its image. */
function assign(file: string, { images, annotations, categories }: CocoDataset): Pick<Annotations, 'objects' | 'warnings'> {
  const imageOf = new Map(images.map((entry) => [entry.id, entry]));
  const labelOf = new Map(categories.map(({ id }, label) => [id, label]));
  const objects = new Map(images.map(({ id }): [number, ImageObjects] => [id, { boxes: [], labels: [], crowd: [] }]));
  const clipped: number[] = [];
  const dropped: number[] = [];
  for (const { id, image_id, category_id, bbox, iscrowd } of annotations) {
    const owner = imageOf.get(image_id);
    if (!owner) fail(file, `annotation ${id}: unknown image_id ${show(image_id)}`);
    const label = labelOf.get(category_id);
    if (label === undefined) {
      fail(file, `annotation ${id} (image ${image_id}): unknown category_id ${show(category_id)}, known are ${show([...labelOf.keys()])}`);
    }
    const { box, outside } = clipBox(bbox, owner);
    if (!box) {
      dropped.push(id);
      continue;
    }
    if (outside) clipped.push(id);
    const target = objects.get(image_id)!;
    target.boxes.push(...box);
    target.labels.push(label);
    target.crowd.push(iscrowd);
  }
  return { objects, warnings: [...warning('box-clipped', clipped), ...warning('box-dropped', dropped)] };
}

function warning(kind: DatasetWarning['kind'], ids: number[]): DatasetWarning[] {
  return ids.length > 0 ? [{ kind, count: ids.length, ids }] : [];
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1;
}

/** A value in an error message: short, whatever its size or depth. */
function show(value: unknown): string {
  const nested =
    typeof value === 'object' && value !== null && Object.values(value).some((inner) => typeof inner === 'object' && inner !== null);
  if (nested) return Array.isArray(value) ? 'a nested list' : 'a nested object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function fail(file: string, problem: string): never {
  throw new DatasetError(`cocoDataset: ${file}: ${problem}`);
}
