// A folder of images and a folder of label PNGs with the same names, and a list of classes: the layout of CamVid and of many sets made by hand.
import fs from 'node:fs/promises';
import path from 'node:path';
import { IGNORED_LABEL } from '../transforms/collate.ts';
import type { Color, SegmentationDataset } from '../types.ts';
import { fileDataset, identityClasses } from './file-dataset.ts';
import { filesIn, pairByKey, withoutPictures } from './files.ts';

export interface LabelClasses {
  /** Label k is `classes[k]`. */
  classes: string[];
  /** Stored value of pixels that are neither learnt nor scored. 255 always is one. */
  ignoreIndex?: number;
  /** What each class is painted in. */
  colors?: Color[];
}

export interface LabelFolderOptions {
  /** Folder of the images (JPEG, PNG, WebP), at any depth. */
  images: string;
  /** Folder of the label PNGs: <name>.png, or <name>.labels.png as `stint predict` writes them, for the image <name>.jpg, in the same subfolder. */
  labels: string;
  /** The classes, or a JSON file that holds them in the same form. */
  classes: string | LabelClasses;
  /** Default: the name of the image folder. */
  name?: string;
  /** Bytes of decoded images and labels to keep in memory, default 0. */
  cacheBytes?: number;
}

const OPERATION = 'labelFolders';
const IMAGE = /\.(jpe?g|png|webp)$/i;
const LABEL = /(\.labels)?\.png$/i;

/**
 * Opens a pair of folders. Rejects, naming the files, on images without labels and labels without image, and on classes that make no
 * sense. The files are decoded by `get`: it rejects, naming file and pixel, on a value that is neither a class nor ignored.
 */
export async function labelFolders(options: LabelFolderOptions): Promise<SegmentationDataset> {
  const { images, labels, cacheBytes, name = path.basename(path.resolve(images)) } = options;
  const { classes, ignoreIndex, colors } = await readClasses(options.classes);
  const pairs = pairByKey(OPERATION, await keyed(images, IMAGE), await keyed(labels, LABEL));
  if (pairs.length === 0) throw new Error(`${OPERATION}: ${images} holds no images (.jpg, .png, .webp)`);
  return fileDataset({
    operation: OPERATION,
    name,
    classes,
    colors,
    files: pairs.map(({ key, image, label }) => ({ name: key, image, label })),
    classOf: identityClasses(classes.length, ignoreIndex === undefined ? [IGNORED_LABEL] : [IGNORED_LABEL, ignoreIndex]),
    cacheBytes,
  });
}

/** Files by their path without the extension. */
async function keyed(folder: string, pattern: RegExp): Promise<Map<string, string>> {
  const result = new Map<string, string>();
  for (const file of withoutPictures(await filesIn(OPERATION, folder)).filter((file) => pattern.test(file))) {
    const key = file.replace(pattern, '');
    const other = result.get(key);
    if (other) throw new Error(`${OPERATION}: ${other} and ${path.join(folder, file)} have the same name; keep one of them`);
    result.set(key, path.join(folder, file));
  }
  return result;
}

async function readClasses(given: string | LabelClasses): Promise<LabelClasses> {
  const where = typeof given === 'string' ? given : 'classes';
  const { classes, ignoreIndex, colors } = typeof given === 'string' ? await readJson(given) : given;
  if (
    !Array.isArray(classes) ||
    classes.length === 0 ||
    classes.length > IGNORED_LABEL ||
    !classes.every((name) => typeof name === 'string')
  )
    throw new Error(`${OPERATION}: ${where}: classes must be a list of 1 to ${IGNORED_LABEL} names, found ${JSON.stringify(classes)}`);
  const repeated = classes.find((name, k) => classes.indexOf(name) !== k);
  if (repeated !== undefined) throw new Error(`${OPERATION}: ${where}: class "${repeated}" is there twice`);
  const fits = Number.isInteger(ignoreIndex) && ignoreIndex! >= classes.length && ignoreIndex! <= 65535;
  if (ignoreIndex !== undefined && !fits)
    throw new Error(
      `${OPERATION}: ${where}: ignoreIndex ${JSON.stringify(ignoreIndex)} must be a whole number from ${classes.length} (the classes are 0..${classes.length - 1}) to 65535`,
    );
  if (colors !== undefined && !(Array.isArray(colors) && colors.length === classes.length && colors.every(isColor)))
    throw new Error(
      `${OPERATION}: ${where}: colors must be ${classes.length} triples [red, green, blue] of 0..255, found ${JSON.stringify(colors)}`,
    );
  return { classes, ignoreIndex, colors };
}

const isColor = (value: unknown): value is Color =>
  Array.isArray(value) && value.length === 3 && value.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);

async function readJson(file: string): Promise<LabelClasses> {
  const text = await fs.readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${OPERATION}: ${file} ${error.code === 'ENOENT' ? 'is missing' : `cannot be read (${error.code})`}`);
  });
  try {
    return Object(JSON.parse(text));
  } catch (error) {
    throw new Error(`${OPERATION}: ${file} is not JSON: ${(error as Error).message}`);
  }
}
