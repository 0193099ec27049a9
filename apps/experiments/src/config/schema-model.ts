// What `data` and `model` of a configuration may say.
import { z } from 'zod';
import { fraction, int, optional, positive, range, real } from './schema-numbers.ts';

// --- data -----------------------------------------------------------------------------------------------------------

export const emojiData = z.strictObject({
  kind: z.literal('emoji'),
  /** small: 10-48 px objects in 160x160 (the recipe of the standard set); large: 16-88 px. */
  variant: z.enum(['small', 'large']).default('small'),
  train: int(1),
  val: int(1),
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

// --- model ----------------------------------------------------------------------------------------------------------

export const stem = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('imagenet'), width: int(1, 4096) }),
  z.strictObject({ kind: z.literal('small'), widths: z.tuple([int(1, 4096), int(1, 4096)]) }),
]);

const backbone = z
  .strictObject({
    stem,
    layers: z.array(int(1, 256)).min(1).max(4),
    planes: z.array(int(1, 8192)).min(1).max(4),
    expansion: int(1, 16).default(4),
    /** ImageNet weights to start from (safetensors with torchvision's names), relative to the project; default: random. */
    weights: optional(z.string().min(1)),
  })
  .refine(({ layers, planes }) => layers.length === planes.length, { error: 'needs as many values as layers', path: ['planes'] });

const fpn = z.strictObject({
  channels: int(1, 4096),
  /** The finest k levels are kept; default: all, and one more by max pooling. */
  outputs: optional(int(1, 4)),
});

const head = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('one-stage'),
    channels: optional(int(1, 4096)),
    convs: int(0, 8).default(2),
    scoreThreshold: fraction().default(0.05),
    nmsThreshold: fraction().default(0.6),
    maxDetections: int(1, 1000).default(100),
  }),
  z.strictObject({
    kind: z.literal('faster-rcnn'),
    fcWidth: int(1, 8192).default(1024),
    roiSize: int(1, 32).default(7),
    anchorScale: positive().default(8),
    anchorRatios: z.array(positive()).min(1).default([0.5, 1, 2]),
    proposals: z.strictObject({ train: int(1, 10000), test: int(1, 10000) }).default({ train: 1000, test: 1000 }),
    roisPerImage: int(1, 4096).default(512),
    scoreThreshold: fraction().default(0.05),
    nmsThreshold: fraction().default(0.5),
    maxDetections: int(1, 1000).default(100),
  }),
]);

/** Kinds that are weighted means: they commute with conv3, so that they have two orders, and know what to give in an empty window. */
const NORMALISED: readonly string[] = ['rbf', 'average'];

/** Whether the interpolation may come before conv3 in training and after it in evaluation (backbones: block.ts). */
export function hasTwoOrders({ integration, interpolation }: z.output<typeof sampling>): boolean {
  return (integration === 'one-mask' || integration === 'two-masks') && NORMALISED.includes(interpolation.kind);
}

const sampling = z.strictObject({
  /** dense: no masks at all; one-mask: one for the three convolutions; two-masks: the paper's default block; three-masks: one for each. */
  integration: z.enum(['dense', 'one-mask', 'two-masks', 'three-masks']),
  /** Grid prior: every n-th position is always sampled; 0 turns it off. */
  interval: int(0, 1024).default(11),
  /** Initial bias of the mask heads: 3 gives a probability of 0.95. */
  bias: real(-20, 20).default(3),
  interpolation: z
    .strictObject({
      kind: z.enum(['rbf', 'average', 'convolution', 'zeros', 'reuse']).default('rbf'),
      window: int(1, 31)
        .refine((n) => n % 2 === 1, { error: 'must be odd' })
        .default(7),
      /** Initial sigma of the RBF, learned. */
      sigma: real(1e-3, 100).default(3),
      /** What rbf and average give where a window holds no sample: zero (the paper), or the mean of the map's samples. */
      empty: optional(z.enum(['zero', 'mean'])),
      /** Over which points rbf and average average in training: all, by their soft masks (the paper), or those with a mask of at least 1/2. */
      support: optional(z.enum(['soft', 'hard'])),
    })
    .superRefine((interpolation, context) => {
      if (NORMALISED.includes(interpolation.kind)) return;
      for (const key of ['empty', 'support'] as const) {
        if (interpolation[key] === undefined) continue;
        context.addIssue({ code: 'custom', path: [key], message: 'goes with the kinds rbf and average only' });
      }
    })
    .prefault({}),
});

export const model = z.strictObject({ backbone, fpn, head, sampling });
