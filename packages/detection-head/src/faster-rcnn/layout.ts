// The parameters of Faster R-CNN by torchvision's names, without a tensor library.
import type { ParameterSpec } from '../types.ts';
import type { ResolvedConfig } from './config.ts';

const RPN = 'rpn.head.';
const ROI = 'roi_heads.';
/** Prefixes of the layers: each has a `.weight` and a `.bias`. */
export const LAYERS = {
  rpnConv: `${RPN}conv.0.0`,
  rpnObjectness: `${RPN}cls_logits`,
  rpnDeltas: `${RPN}bbox_pred`,
  fc6: `${ROI}box_head.fc6`,
  fc7: `${ROI}box_head.fc7`,
  score: `${ROI}box_predictor.cls_score`,
  box: `${ROI}box_predictor.bbox_pred`,
} as const;

/** Every parameter, in torchvision's order. Filters are HWIO, matrices [in, out]. */
export function fasterRcnnParameters({ channels, classes, anchorSizes, aspectRatios, roi }: ResolvedConfig): ParameterSpec[] {
  const anchors = anchorSizes[0].length * aspectRatios.length;
  const shapes: Record<string, number[]> = {
    [LAYERS.rpnConv]: [3, 3, channels, channels],
    [LAYERS.rpnObjectness]: [1, 1, channels, anchors],
    [LAYERS.rpnDeltas]: [1, 1, channels, 4 * anchors],
    [LAYERS.fc6]: [roi.size * roi.size * channels, roi.hidden],
    [LAYERS.fc7]: [roi.hidden, roi.hidden],
    [LAYERS.score]: [roi.hidden, classes + 1],
    [LAYERS.box]: [roi.hidden, 4 * (classes + 1)],
  };
  return Object.entries(shapes).flatMap(([name, shape]): ParameterSpec[] => [
    { name: `${name}.weight`, shape, role: 'weight', trainable: true },
    { name: `${name}.bias`, shape: shape.slice(-1), role: 'bias', trainable: true },
  ]);
}
