// Faster R-CNN on the pyramid, in two parts: region proposal maps; then, for the proposals chosen from them, RoIAlign and the box head.
import {
  anchorPyramid,
  concatenate,
  type Detections,
  findBoxes,
  FASTER_RCNN_LAYERS as LAYERS,
  proposeBoxes,
  type ResolvedFasterRcnn,
} from '@stint/detection-head/plain';
import type { MaskSlot, Span } from '@stint/sparse-conv/native';
import { convolution } from './block.ts';
import type { PlanBuilder } from './builder.ts';
import type { PlannedMap } from './map.ts';
import type { Weights } from './weights.ts';

export interface RpnPlan {
  /** Logits [h,w,A] and offsets [h,w,4A] of each level. */
  objectness: PlannedMap[];
  deltas: PlannedMap[];
}

export interface BoxPlan {
  /** [max,4], written before the part runs. */
  rois: Span;
  /** Its first positions say how many RoIs there are. */
  slot: MaskSlot;
  max: number;
  /** Logits [max,K + 1] and offsets [max,4 (K + 1)]. */
  scores: Span;
  deltas: Span;
}

export function planRpn(plan: PlanBuilder, weights: Weights, pyramid: readonly PlannedMap[]): RpnPlan {
  const levels = pyramid.map((level, i) => {
    const hidden = convolution(plan, weights, level, { conv: LAYERS.rpnConv }, { relu: true, label: `rpn.conv@${i}` });
    return {
      objectness: convolution(plan, weights, hidden, { conv: LAYERS.rpnObjectness }, { label: `rpn.objectness@${i}` }),
      deltas: convolution(plan, weights, hidden, { conv: LAYERS.rpnDeltas }, { label: `rpn.deltas@${i}` }),
    };
  });
  return { objectness: levels.map(({ objectness }) => objectness), deltas: levels.map(({ deltas }) => deltas) };
}

export function planBoxHead(
  plan: PlanBuilder,
  weights: Weights,
  { roi, rpn }: ResolvedFasterRcnn,
  pyramid: readonly PlannedMap[],
  strides: readonly number[],
): BoxPlan {
  const max = rpn.postNmsDetect;
  const { channels } = pyramid[0];
  const slot = plan.mask(1, max);
  const rois = plan.buffer(4 * max);
  const bins = roi.size * roi.size * channels;
  const pooled = plan.buffer(max * bins);
  const levels = pyramid.slice(0, roi.levels).map(({ span, height, width }, i) => {
    return { input: span, shape: [1, height, width, channels] as const, stride: strides[i] };
  });
  plan.step({
    op: 'roiAlign',
    label: 'roi_align',
    levels,
    rois,
    at: slot,
    size: roi.size,
    samplingRatio: roi.samplingRatio,
    output: pooled,
  });
  const linear = (layer: string, input: Span, relu: boolean): { span: Span; width: number } => {
    const filter = weights.filter(layer);
    const output = plan.buffer(max * filter.outChannels);
    const shape = [1, 1, max, filter.inChannels] as const;
    plan.step(
      { op: 'convolve', label: layer, filter, input, shape, at: slot, relu, inputRows: true, outputRows: true, output },
      { macs: max * filter.inChannels * filter.outChannels, mask: slot },
    );
    return { span: output, width: filter.outChannels };
  };
  const fc6 = linear(LAYERS.fc6, pooled, true);
  const fc7 = linear(LAYERS.fc7, fc6.span, true);
  return { rois, slot, max, scores: linear(LAYERS.score, fc7.span, false).span, deltas: linear(LAYERS.box, fc7.span, false).span };
}

/** Proposals of the image, at most `max`. */
export function proposals(
  config: ResolvedFasterRcnn,
  plan: RpnPlan,
  objectness: readonly Float32Array[],
  deltas: readonly Float32Array[],
  imageSize: readonly [number, number],
  size: { height: number; width: number },
): Float32Array {
  const sizes = plan.objectness.map(({ height, width }) => [height, width] as const);
  const anchors = anchorPyramid(config.anchorSizes, config.aspectRatios, sizes, imageSize);
  const { rpn } = config;
  const options = { ...rpn, preNms: rpn.preNmsDetect, postNms: rpn.postNmsDetect };
  return proposeBoxes(concatenate(objectness), concatenate(deltas), anchors, size, options);
}

/** Objects from what the box head says of the proposals. */
export function objects(
  { classes, detections }: ResolvedFasterRcnn,
  scores: Float32Array,
  deltas: Float32Array,
  rois: Float32Array,
  size: { height: number; width: number },
): Detections {
  const count = rois.length / 4;
  const columns = classes + 1;
  const probabilities = softmaxRows(scores.subarray(0, count * columns), columns);
  return findBoxes(probabilities, deltas.subarray(0, 4 * count * columns), rois, size, detections);
}

function softmaxRows(logits: Float32Array, columns: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += columns) {
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < columns; c++) top = Math.max(top, logits[row + c]);
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += out[row + c] = Math.exp(logits[row + c] - top);
    for (let c = 0; c < columns; c++) out[row + c] /= sum;
  }
  return out;
}
