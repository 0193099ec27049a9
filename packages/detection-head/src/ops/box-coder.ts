// Boxes as offsets from reference boxes, Ren et al. 2015 (Faster R-CNN) eq. 2, with torchvision's weights and clamp:
//   dx = wx (cx - cx_ref) / w_ref,  dw = ww log(w / w_ref);  decoding clamps dw, dh at log(1000 / 16).
import { boxCount } from './boxes.ts';

/** Factors of dx, dy, dw, dh: they bring the regression targets to a like scale. */
export type CoderWeights = readonly [number, number, number, number];

/** Largest log growth of a side that decoding allows: a bad prediction must not overflow exp. */
export const MAX_LOG_GROWTH = Math.log(1000 / 16);

/** Offsets `[dx, dy, dw, dh]` that lead from each reference box to the box beside it; both lists hold n boxes. */
export function encodeBoxes(boxes: Float32Array, references: Float32Array, [wx, wy, ww, wh]: CoderWeights): Float32Array {
  checkPairs('encodeBoxes', boxes, references);
  const deltas = new Float32Array(boxes.length);
  for (let b = 0; b < boxes.length; b += 4) {
    const width = references[b + 2] - references[b];
    const height = references[b + 3] - references[b + 1];
    const boxWidth = boxes[b + 2] - boxes[b];
    const boxHeight = boxes[b + 3] - boxes[b + 1];
    deltas[b] = (wx * (boxes[b] + boxWidth / 2 - references[b] - width / 2)) / width;
    deltas[b + 1] = (wy * (boxes[b + 1] + boxHeight / 2 - references[b + 1] - height / 2)) / height;
    deltas[b + 2] = ww * Math.log(boxWidth / width);
    deltas[b + 3] = wh * Math.log(boxHeight / height);
  }
  return deltas;
}

/** The boxes that n offsets lead to from n reference boxes. */
export function decodeBoxes(deltas: Float32Array, references: Float32Array, [wx, wy, ww, wh]: CoderWeights): Float32Array {
  checkPairs('decodeBoxes', deltas, references);
  const boxes = new Float32Array(deltas.length);
  for (let b = 0; b < deltas.length; b += 4) {
    const width = references[b + 2] - references[b];
    const height = references[b + 3] - references[b + 1];
    const centreX = references[b] + width / 2 + (deltas[b] / wx) * width;
    const centreY = references[b + 1] + height / 2 + (deltas[b + 1] / wy) * height;
    const halfWidth = (Math.exp(Math.min(deltas[b + 2] / ww, MAX_LOG_GROWTH)) * width) / 2;
    const halfHeight = (Math.exp(Math.min(deltas[b + 3] / wh, MAX_LOG_GROWTH)) * height) / 2;
    boxes[b] = centreX - halfWidth;
    boxes[b + 1] = centreY - halfHeight;
    boxes[b + 2] = centreX + halfWidth;
    boxes[b + 3] = centreY + halfHeight;
  }
  return boxes;
}

function checkPairs(operation: string, values: Float32Array, references: Float32Array): void {
  if (boxCount(values) !== boxCount(references))
    throw new Error(`${operation}: ${values.length / 4} rows do not match ${references.length / 4} reference boxes; give one for each`);
}
