// Decoding and selection on hand-made network outputs.
import * as tf from '@tensorflow/tfjs-core';
import { type OneStageConfig, resolveConfig } from './config.ts';
import { detectFromOutputs } from './detect.ts';

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const logit = (p: number) => Math.log(p / (1 - p));
const base: OneStageConfig = { classes: 2, channels: 8, strides: [4] };

interface Spot {
  x: number;
  y: number;
  scores: number[];
  /** Left, top, right, bottom in strides. */
  reach: number[];
  centreness?: number;
  image?: number;
}

/** A map whose cells say nothing, except at some spots. */
function outputMap(images: number, height: number, width: number, spots: Spot[], classes = 2): tf.Tensor4D {
  const columns = classes + 4 + (spots.some((spot) => spot.centreness !== undefined) ? 1 : 0);
  const data = new Float32Array(images * height * width * columns).fill(-20);
  for (const { image = 0, x, y, scores, reach, centreness } of spots) {
    const at = ((image * height + y) * width + x) * columns;
    data.set([...scores.map(logit), ...reach.map(Math.log), ...(centreness === undefined ? [] : [logit(centreness)])], at);
  }
  return tf.tensor4d(data, [images, height, width, columns]);
}

const detect = (config: OneStageConfig, outputs: tf.Tensor4D[], images: { height: number; width: number }[]) =>
  detectFromOutputs(resolveConfig(config), outputs, images);
const rounded = (values: Float32Array) => Array.from(values, (value) => Math.round(value * 1000) / 1000);

test('cells become boxes in pixels, by falling score, each in its image', () => {
  const outputs = outputMap(2, 4, 6, [
    { x: 1, y: 2, scores: [0.3, 0.01], reach: [1, 1.5, 1, 0.5] },
    { x: 4, y: 0, scores: [0.01, 0.8], reach: [0.5, 0.25, 1, 1] },
    { image: 1, x: 0, y: 3, scores: [0.5, 0.4], reach: [0.5, 0.5, 0.5, 0.5] },
  ]);
  const size = { height: 16, width: 24 };
  const [first, second] = detect(base, [outputs], [size, size]);
  expect(rounded(first.boxes)).toEqual([16, 1, 22, 6, 2, 4, 10, 12]);
  expect(rounded(first.scores)).toEqual([0.8, 0.3]);
  expect([...first.labels]).toEqual([1, 0]);
  // One cell may name two classes: suppression is by class.
  expect(rounded(second.boxes)).toEqual([0, 12, 4, 16, 0, 12, 4, 16]);
  expect([...second.labels]).toEqual([0, 1]);
});

test('boxes are clipped to the image; what lies in the padding is dropped', () => {
  const outputs = outputMap(1, 4, 6, [
    { x: 2, y: 1, scores: [0.9, 0.01], reach: [9, 9, 9, 9] },
    { x: 5, y: 1, scores: [0.8, 0.01], reach: [0.5, 1, 1, 1] },
  ]);
  const [{ boxes }] = detect(base, [outputs], [{ height: 12, width: 15 }]);
  expect(rounded(boxes)).toEqual([0, 0, 15, 12]);
});

test('suppression within a class at the threshold, across levels; the limits hold', () => {
  const fine = outputMap(1, 8, 8, [
    { x: 2, y: 2, scores: [0.6, 0.01], reach: [1.5, 1.5, 1.5, 1.5] },
    { x: 6, y: 6, scores: [0.07, 0.2], reach: [1, 1, 1, 1] },
  ]);
  const coarse = outputMap(1, 4, 4, [{ x: 1, y: 1, scores: [0.7, 0.5], reach: [1, 1, 0.5, 0.5] }]);
  const config = { ...base, strides: [4, 8] };
  const size = [{ height: 32, width: 32 }];
  // The fine box is 4..16, the coarse one 4..16 as well.
  const [found] = detect(config, [fine, coarse], size);
  expect(rounded(found.scores)).toEqual([0.7, 0.5, 0.2, 0.07]);
  expect([...found.labels]).toEqual([0, 1, 1, 0]);
  expect(rounded(detect({ ...config, maxDetections: 2 }, [fine, coarse], size)[0].scores)).toEqual([0.7, 0.5]);
  expect(rounded(detect({ ...config, scoreThreshold: 0.1 }, [fine, coarse], size)[0].scores)).toEqual([0.7, 0.5, 0.2]);
  // The best candidate of each level: the fine one falls to the coarse one.
  expect(rounded(detect({ ...config, candidates: 1 }, [fine, coarse], size)[0].scores)).toEqual([0.7]);
  expect(rounded(detect({ ...config, nmsThreshold: 1 }, [fine, coarse], size)[0].scores)).toEqual([0.7, 0.6, 0.5, 0.2, 0.07]);
});

test('with centre-ness the score is the geometric mean', () => {
  const outputs = outputMap(1, 4, 4, [
    { x: 1, y: 1, scores: [0.9, 0.001], reach: [1, 1, 1, 1], centreness: 0.4 },
    { x: 3, y: 3, scores: [0.09, 0.01], reach: [0.5, 0.5, 0.5, 0.5], centreness: 0.02 },
  ]);
  const [{ scores }] = detect({ ...base, centreness: true }, [outputs], [{ height: 16, width: 16 }]);
  // The second passes for its class alone (.09 > .05) but not with its centre-ness: sqrt(.09 x .02) = .042.
  expect(rounded(scores)).toEqual([0.6]);
});

test('nothing found: empty arrays; NaN finds nothing; wild distances stay finite', () => {
  const size = [{ height: 8, width: 8 }];
  const [empty] = detect(base, [outputMap(1, 2, 2, [])], size);
  expect([empty.boxes.length, empty.scores.length, empty.labels.length]).toEqual([0, 0, 0]);
  expect(detect(base, [tf.fill([1, 2, 2, 6], Number.NaN)], size)[0].scores).toHaveLength(0);
  const wild = detect({ ...base, maxDetections: 1 }, [tf.fill([1, 2, 2, 6], 1e4)], size)[0];
  expect([...wild.boxes]).toEqual([0, 0, 8, 8]);
});
