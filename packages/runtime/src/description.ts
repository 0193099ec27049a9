// What a checkpoint is the weights of: everything needed to build the network again. It travels with the weights, as JSON under the
// metadata key `stint.model`, so that one file is a model.
import { fpnLayout, type ResNetConfig, resnetLayout } from '@stint/backbones/plain';
import type { FasterRcnnConfig, OneStageConfig } from '@stint/detection-head/plain';
import { z } from 'zod';

/** A head with all its settings, those that follow from backbone and pyramid (channels, strides) among them. */
export type HeadDescription =
  | ({ kind: 'one-stage' } & OneStageConfig)
  | ({ kind: 'faster-rcnn' } & FasterRcnnConfig)
  | SegmentationHeadDescription;

/** Settings of `@stint/segmentation-head`. */
export type SegmentationHeadDescription = {
  classes: number;
  channels: number;
  strides: number[];
  width?: number;
  norm?: 'group' | 'none';
  groups?: number;
} & ({ kind: 'fpn-decoder' } | { kind: 'fcn'; level?: number; convs?: number });

/** Kinds of heads that give a class a pixel. */
export const isSegmentation = (head: HeadDescription): head is SegmentationHeadDescription =>
  head.kind === 'fpn-decoder' || head.kind === 'fcn';

export interface ModelDescription {
  backbone: ResNetConfig;
  /** A feature pyramid over all stages. */
  fpn?: { channels: number; inner?: number; outputs?: number; extraMaxPool?: boolean };
  /** Reads the pyramid. */
  head?: HeadDescription;
  /** Of RGB in 0..1; default ImageNet's. */
  input?: { mean: [number, number, number]; std: [number, number, number] };
  /** Name and id (in the dataset's own files) of each label, and what it is painted in: red, green, blue, 0..255. */
  categories?: { id: number; name: string; color?: [number, number, number] }[];
}

/** A file that is no checkpoint of a network that is known; the message names the file and what does not fit. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError';
}

/** Characters of JSON in metadata: far more than a description of the largest network. */
const MOST_TEXT = 2 ** 20;

/** The JSON under a metadata key, undefined when there is none. @throws ModelFileError */
export function metadataJson(metadata: Record<string, string>, key: string, source: string): unknown {
  if (!Object.hasOwn(metadata, key)) return undefined;
  const text = metadata[key];
  if (text.length > MOST_TEXT)
    throw new ModelFileError(`${source}: metadata '${key}' has ${text.length} characters, more than ${MOST_TEXT}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFileError(`${source}: metadata '${key}' is not JSON (${(cause as Error).message})`, { cause });
  }
}

/** Metadata key of the description. */
export const MODEL_KEY = 'stint.model';

/** Mean and standard deviation of ImageNet's colours, of RGB in 0..1. */
export const IMAGENET: { mean: [number, number, number]; std: [number, number, number] } = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

const count = z.int().min(1).max(65536);
const counts = z.array(count).min(1).max(16);
const byte = z.int().min(0).max(255);
const triple = z.tuple([z.number(), z.number(), z.number()]);

// Unknown keys stay: a newer writer may say more. What the layouts and heads check themselves is not checked twice.
const schema = z.looseObject({
  backbone: z.looseObject({
    stem: z.union([
      z.looseObject({ kind: z.literal('imagenet'), width: count }),
      z.looseObject({ kind: z.literal('small'), widths: z.tuple([count, count]) }),
    ]),
    layers: z.array(z.int().min(1).max(256)).min(1).max(16),
    planes: counts,
    expansion: count.optional(),
    classes: count.optional(),
    sampling: z
      .looseObject({
        integration: z.string(),
        interval: z.int().min(0),
        bias: z.number(),
        interpolation: z.looseObject({
          kind: z.enum(['rbf', 'average', 'convolution', 'zeros', 'reuse']),
          window: count,
          sigma: z.number(),
        }),
      })
      .optional(),
  }),
  fpn: z
    .looseObject({ channels: count, inner: count.optional(), outputs: count.optional(), extraMaxPool: z.boolean().optional() })
    .optional(),
  head: z
    .looseObject({
      kind: z.enum(['one-stage', 'faster-rcnn', 'fpn-decoder', 'fcn']),
      classes: count,
      channels: count,
      // Layers are made of it before weights are looked for.
      convs: z.int().min(0).max(64).optional(),
      width: count.optional(),
      strides: z.array(count).max(16).optional(),
      anchorRatios: z.array(z.number()).max(64).optional(),
      maxDetections: z.int().min(1).max(1e6).optional(),
    })
    .optional(),
  input: z.looseObject({ mean: triple, std: triple }).optional(),
  categories: z.array(z.looseObject({ id: z.int(), name: z.string(), color: z.tuple([byte, byte, byte]).optional() })).optional(),
});

/** Checks a description. @throws naming `source` and every key at fault. */
export function checkDescription(value: unknown, source: string): ModelDescription {
  const result = schema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.slice(0, 20).map(({ path, message }) => `\n  ${path.join('.') || 'model'}: ${message}`);
    throw new ModelFileError(`${source}: the model description does not fit:${problems.join('')}`);
  }
  const model = result.data as unknown as ModelDescription;
  const layout = resnetLayout(model.backbone);
  if (model.fpn) fpnLayout({ inChannels: layout.outChannels, ...model.fpn });
  if (model.head && !model.fpn) throw new ModelFileError(`${source}: the model has a head but no fpn for it to read`);
  return model;
}

/** The description in a file's metadata, undefined when there is none. */
export function descriptionOf(metadata: Record<string, string>, source: string): ModelDescription | undefined {
  const value = metadataJson(metadata, MODEL_KEY, source);
  if (value === undefined) return undefined;
  return checkDescription(value, source);
}
