// Faster R-CNN on a feature pyramid (Ren et al. 2015; Lin et al. 2017): propose regions, pool each, classify and refine. The rules, the
// names of the parameters and of the losses are torchvision's.
import * as tf from '@tensorflow/tfjs-core';
import { checkTargets } from '../targets.ts';
import type { DetectionHead, Params } from '../types.ts';
import { type FasterRcnnConfig, resolveConfig } from './config.ts';
import { detectObjects } from './detection.ts';
import { fasterRcnnParameters } from './layout.ts';
import { initialiseFasterRcnn } from './parameters.ts';
import { rpnForward } from './rpn.ts';
import { trainingLosses } from './training.ts';

/**
 * A Faster R-CNN head for pyramids of `config.anchorSizes.length` levels, finest first, each [N,H,W,config.channels].
 * Its loss terms are `loss_objectness`, `loss_rpn_box_reg`, `loss_classifier` and `loss_box_reg`; its outputs those of the RPN. Throws on settings that cannot work.
 */
export function fasterRcnn(config: FasterRcnnConfig): DetectionHead {
  const resolved = resolveConfig(config);
  const parameters = fasterRcnnParameters(resolved);

  function check(operation: string, params: Params, pyramid: readonly tf.Tensor4D[]): void {
    const levels = resolved.anchorSizes.length;
    if (pyramid.length !== levels)
      throw new Error(`${operation}: a pyramid of ${pyramid.length} levels does not match anchor sizes for ${levels}`);
    const odd = pyramid.find((level) => level.shape[3] !== resolved.channels);
    if (odd) throw new Error(`${operation}: a level [${odd.shape}] does not have the ${resolved.channels} channels of the configuration`);
    const missing = parameters.find(({ name }) => !params[name]);
    if (missing) throw new Error(`${operation}: parameter '${missing.name}' is missing; initialise() makes a full set`);
  }

  return {
    parameters,
    initialise: (seed) => initialiseFasterRcnn(parameters, seed),
    losses(params, pyramid, targets, ctx) {
      check('fasterRcnn.losses', params, pyramid);
      checkTargets('fasterRcnn.losses', targets, pyramid[0].shape[0], resolved.classes);
      return tf.tidy(() => trainingLosses(resolved, params, pyramid, targets, ctx));
    },
    // The regions of the second stage follow from these, and differ from network to network: only the first stage has an answer for every cell.
    outputs(params, pyramid) {
      check('fasterRcnn.outputs', params, pyramid);
      return tf.tidy(() => Object.values(rpnForward(params, pyramid)));
    },
    detect(params, pyramid, images, imageSize) {
      check('fasterRcnn.detect', params, pyramid);
      const batch = pyramid[0].shape[0];
      if (images.length !== batch)
        throw new Error(`fasterRcnn.detect: ${images.length} image sizes do not match a batch of ${batch}; give one an image`);
      return detectObjects(resolved, params, pyramid, images, imageSize);
    },
  };
}
