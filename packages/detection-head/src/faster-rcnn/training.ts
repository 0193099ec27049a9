// Losses of both stages. Which candidates are drawn and what they should say is worked out in plain numbers from the predictions' values;
// the losses then gather those predictions, so gradients flow through scores and offsets but never through the choice.
import type * as tf from '@tensorflow/tfjs-core';
import { concatenate, takeBoxes } from '../ops/boxes.ts';
import type { DetectionTargets, ImageSize, LossContext, Params } from '../types.ts';
import { type AssignOptions, assignTargets } from './assign.ts';
import { BACKGROUND_COLUMN, boxForward, boxLosses, NO_LABEL } from './box-head.ts';
import { BOX_CODER, type ResolvedConfig, RPN_CODER } from './config.ts';
import { poolRois } from './pool.ts';
import { proposeBatch, pyramidAnchors } from './proposals.ts';
import { rpnForward } from './rpn.ts';
import { rpnLosses } from './rpn-loss.ts';

/** Names of the loss terms, as in torchvision. */
export type FasterRcnnLosses = Record<'loss_objectness' | 'loss_rpn_box_reg' | 'loss_classifier' | 'loss_box_reg', tf.Scalar>;

/** Last number of the key of a draw: the two stages must not draw alike. */
const RPN_DRAW = 0;
const ROI_DRAW = 1;

/** The four loss terms of a batch. */
export function trainingLosses(
  config: ResolvedConfig,
  params: Params,
  pyramid: readonly tf.Tensor4D[],
  targets: DetectionTargets,
  { imageSize, key }: LossContext,
): FasterRcnnLosses {
  const { rpn } = config;
  const anchors = pyramidAnchors(config, pyramid, imageSize);
  const output = rpnForward(params, pyramid);
  const stage: AssignOptions = {
    matcher: { high: rpn.high, low: rpn.low, allowLowQuality: true },
    sampler: { size: rpn.samples, positiveFraction: rpn.positiveFraction },
    coder: RPN_CODER,
  };
  const candidates = concatenate(anchors);
  const assignments = targets.boxes.map((truth, image) =>
    assignTargets(candidates, truth, targets.ignore?.[image], stage, [...key, image, RPN_DRAW]),
  );
  const { objectness, box: rpnBox } = rpnLosses(output, assignments);

  const [height, width] = imageSize;
  const extents = targets.boxes.map(() => ({ height, width }));
  const proposals = proposeBatch(output, anchors, extents, { ...rpn, preNms: rpn.preNmsTrain, postNms: rpn.postNmsTrain });
  const drawn = drawRois(config, proposals, targets, imageSize, key);
  const { pooled, order } = poolRois(pyramid, drawn, imageSize, config.roi);
  const columns = order.map((roi) => drawn.columns[roi]);
  const goals = takeBoxes(drawn.goals, order);
  const { classifier, box } = boxLosses(boxForward(params, pooled), columns, goals);
  return { loss_objectness: objectness, loss_rpn_box_reg: rpnBox, loss_classifier: classifier, loss_box_reg: box };
}

interface DrawnRois {
  boxes: Float32Array;
  images: Int32Array;
  columns: Int32Array;
  goals: Float32Array;
}

/** The minibatch of the second stage: from the proposals of each image and, so that it has positives from the start, the ground truth. */
function drawRois(
  { roi }: ResolvedConfig,
  proposals: Float32Array[],
  targets: DetectionTargets,
  [height, width]: ImageSize,
  key: readonly number[],
): DrawnRois {
  const stage: AssignOptions = {
    matcher: { high: roi.threshold, low: roi.threshold, allowLowQuality: false },
    sampler: { size: roi.samples, positiveFraction: roi.positiveFraction },
    coder: BOX_CODER,
  };
  const parts = proposals.map((proposed, image) => {
    const truth = targets.boxes[image];
    const candidates = concatenate([proposed, truth]);
    const { indices, truths, deltas } = assignTargets(candidates, truth, targets.ignore?.[image], stage, [...key, image, ROI_DRAW]);
    const columns = truths.map((match) => (match < 0 ? BACKGROUND_COLUMN : targets.labels[image][match] + 1));
    return { boxes: takeBoxes(candidates, indices), images: new Int32Array(indices.length).fill(image), columns, goals: deltas };
  });
  // With nothing drawn in the whole batch one RoI stands in, without a label, so that the losses still hang on the parameters.
  if (parts.every(({ images }) => images.length === 0))
    return {
      boxes: Float32Array.of(0, 0, width, height),
      images: Int32Array.of(0),
      columns: Int32Array.of(NO_LABEL),
      goals: new Float32Array(4),
    };
  return {
    boxes: concatenate(parts.map((part) => part.boxes)),
    images: Int32Array.from(parts.flatMap((part) => [...part.images])),
    columns: Int32Array.from(parts.flatMap((part) => [...part.columns])),
    goals: concatenate(parts.map((part) => part.goals)),
  };
}
