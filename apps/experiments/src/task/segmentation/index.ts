// Semantic segmentation: a class a pixel by Panoptic FPN's decoder or a plain FCN, at the resolution of the stored labels.

import type { Params } from '@stint/backbones';
import { type LabelImage, slidingWindows } from '@stint/datasets';
import type { SegmentationHeadDescription } from '@stint/runtime';
import { fcn, fpnDecoder, resizeBilinear, type SegmentationHead } from '@stint/segmentation-head';
import * as tf from '@tensorflow/tfjs-core';
import { hint } from '../../config/nearest.ts';
import type { HeadConfig } from '../../config/schema.ts';
import { describePyramid } from '../describe.ts';
import type { Look, Task } from '../task.ts';
import { openSegmentation, type SegmentationBatch } from './data.ts';

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
        sliding ? slide(head, params, batch, look, sliding) : whole(head, params, batch, look),
    };
  },
};

type Size = readonly [number, number];

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

/** Logits are averaged where windows overlap, then resized, then decided. */
function slide(
  head: SegmentationHead,
  params: Params,
  batch: SegmentationBatch,
  look: Look,
  sliding: { size: Size; stride: Size },
): LabelImage[] {
  const { images, shape } = batch;
  const [count, height, width] = shape;
  const all = tf.tensor4d(images, shape);
  const seen = new Float32Array(height * width);
  let sums = tf.zeros<tf.Rank.R4>([count, height, width, head.classes]);
  for (const { x, y, width: w, height: h } of slidingWindows({ height, width }, sliding)) {
    const next = tf.tidy(() => {
      const part = tf.slice(all, [0, y, x, 0], [count, h, w, 3]);
      const logits = head.logits(params, look(part), [h, w]);
      return tf.add(
        sums,
        tf.pad(logits, [
          [0, 0],
          [y, height - y - h],
          [x, width - x - w],
          [0, 0],
        ]),
      ) as tf.Tensor4D;
    });
    sums.dispose();
    sums = next;
    for (let row = y; row < y + h; row++) for (let column = x; column < x + w; column++) seen[row * width + column]++;
  }
  const means = tf.div(sums, tf.tensor4d(seen, [1, height, width, 1])) as tf.Tensor4D;
  const outputs = outputsOf(batch);
  return batch.sizes.map((size, i) => {
    const inside = tf.slice(means, [i, 0, 0, 0], [1, size.height, size.width, -1]);
    const [outHeight, outWidth] = outputs[i];
    const data = Uint8Array.from(tf.argMax(resizeBilinear(inside, [outHeight, outWidth]), 3).dataSync());
    return { height: outHeight, width: outWidth, data };
  });
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
