// Object detection: boxes by a one-stage head or Faster R-CNN, judged by COCO's rules.
import type { ImageBatch } from '@stint/datasets';
import { type Detections, fasterRcnn, oneStage } from '@stint/detection-head';
import type { HeadDescription } from '@stint/runtime';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelConfig } from '../../config/schema.ts';
import { describePyramid } from '../describe.ts';
import type { Task } from '../task.ts';
import { openDetection } from './data.ts';

export const detection: Task<ImageBatch, Detections> = {
  kind: 'detection',
  openData: openDetection,
  describe(model, categories) {
    const { backbone, fpn, strides } = describePyramid(model);
    return { backbone, fpn, head: describeHead(model, categories.length, strides) };
  },
  createHead({ head: description }) {
    const head = createHead(description as DetectionDescription);
    return {
      parameters: head.parameters,
      initialise: (seed) => head.initialise(seed),
      losses: (params, maps, { boxes, labels, ignore }, context) => head.losses(params, maps, { boxes, labels, ignore }, context),
      outputs: (params, maps) => head.outputs(params, maps),
      predict(params, { images, shape, sizes }, look) {
        const [, height, width] = shape;
        return head.detect(params, look(tf.tensor4d(images, shape)), sizes, [height, width]);
      },
    };
  },
};

type DetectionDescription = Extract<HeadDescription, { kind: 'one-stage' | 'faster-rcnn' }>;

const createHead = (head: DetectionDescription) => (head.kind === 'one-stage' ? oneStage(head) : fasterRcnn(head));

function describeHead({ head, fpn }: ModelConfig, classes: number, strides: number[]): HeadDescription {
  const { channels } = fpn!;
  if (head.kind === 'one-stage') {
    const { kind, convs, scoreThreshold, nmsThreshold, maxDetections } = head;
    return { kind, classes, channels, strides, width: head.channels, convs, scoreThreshold, nmsThreshold, maxDetections };
  }
  if (head.kind !== 'faster-rcnn') throw new Error(`detection: no head "${head.kind}"`);
  const { kind, scoreThreshold, nmsThreshold, maxDetections } = head;
  return {
    kind,
    classes,
    channels,
    anchorSizes: strides.map((stride) => [head.anchorScale * stride]),
    aspectRatios: head.anchorRatios,
    rpn: { postNmsTrain: head.proposals.train, postNmsDetect: head.proposals.test },
    roi: { size: head.roiSize, hidden: head.fcWidth, samples: head.roisPerImage },
    detections: { scoreThreshold, nmsThreshold, limit: maxDetections },
  };
}
