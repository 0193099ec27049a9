// Semantic segmentation: a class a pixel by Panoptic FPN's decoder or a plain FCN, at the resolution of the stored labels.

import type { Params } from '@stint/backbones';
import type { LabelImage } from '@stint/datasets';
import type { SegmentationHeadDescription } from '@stint/runtime';
import { fcn, fpnDecoder, type SegmentationHead } from '@stint/segmentation-head';
import * as tf from '@tensorflow/tfjs-core';
import { hint } from '../../config/nearest.ts';
import type { HeadConfig } from '../../config/schema.ts';
import { describePyramid } from '../describe.ts';
import type { Look, Task } from '../task.ts';
import { openSegmentation, type SegmentationBatch } from './data.ts';
import { type Size, slide } from './slide.ts';

export const segmentation: Task<SegmentationBatch, LabelImage> = {
  kind: 'segmentation',
  openData: openSegmentation,
  describe(model, categories) {
    const { backbone, fpn, strides } = describePyramid(model);
    const { head } = model;
    if (head.kind !== 'fpn-decoder' && head.kind !== 'fcn') throw new Error(`segmentation: no head "${head.kind}"`);
    const { classWeights, ...settings } = head;
    checkClassNames(
      classWeights,
      categories.map(({ name }) => name),
    );
    return { backbone, fpn, head: { ...settings, classes: categories.length, channels: fpn.channels, strides } };
  },
  createHead({ head: description, categories }, settings) {
    const { kind, ...config } = description as SegmentationHeadDescription;
    const full = { ...config, classWeights: weightsOf(settings, categories?.map(({ name }) => name) ?? []) };
    const head = kind === 'fcn' ? fcn(full) : fpnDecoder(full);
    return {
      parameters: head.parameters,
      initialise: (seed) => head.initialise(seed),
      losses: (params, maps, { segmentation }, context) => head.losses(params, maps, { labels: segmentation! }, context),
      outputs: (params, maps, imageSize) => [head.logits(params, maps, imageSize)],
      predict: (params, batch, look, { sliding }) =>
        sliding ? slide(head, params, batch, look, { sliding, outputs: outputsOf(batch) }) : whole(head, params, batch, look),
    };
  },
};

/** Size of each image's stored labels. */
const outputsOf = ({ truth, sizes }: SegmentationBatch): Size[] =>
  sizes.map(({ height, width }, i) => (truth ? [truth[i].label.height, truth[i].label.width] : [height, width]));

function whole(head: SegmentationHead, params: Params, batch: SegmentationBatch, look: Look): LabelImage[] {
  const { images, shape, sizes } = batch;
  const [, height, width] = shape;
  const outputs = outputsOf(batch);
  const extents = sizes.map((size, i) => ({ ...size, output: outputs[i] }));
  return head.predict(params, look(tf.tensor4d(images, shape)), [height, width], extents);
}

/** A weight for each class, 1 where none is given. */
function weightsOf(settings: HeadConfig | undefined, classes: readonly string[]): number[] | undefined {
  const weights = settings && 'classWeights' in settings ? settings.classWeights : undefined;
  return weights && classes.map((name) => weights[name] ?? 1);
}

function checkClassNames(weights: Record<string, number> | undefined, classes: readonly string[]): void {
  const unknown = Object.keys(weights ?? {}).find((name) => !classes.includes(name));
  if (unknown !== undefined)
    throw new Error(
      `model.head.classWeights: the data have no class "${unknown}"${hint(unknown, classes)}; they have ${classes.join(', ')}`,
    );
}
