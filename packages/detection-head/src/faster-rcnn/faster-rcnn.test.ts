// The door of the Faster R-CNN head: hard cases (no object, nothing proposed, crowds), determinism, memory, and the errors.
import * as tf from '@tensorflow/tfjs-core';
import { type DetectionTargets, type FasterRcnnConfig, fasterRcnn, type Params } from '../index.ts';
import { assignTargets } from './assign.ts';
import { proposeBoxes } from './proposals.ts';

const config: FasterRcnnConfig = {
  channels: 4,
  classes: 3,
  anchorSizes: [[12], [24]],
  aspectRatios: [0.5, 1],
  rpn: { preNmsTrain: 30, postNmsTrain: 20, preNmsDetect: 30, postNmsDetect: 20, samples: 32 },
  roi: { size: 3, canonicalSize: 64, hidden: 8, samples: 16 },
  detections: { scoreThreshold: 0.01 },
};
const imageSize = [32, 48] as const;
const ctx = { imageSize, key: [5, 6] };
const head = fasterRcnn(config);
const noObject: DetectionTargets = { boxes: [new Float32Array(0), new Float32Array(0)], labels: [new Int32Array(0), new Int32Array(0)] };
const twoObjects: DetectionTargets = {
  boxes: [Float32Array.of(2, 3, 14, 15, 20, 4, 44, 28), new Float32Array(0)],
  labels: [Int32Array.of(0, 2), new Int32Array(0)],
};
const extents = [
  { height: 32, width: 48 },
  { height: 20, width: 30 },
];

let params: Params;
let pyramid: tf.Tensor4D[];
beforeEach(() => {
  tf.engine().startScope();
  params = head.initialise(3);
  pyramid = [tf.randomUniform([2, 8, 12, 4], -1, 1, 'float32', 1), tf.randomUniform([2, 4, 6, 4], -1, 1, 'float32', 2)];
});
afterEach(() => tf.engine().endScope());

/** Gradients of the summed losses wrt every parameter, then every level. */
function gradients(targets: DetectionTargets, given = params, by = head): { loss: number; grads: tf.Tensor[] } {
  const names = Object.keys(given);
  const { value, grads } = tf.valueAndGrads((...inputs: tf.Tensor[]) => {
    const values = Object.fromEntries(names.map((name, i) => [name, inputs[i]]));
    return tf.addN(Object.values(by.losses(values, inputs.slice(names.length) as tf.Tensor4D[], targets, ctx)));
  })([...Object.values(given), ...pyramid]);
  return { loss: value.dataSync()[0], grads };
}
const finite = (tensor: tf.Tensor) => tensor.dataSync().every(Number.isFinite);

test("the names and shapes of the parameters are torchvision's", () => {
  const standard = fasterRcnn({ channels: 256, classes: 90 });
  expect(Object.fromEntries(standard.parameters.map(({ name, shape }) => [name, shape.join('x')]))).toEqual({
    'rpn.head.conv.0.0.weight': '3x3x256x256',
    'rpn.head.conv.0.0.bias': '256',
    'rpn.head.cls_logits.weight': '1x1x256x3',
    'rpn.head.cls_logits.bias': '3',
    'rpn.head.bbox_pred.weight': '1x1x256x12',
    'rpn.head.bbox_pred.bias': '12',
    'roi_heads.box_head.fc6.weight': '12544x1024',
    'roi_heads.box_head.fc6.bias': '1024',
    'roi_heads.box_head.fc7.weight': '1024x1024',
    'roi_heads.box_head.fc7.bias': '1024',
    'roi_heads.box_predictor.cls_score.weight': '1024x91',
    'roi_heads.box_predictor.cls_score.bias': '91',
    'roi_heads.box_predictor.bbox_pred.weight': '1024x364',
    'roi_heads.box_predictor.bbox_pred.bias': '364',
  });
});

test('initialise is a pure function of the seed, with the stated deviations', () => {
  const name = 'rpn.head.conv.0.0.weight';
  const again = head.initialise(3);
  const other = head.initialise(4);
  expect(again[name].dataSync()).toEqual(params[name].dataSync());
  expect(other[name].dataSync()).not.toEqual(params[name].dataSync());
  const wide = fasterRcnn({ ...config, channels: 32 }).initialise(1);
  const deviation = (tensor: tf.Tensor) => Math.sqrt(tf.moments(tensor).variance.dataSync()[0]);
  // 9216 and 2304 normal numbers: five standard errors are 3.7 % and 7.4 %.
  expect(Math.abs(deviation(wide[name]) / 0.01 - 1)).toBeLessThan(0.037);
  expect(Math.abs(deviation(wide['roi_heads.box_head.fc6.weight']) * Math.sqrt(288) - 1)).toBeLessThan(0.074);
  expect(wide['rpn.head.conv.0.0.bias'].dataSync().every((value) => value === 0)).toBe(true);
});

test('outputs: logits and offsets of every anchor, from the RPN, with gradients', () => {
  const anchors = 2 * (8 * 12 + 4 * 6);
  expect(head.outputs(params, pyramid).map(({ shape }) => shape)).toEqual([
    [2, anchors],
    [2, anchors, 4],
  ]);
  const gradient = tf.grad((level: tf.Tensor) => tf.sum(head.outputs(params, [level as tf.Tensor4D, pyramid[1]])[1]))(pyramid[0]);
  expect(tf.max(tf.abs(gradient)).dataSync()[0]).toBeGreaterThan(0);
  expect(() => head.outputs(params, [pyramid[0]])).toThrow('fasterRcnn.outputs: a pyramid of 1 levels');
});

describe('losses', () => {
  test('a batch without any object has finite losses and gradients, and no box loss', () => {
    const terms = head.losses(params, pyramid, noObject, ctx);
    expect(terms.loss_rpn_box_reg.dataSync()[0]).toBe(0);
    expect(terms.loss_box_reg.dataSync()[0]).toBe(0);
    expect(terms.loss_objectness.dataSync()[0]).toBeGreaterThan(0);
    const { loss, grads } = gradients(noObject);
    expect(Number.isFinite(loss)).toBe(true);
    expect(grads.every(finite)).toBe(true);
  });

  test('with nothing proposed and no object, and nothing drawn, every gradient is 0 instead of NaN', () => {
    const idle = fasterRcnn({ ...config, rpn: { ...config.rpn, postNmsTrain: 0, samples: 0 } });
    const { loss, grads } = gradients(noObject, params, idle);
    expect(loss).toBe(0);
    expect(grads.every((grad) => grad.dataSync().every((value) => Math.abs(value) === 0))).toBe(true);
  });

  test('the same key draws the same, another key draws otherwise', () => {
    const loss = (key: number[]) => head.losses(params, pyramid, twoObjects, { imageSize, key }).loss_objectness.dataSync()[0];
    expect(loss([1, 2])).toBe(loss([1, 2]));
    expect(loss([1, 2])).not.toBe(loss([1, 3]));
  });

  test('what lies in an ignored region is not background', () => {
    const everywhere = Float32Array.of(0, 0, 48, 32);
    const all = fasterRcnn({ ...config, rpn: { ...config.rpn, samples: 10000 } });
    const count = (ignore?: Float32Array) =>
      assignTargets(
        Float32Array.of(0, 0, 10, 10, 20, 20, 30, 30),
        Float32Array.of(0, 0, 10, 10),
        ignore,
        { matcher: { high: 0.5, low: 0.5, allowLowQuality: false }, sampler: { size: 8, positiveFraction: 1 }, coder: [1, 1, 1, 1] },
        [1],
      ).indices;
    expect([...count()]).toEqual([0, 1]);
    expect([...count(Float32Array.of(15, 15, 40, 40))]).toEqual([0]);
    const plain = all.losses(params, pyramid, twoObjects, ctx).loss_objectness.dataSync()[0];
    const ignoring = all.losses(params, pyramid, { ...twoObjects, ignore: [everywhere, everywhere] }, ctx).loss_objectness.dataSync()[0];
    // Undecided starts: every anchor costs about log 2, objects and background alike, so only the mean over fewer anchors moves.
    expect(ignoring).not.toBe(plain);
    expect(ignoring).toBeCloseTo(Math.log(2), 1);
  });

  test('leave nothing behind but the four scalars, in a tape or out of it', () => {
    const before = tf.memory().numTensors;
    const terms = head.losses(params, pyramid, twoObjects, ctx);
    expect(tf.memory().numTensors).toBe(before + 4);
    tf.dispose(terms);
    const { grads } = tf.tidy(() => gradients(twoObjects)) as { grads: tf.Tensor[] };
    expect(tf.memory().numTensors).toBe(before + grads.length);
  });
});

describe('detect', () => {
  test('boxes lie in their image, scores fall, labels are classes; no tensor is left', () => {
    const before = tf.memory().numTensors;
    const found = head.detect(params, pyramid, extents, imageSize);
    expect(tf.memory().numTensors).toBe(before);
    found.forEach(({ boxes, scores, labels }, image) => {
      expect(scores.length).toBeGreaterThan(0);
      expect(boxes).toHaveLength(4 * scores.length);
      const { height, width } = extents[image];
      expect(boxes.every((value, i) => value >= 0 && value <= (i % 2 === 0 ? width : height))).toBe(true);
      expect(scores.every((score, i) => score > 0.01 && (i === 0 || score <= scores[i - 1]))).toBe(true);
      expect(labels.every((label) => label >= 0 && label < 3)).toBe(true);
    });
  });

  test('nothing proposed, nothing likely: nothing found', () => {
    const empty = { boxes: new Float32Array(0), scores: new Float32Array(0), labels: new Int32Array(0) };
    const mute = fasterRcnn({ ...config, rpn: { ...config.rpn, postNmsDetect: 0 } });
    expect(mute.detect(params, pyramid, extents, imageSize)).toEqual([empty, empty]);
    const strict = fasterRcnn({ ...config, detections: { scoreThreshold: 0.99 } });
    expect(strict.detect(params, pyramid, extents, imageSize)).toEqual([empty, empty]);
  });

  test('the limit holds', () => {
    const few = fasterRcnn({ ...config, detections: { scoreThreshold: 0.01, limit: 2 } });
    expect(few.detect(params, pyramid, extents, imageSize).map(({ scores }) => scores.length)).toEqual([2, 2]);
  });
});

test('proposals too small to matter are dropped', () => {
  const anchors = [Float32Array.of(0, 0, 10, 10, 40, 0, 60, 10, 47, 0, 57, 10)];
  const options = { preNms: 10, postNms: 10, nmsThreshold: 0.7, minSize: 2 };
  const boxes = proposeBoxes(Float32Array.of(1, 2, 3), new Float32Array(12), anchors, { height: 32, width: 48 }, options);
  expect([...boxes]).toEqual([40, 0, 48, 10, 0, 0, 10, 10]);
});

describe('errors name the operation, the values and the way out', () => {
  test.each<[Partial<FasterRcnnConfig>, string]>([
    [{ channels: 0 }, 'fasterRcnn: channels 0'],
    [{ classes: 0 }, 'fasterRcnn: classes 0'],
    [{ anchorSizes: [] }, 'fasterRcnn: no anchors'],
    [{ anchorSizes: [[8], [16, 24]] }, 'give equally many for each level'],
    [{ roi: { levels: 3 } }, 'roi.levels 3 with anchors for 2 levels'],
  ])('configuration %j', (change, message) => {
    expect(() => fasterRcnn({ ...config, ...change })).toThrow(message);
  });

  test.each<[Partial<DetectionTargets>, string]>([
    [{ boxes: [] }, 'targets for 0 (boxes), 2 (labels) images do not match a batch of 2'],
    [{ ignore: [] }, '0 (ignore) images do not match a batch of 2'],
    [{ labels: [Int32Array.of(0), new Int32Array(0)] }, 'image 0 has 8 box numbers and 1 labels'],
    [{ labels: [Int32Array.of(0, 3), new Int32Array(0)] }, 'image 0, box 1: label 3 is not in 0..2'],
    [{ boxes: [Float32Array.of(2, 3, 14, 15, 20, 4, 20, 28), new Float32Array(0)] }, 'image 0, box 1: [20,4,20,28] has no area'],
  ])('targets %j', (change, message) => {
    expect(() => head.losses(params, pyramid, { ...twoObjects, ...change }, ctx)).toThrow(`fasterRcnn.losses: `);
    expect(() => head.losses(params, pyramid, { ...twoObjects, ...change }, ctx)).toThrow(message);
  });

  test('pyramid, images and parameters', () => {
    expect(() => head.losses(params, pyramid.slice(1), twoObjects, ctx)).toThrow('a pyramid of 1 levels does not match anchor sizes for 2');
    expect(() => head.detect(params, [pyramid[0], tf.zeros([2, 4, 6, 5])], extents, imageSize)).toThrow(
      'a level [2,4,6,5] does not have the 4',
    );
    expect(() => head.detect(params, pyramid, extents.slice(1), imageSize)).toThrow('1 image sizes do not match a batch of 2');
    expect(() => head.detect({}, pyramid, extents, imageSize)).toThrow("parameter 'rpn.head.conv.0.0.weight' is missing");
  });
});
