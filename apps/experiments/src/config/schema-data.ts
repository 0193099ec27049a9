// What `data` of a configuration may say, a kind a task and source (task/kinds.ts says which task reads which).
import { z } from 'zod';
import { int, optional, range, side } from './schema-numbers.ts';

/** Images that are made. */
const count = () => int(1, 1_000_000);

export const emojiData = z.strictObject({
  kind: z.literal('emoji'),
  /** small: 10-48 px objects in 160x160 (the recipe of the standard set); large: 16-88 px. */
  variant: z.enum(['small', 'large']).default('small'),
  train: count(),
  val: count(),
  imageSize: int(32, 2048).multipleOf(32).default(160),
  /** Objects an image, [min, max]; default: the variant's. */
  objects: optional(range(0, 64)),
  /** Object size in pixels, [min, max], drawn log-uniformly; default: the variant's. */
  objectSize: optional(range(4, 1024)),
  /** Seed of the scenes (not of the run: all seeds of an experiment see the same images). */
  seed: int(0).default(1),
  flip: z.boolean().default(true),
});

export const cocoData = z.strictObject({
  kind: z.literal('coco'),
  /** Folder that the other paths are relative to; itself relative to the project. `--data-root` replaces it. */
  root: z.string().min(1),
  trainAnnotations: z.string().min(1),
  trainImages: z.string().min(1),
  valAnnotations: z.string().min(1),
  valImages: z.string().min(1),
  shortSide: int(32, 4096),
  maxSide: int(32, 8192),
  /** Only the first n images of the sorted ids. */
  trainLimit: optional(int(1)),
  valLimit: optional(int(1)),
  /** What to do with an image that cannot be decoded: stop, or leave it out and count it in the result. */
  onDamaged: z.enum(['error', 'skip']).default('error'),
  flip: z.boolean().default(true),
  /** Category names to keep; default: all. */
  categories: optional(z.array(z.string().min(1)).min(1)),
});

/** Random parts of training images, of emoji scenes as they are. */
const views = (scale: [number, number]) => ({
  flip: z.boolean().default(true),
  /** Range of the random factor on the image's size, drawn log-uniformly. */
  scale: range(0.05, 20).default(scale),
  /** Height and width of the random part that is trained on; smaller images are padded, and batches to multiples of 32. */
  crop: optional(z.tuple([int(32, 4096), int(32, 4096)])),
});

/** Folder that a set's other paths are relative to; itself relative to the project. `--data-root` replaces it. */
const root = z.string().min(1);
const limits = { trainLimit: optional(int(1)), valLimit: optional(int(1)) };

export const emojiSegmentationData = z.strictObject({
  kind: z.literal('emoji-segmentation'),
  /** As of emoji; thin: 8-24 px objects among wires, poles and outlines that are classes too. */
  variant: z.enum(['small', 'large', 'thin']).default('thin'),
  train: count(),
  val: count(),
  imageSize: side().default(160),
  objects: optional(range(0, 64)),
  objectSize: optional(range(4, 1024)),
  seed: int(0).default(1),
  ...views([1, 1]),
});

/** Images and label PNGs of equal names, such as CamVid; limits take images evenly from the whole set. */
export const labelFoldersData = z.strictObject({
  kind: z.literal('label-folders'),
  root,
  trainImages: z.string().min(1).default('images/train'),
  trainLabels: z.string().min(1).default('labels/train'),
  valImages: z.string().min(1).default('images/val'),
  valLabels: z.string().min(1).default('labels/val'),
  /** JSON: {classes: [names], ignoreIndex}. */
  classes: z.string().min(1).default('classes.json'),
  ...limits,
  ...views([0.5, 2]),
});

/** The folder that holds leftImg8bit and gtFine; the 19 train ids. */
export const cityscapesData = z.strictObject({ kind: z.literal('cityscapes'), root, ...limits, ...views([0.5, 2]) });

/** One emoji on clutter an image. */
export const emojiCropsData = z.strictObject({
  kind: z.literal('emoji-crops'),
  train: count(),
  val: count(),
  imageSize: side().default(96),
  /** Default: a sixth to a half of the image. */
  objectSize: optional(range(4, 1024)),
  seed: int(0).default(1),
  flip: z.boolean().default(true),
});

/** A folder a class: ImageNet's layout. Training parts and evaluation views as torchvision's. */
export const imageFoldersData = z
  .strictObject({
    kind: z.literal('image-folders'),
    root,
    train: z.string().min(1).default('train'),
    val: z.string().min(1).default('val'),
    /** Short side of an evaluation image, and side of its middle and of training parts. */
    resize: int(32, 4096).default(256),
    crop: side().default(224),
    /** Share of the image's area and width over height of training parts. */
    area: range(0.001, 1).default([0.08, 1]),
    aspect: range(0.01, 100).default([3 / 4, 4 / 3]),
    flip: z.boolean().default(true),
    ...limits,
  })
  .refine(({ resize, crop }) => crop <= resize, { error: 'must not exceed resize', path: ['crop'] });
