// From the head's output to boxes: thresholds, decoding and suppression touch few numbers and run on typed arrays. Logits are compared with logit(threshold) and ranked as they are: the
// sigmoid is only taken of what enters suppression.
import { clipBoxes, concatenate, largeBoxes, takeBoxes } from '../ops/boxes.ts';
import { batchedNms, topScores } from '../ops/nms.ts';
import type { Detections, ImageExtent } from '../types.ts';
import { MAX_LOG_DISTANCE, type ResolvedConfig } from './config.ts';

/** What the network says of one level, [N, H, W, K + 4] or [N, H, W, K + 5]. */
export interface OutputMap {
  data: Float32Array;
  shape: readonly [number, number, number, number];
}

/** Objects of each image. @param outputs a level each, finest first. */
export function decodeOutputs(config: ResolvedConfig, outputs: readonly OutputMap[], images: readonly ImageExtent[]): Detections[] {
  const maps = outputs.map((output, level) => ({ ...output, stride: config.strides[level] }));
  return images.map((extent, image) => {
    const found = maps.map((map) => candidates(config, map, image));
    const boxes = clipBoxes(concatenate(found.map((level) => level.boxes)), extent.height, extent.width);
    const scores = concatenate(found.map((level) => level.scores));
    const labels = Int32Array.from(found.flatMap((level) => [...level.labels]));
    // Cells in the padding beyond the image leave nothing after clipping.
    const visible = largeBoxes(boxes, Number.MIN_VALUE);
    const pick = (indices: Int32Array, from: Detections): Detections => ({
      boxes: takeBoxes(from.boxes, indices),
      scores: Float32Array.from(indices, (i) => from.scores[i]),
      labels: Int32Array.from(indices, (i) => from.labels[i]),
    });
    const all = pick(visible, { boxes, scores, labels });
    return pick(batchedNms(all.boxes, all.scores, all.labels, config.nmsThreshold, config.maxDetections), all);
  });
}

/** The best-scored (cell, class) pairs of one level of one image, decoded. */
function candidates(config: ResolvedConfig, { data, shape, stride }: OutputMap & { stride: number }, image: number): Detections {
  const [, height, width, columns] = shape;
  const { classes, scoreThreshold, centreness } = config;
  // With centre-ness c <= 1 the score sqrt(p c) passes only if p > threshold^2.
  const least = centreness ? scoreThreshold ** 2 : scoreThreshold;
  const leastLogit = Math.log(least / (1 - least));
  const first = image * height * width * columns;
  const places: number[] = [];
  const ranks: number[] = [];
  for (let cell = 0, at = first; cell < height * width; cell++, at += columns) {
    for (let k = 0; k < classes; k++) {
      if (!(data[at + k] > leastLogit)) continue;
      const rank = centreness ? Math.sqrt(sigmoid(data[at + k]) * sigmoid(data[at + classes + 4])) : data[at + k];
      if (centreness && !(rank > scoreThreshold)) continue;
      places.push(cell * classes + k);
      ranks.push(rank);
    }
  }
  const top = topScores(new Float32Array(ranks), config.candidates);
  const boxes = new Float32Array(4 * top.length);
  top.forEach((index, i) => {
    const cell = Math.floor(places[index] / classes);
    const at = first + cell * columns + classes;
    const reach = (side: number) => stride * Math.exp(Math.min(data[at + side], MAX_LOG_DISTANCE));
    const x = ((cell % width) + 0.5) * stride;
    const y = (Math.floor(cell / width) + 0.5) * stride;
    boxes.set([x - reach(0), y - reach(1), x + reach(2), y + reach(3)], 4 * i);
  });
  return {
    boxes,
    scores: Float32Array.from(top, (index) => (centreness ? ranks[index] : sigmoid(ranks[index]))),
    labels: Int32Array.from(top, (index) => places[index] % classes),
  };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
