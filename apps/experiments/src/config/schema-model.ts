// What `model` of a configuration may say.
import { z } from 'zod';
import { fraction, int, optional, positive, real } from './schema-numbers.ts';

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
    /** Channels other than `stem`, `planes` and `expansion` give, by name: conv1, layer1 (a stage), layer1.0.conv2. */
    widths: optional(z.record(z.string(), int(1, 65536))),
    /** ImageNet weights to start from (safetensors with torchvision's names), relative to the project; default: random. */
    weights: optional(z.string().min(1)),
  })
  .refine(({ layers, planes }) => layers.length === planes.length, { error: 'needs as many values as layers', path: ['planes'] });

const fpn = z.strictObject({
  channels: int(1, 4096),
  /** Channels of the lateral convolutions; default: `channels`. */
  inner: optional(int(1, 4096)),
  /** The finest k levels are kept; default: all, and one more by max pooling. */
  outputs: optional(int(1, 4)),
});

const withoutNulls = (weights: Record<string, number | null>): Record<string, number> =>
  Object.fromEntries(Object.entries(weights).flatMap(([name, weight]) => (weight === null ? [] : [[name, weight]])));

const perPixel = {
  norm: z.enum(['group', 'none']).default('group'),
  /** Factors on the loss by class name; 1 where not given. A null takes back what a lower layer gave. */
  classWeights: optional(z.record(z.string(), real(0, 1e6).nullable()).transform(withoutNulls)),
};

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
  /** Panoptic FPN's semantic branch. */
  z.strictObject({ kind: z.literal('fpn-decoder'), width: int(1, 4096).default(128), ...perPixel }),
  z.strictObject({
    kind: z.literal('fcn'),
    /** Pyramid level that is read, 0 the finest. */
    level: int(0, 4).default(0),
    convs: int(0, 8).default(1),
    width: optional(int(1, 4096)),
    ...perPixel,
  }),
  /** Pooling and one linear layer, on the backbone itself: no fpn. */
  z.strictObject({ kind: z.literal('linear'), labelSmoothing: real(0, 0.99).default(0) }),
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

/** Which heads read a pyramid: all but `linear`, which reads the backbone's last map. */
const readsPyramid = ({ kind }: { kind: string }): boolean => kind !== 'linear';

export const model = z
  .strictObject({ backbone, fpn: optional(fpn), head, sampling })
  .superRefine(({ fpn: pyramid, head: { kind } }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['fpn'], message });
    if (readsPyramid({ kind }) && !pyramid) refuse(`is missing: the head ${kind} reads a pyramid`);
    if (!readsPyramid({ kind }) && pyramid)
      refuse(`does not go with the head ${kind}, which reads the backbone's last map (set it to null)`);
  });
