// A folder a class: the layout of ImageNet (train/<class>/*.jpg, val/<class>/*.jpg) and of torchvision's ImageFolder.
import path from 'node:path';
import { decodeAnySize } from '../coco/decode.ts';
import { DatasetError } from '../errors.ts';
import { filesIn, foldersIn } from '../segmentation/files.ts';
import type { ClassificationDataset, DetectionSample } from '../types.ts';
import { evenly, noObjects } from '../whole.ts';

export interface ImageFolderOptions {
  /** The folder that holds a folder a class, such as imagenet/train. */
  root: string;
  /** The classes, in the order of the labels; default: the names of the folders, sorted. */
  classes?: readonly string[];
  /** Default: the name of the folder. */
  name?: string;
  /** Take folders of classes that hold no image for classes without images. Default false: they are an error, usually a download that broke off. */
  allowEmpty?: boolean;
  /** Only n images, spread evenly over the sorted files, so that every class keeps its share. */
  limit?: number;
  /** Bytes of decoded images to keep in memory, default 0. What fits stays: nothing is evicted. */
  cacheBytes?: number;
}

const OPERATION = 'imageFolders';
const IMAGE = /\.(jpe?g|png|webp)$/i;

/**
 * Opens a set. Files are decoded by `get`. Rejects on a missing folder, on images beside the folders of classes, on folders of classes
 * without any image, as torchvision's ImageFolder does, and on folders that are none of the given classes (those of the training set, so that
 * a label means the same in both).
 */
export async function imageFolders(options: ImageFolderOptions): Promise<ClassificationDataset> {
  const { root, name = path.basename(path.resolve(root)), limit, allowEmpty = false, cacheBytes = 0 } = options;
  const files = (await filesIn(OPERATION, root)).filter((file) => IMAGE.test(file));
  if (files.length === 0)
    throw new DatasetError(`${OPERATION}: ${root} holds no images in folders of classes (<class>/*.jpg, .png, .webp)`);
  const stray = files.find((file) => !file.includes('/'));
  if (stray) throw new DatasetError(`${OPERATION}: ${path.join(root, stray)} lies in no folder of a class; move it into one`);
  const classOf = (file: string) => file.slice(0, file.indexOf('/'));
  const found = await foldersIn(OPERATION, root);
  const filled = new Set(files.map(classOf));
  const empty = found.filter((folder) => !filled.has(folder));
  if (empty.length > 0 && !allowEmpty)
    throw new DatasetError(
      `${OPERATION}: ${root} has folders of classes without an image (.jpg, .png, .webp): ${shown(empty)}; fill or remove them (allowEmpty: true takes them for classes without images)`,
    );
  const classes = [...(options.classes ?? found)];
  const unknown = found.filter((folder) => !classes.includes(folder));
  if (unknown.length > 0)
    throw new DatasetError(`${OPERATION}: ${root} has folders that are no class: ${shown(unknown)}; the classes are ${shown(classes)}`);
  const places = new Map(classes.map((each, label) => [each, label]));
  const kept = limit === undefined || limit >= files.length ? files : evenly(limit, files.length).map((index) => files[index]);
  const cache = new Map<number, DetectionSample>();
  let free = cacheBytes;
  return {
    name,
    classes,
    length: kept.length,
    names: kept.map((file) => file.replace(IMAGE, '')),
    labels: Int32Array.from(kept, (file) => places.get(classOf(file))!),
    async get(index) {
      if (!(index in kept)) throw new RangeError(`${name}: no image at ${index}, there are ${kept.length}`);
      const known = cache.get(index);
      if (known) return known;
      const file = path.join(root, kept[index]);
      const { width, height, data } = await decodeAnySize(file).catch((error: Error) => {
        throw new DatasetError(`${OPERATION}: ${file}: ${error.message}`);
      });
      const sample = { id: index + 1, width, height, image: data, ...noObjects() };
      if (data.length <= free && !cache.has(index)) {
        cache.set(index, sample);
        free -= data.length;
      }
      return sample;
    },
  };
}

function shown(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
