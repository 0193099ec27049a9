// Image classification: global pooling and a linear layer on the backbone's last map. The checkpoint is that of a whole ResNet with torchvision's
// names, which the runtime runs.

import { resnetLayout } from '@stint/backbones/plain';
import { classificationHead } from '@stint/classification-head';
import * as tf from '@tensorflow/tfjs-core';
import { describeBackbone } from '../describe.ts';
import type { Task } from '../task.ts';
import { type ClassificationBatch, openClassification } from './data.ts';

export const classification: Task<ClassificationBatch, Float32Array> = {
  kind: 'classification',
  openData: openClassification,
  describe: (model, categories) => ({ backbone: { ...describeBackbone(model), classes: categories.length } }),
  createHead({ backbone }, settings) {
    const channels = resnetLayout(backbone).outChannels.at(-1)!;
    const labelSmoothing = settings?.kind === 'linear' ? settings.labelSmoothing : 0;
    const head = classificationHead({ channels, classes: backbone.classes!, labelSmoothing });
    return {
      parameters: head.parameters,
      initialise: (seed) => head.initialise(seed),
      losses: (params, maps, { classes }) => head.losses(params, maps, { labels: classes }),
      outputs: (params, maps) => [head.forward(params, maps)],
      predict: (params, { images, shape }, look) => head.predict(params, look(tf.tensor4d(images, shape))).map(({ scores }) => scores),
    };
  },
};
