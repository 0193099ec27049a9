// A one-stage, anchor-free detection head for small models, after FCOS (Tian et al. 2019): every cell of the pyramid says which
// class lies there and how far the sides of its box are. Against FCOS: one tower for both tasks, no normalisation in it,
// distances in strides, GIoU, centre sampling, centre-ness off.
import * as tf from '@tensorflow/tfjs-core';
import type { DetectionHead } from '../types.ts';
import { type OneStageConfig, resolveConfig } from './config.ts';
import { detectFromOutputs } from './detect.ts';
import { parameterSpecs } from './layout.ts';
import { oneStageLosses } from './losses.ts';
import { forward } from './network.ts';
import { initialParameters } from './parameters.ts';

/**
 * Loss terms: `cls_loss` (focal loss, alpha .25, gamma 2), `box_loss` (1 - GIoU) and, with the centre-ness branch,
 * `centreness_loss`; each is weighted and divided by the number of cells of the batch that learn a box. The loss context's
 * key is not read: nothing is drawn at random. A pyramid level is `[N, ceil(H / stride), ceil(W / stride), channels]`.
 */
export function oneStage(config: OneStageConfig): DetectionHead {
  const resolved = resolveConfig(config);
  return {
    parameters: parameterSpecs(resolved),
    initialise: (seed) => initialParameters(resolved, seed),
    losses: (params, pyramid, targets, { imageSize }) => oneStageLosses(resolved, params, pyramid, targets, imageSize),
    outputs: (params, pyramid) => tf.tidy(() => forward(resolved, params, pyramid)),
    detect(params, pyramid, images) {
      if (pyramid[0]?.shape[0] !== images.length)
        throw new Error(`oneStage: sizes of ${images.length} images for a pyramid of ${pyramid[0]?.shape[0]}; give one an image`);
      const outputs = tf.tidy(() => forward(resolved, params, pyramid));
      const detections = detectFromOutputs(resolved, outputs, images);
      tf.dispose(outputs);
      return detections;
    },
  };
}
