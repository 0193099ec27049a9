// The head as a whole: start, gradients, images without objects, learning, leaks.
import * as tf from '@tensorflow/tfjs-core';
import { expectClose } from '../../../../tools/jest/fixtures.ts';
import { expectGradient } from '../../../../tools/jest/gradient.ts';
import { overfit } from '../../testing/train.ts';
import type { DetectionTargets, Params } from '../types.ts';
import { oneStage } from './one-stage.ts';

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const none: DetectionTargets = { boxes: [new Float32Array(0)], labels: [new Int32Array(0)] };
const features = (shape: [number, number, number, number], seed = 1) => tf.randomNormal(shape, 0, 1, 'float32', seed) as tf.Tensor4D;
const context = (height: number, width: number) => ({ imageSize: [height, width] as const, key: [0, 0] });
const total = (losses: Record<string, tf.Scalar>) => tf.addN(Object.values(losses)) as tf.Scalar;

describe('parameters', () => {
  const head = oneStage({ classes: 3, channels: 6, strides: [4], width: 5, convs: 2, centreness: true });

  test('names, shapes and roles', () => {
    expect(head.parameters.map(({ name, shape, role }) => `${name} ${shape} ${role}`)).toEqual([
      'head.conv.0.weight 3,3,6,5 weight',
      'head.conv.0.bias 5 bias',
      'head.conv.1.weight 3,3,5,5 weight',
      'head.conv.1.bias 5 bias',
      'head.cls_logits.weight 3,3,5,3 weight',
      'head.cls_logits.bias 3 bias',
      'head.bbox_reg.weight 3,3,5,4 weight',
      'head.bbox_reg.bias 4 bias',
      'head.bbox_ctrness.weight 3,3,5,1 weight',
      'head.bbox_ctrness.bias 1 bias',
    ]);
  });

  test('start: as specified, by seed, every class at probability .01', () => {
    const params = head.initialise(7);
    expect(Object.entries(params).map(([name, { shape }]) => ({ name, shape }))).toEqual(
      head.parameters.map(({ name, shape }) => ({ name, shape })),
    );
    const weight = (seed: number) => [...head.initialise(seed)['head.conv.0.weight'].dataSync()];
    expect(weight(7)).toEqual(weight(7));
    expect(weight(7)).not.toEqual(weight(8));
    expectClose(tf.sigmoid(params['head.cls_logits.bias']).dataSync(), [0.01, 0.01, 0.01], { rtol: 1e-4, atol: 0 });
    const wide = oneStage({ classes: 1, channels: 64, strides: [4] }).initialise(1)['head.conv.0.weight'];
    const { mean, variance } = tf.moments(wide);
    expectClose([mean.dataSync()[0], Math.sqrt(variance.dataSync()[0])], [0, Math.sqrt(2 / (9 * 64))], { rtol: 0.02, atol: 1e-3 });
  });
});

test('outputs: a map of logits and offsets a level, what detect decodes, with gradients', () => {
  const head = oneStage({ classes: 3, channels: 4, strides: [4, 8], convs: 1 });
  const params = head.initialise(2);
  const pyramid = [features([2, 8, 8, 4]), features([2, 4, 4, 4], 2)];
  const maps = head.outputs(params, pyramid);
  expect(maps.map(({ shape }) => shape)).toEqual([
    [2, 8, 8, 7],
    [2, 4, 4, 7],
  ]);
  const best = tf
    .max(tf.sigmoid(tf.concat(maps.map((map) => tf.reshape(tf.slice(map, [0, 0, 0, 0], [1, -1, -1, 3]), [-1])))))
    .dataSync()[0];
  const size = { height: 32, width: 32 };
  const [found] = oneStage({ classes: 3, channels: 4, strides: [4, 8], convs: 1, scoreThreshold: 0 }).detect(
    params,
    pyramid,
    [size, size],
    [32, 32],
  );
  expect(found.scores[0]).toBeCloseTo(best, 5);
  const gradient = tf.grad((level: tf.Tensor) => tf.sum(head.outputs(params, [level as tf.Tensor4D, pyramid[1]])[0]))(pyramid[0]);
  expect(tf.max(tf.abs(gradient)).dataSync()[0]).toBeGreaterThan(0);
});

describe('losses', () => {
  const targets: DetectionTargets = {
    boxes: [Float32Array.of(3, 4, 15, 13, 8, 2, 31, 23), Float32Array.of(1, 1, 24, 20)],
    labels: [Int32Array.of(1, 0), Int32Array.of(2)],
  };

  test('of an untrained head: hardly any for background, near -log of the prior for objects', () => {
    const head = oneStage({ classes: 3, channels: 4, strides: [4], lossWeights: { classification: 1 } });
    const params = {
      ...head.initialise(1),
      'head.cls_logits.weight': tf.zeros([3, 3, 4, 3]),
      'head.bbox_reg.weight': tf.zeros([3, 3, 4, 4]),
    };
    const one = { boxes: [Float32Array.of(4, 4, 16, 16)], labels: [Int32Array.of(2)] };
    const { cls_loss, box_loss } = head.losses(params, [features([1, 8, 8, 4])], one, context(32, 32));
    // 9 cells learn the box; 64 x 3 - 9 logits are background.
    const object = 0.25 * 0.99 ** 2 * -Math.log(0.01);
    const background = 0.75 * 0.01 ** 2 * -Math.log(0.99);
    expectClose(cls_loss.dataSync(), [object + (background * (64 * 3 - 9)) / 9], { rtol: 1e-4, atol: 0 });
    // Every cell says 2e x 2e strides around itself; the box is 3 x 3 around the middle cell.
    const iou = 9 / (2 * Math.E) ** 2;
    const middleAndOthers = 1 - iou;
    expectClose(box_loss.dataSync(), [middleAndOthers], { rtol: 1e-4, atol: 0 });
  });

  test.each([
    { name: 'one level', strides: [4], convs: 1, centreness: false },
    { name: 'two levels with centre-ness', strides: [4, 8], convs: 1, centreness: true },
    { name: 'no tower', strides: [4], convs: 0, centreness: false },
  ])('gradients equal finite differences: $name', ({ strides, convs, centreness }) => {
    const head = oneStage({
      classes: 3,
      channels: 4,
      width: 5,
      strides,
      convs,
      centreness,
      sizeRanges:
        strides.length > 1
          ? [
              [0, 12],
              [12, 64],
            ]
          : undefined,
    });
    const pyramid = strides.map((stride, i) => features([2, 24 / stride, 32 / stride, 4], i + 1));
    const params = head.initialise(3);
    // Outputs away from their flat start, so that every column has a gradient worth checking.
    for (const name of ['head.cls_logits.weight', 'head.bbox_reg.weight']) params[name] = tf.mul(params[name], 20);
    const check = (name: string) =>
      expectGradient((x) => total(head.losses({ ...params, [name]: x }, pyramid, targets, context(24, 32))), params[name], {
        step: 1e-3,
        atol: 4e-3,
        every: 7,
      });
    Object.keys(params).forEach(check);
    pyramid.forEach((level, i) => {
      const at = (x: tf.Tensor) => pyramid.map((other, j) => (i === j ? (x as tf.Tensor4D) : other));
      expectGradient((x) => total(head.losses(params, at(x), targets, context(24, 32))), level, { step: 1e-3, atol: 4e-3, every: 23 });
    });
  });

  test('are the mean over the objects: an image twice has the losses of one', () => {
    const head = oneStage({ classes: 3, channels: 4, strides: [4] });
    const params = head.initialise(1);
    const image = features([1, 6, 8, 4]);
    const once = head.losses(params, [image], { boxes: [targets.boxes[0]], labels: [targets.labels[0]] }, context(24, 32));
    const boxes = [targets.boxes[0], targets.boxes[0]];
    const labels = [targets.labels[0], targets.labels[0]];
    const twice = head.losses(params, [tf.concat([image, image])], { boxes, labels }, context(24, 32));
    for (const name of ['cls_loss', 'box_loss']) expectClose(twice[name].dataSync(), once[name].dataSync(), { rtol: 1e-5, atol: 1e-6 });
  });

  test('weights scale their term', () => {
    const make = (classification: number, box: number) => {
      const head = oneStage({ classes: 3, channels: 4, strides: [4], lossWeights: { classification, box } });
      const { cls_loss, box_loss } = head.losses(head.initialise(1), [features([2, 6, 8, 4])], targets, context(24, 32));
      return [cls_loss.dataSync()[0], box_loss.dataSync()[0]];
    };
    const [cls, box] = make(1, 1);
    expectClose(make(3, 0.5), [3 * cls, 0.5 * box], { rtol: 1e-5, atol: 0 });
  });

  test.each([false, true])(
    'no objects at all: finite losses, zero box loss, finite gradients for everything (centre-ness %s)',
    (centreness) => {
      const head = oneStage({ classes: 2, channels: 4, strides: [4], centreness });
      const params = head.initialise(1);
      const names = Object.keys(params);
      const image = features([1, 6, 8, 4]);
      const asParams = (values: tf.Tensor[]): Params => Object.fromEntries(names.map((name, i) => [name, values[i]]));
      const losses = head.losses(params, [image], none, context(24, 32));
      expect(losses.cls_loss.dataSync()[0]).toBeGreaterThan(0);
      expect(losses.box_loss.dataSync()[0]).toBe(0);
      const gradients = tf.grads((...xs: tf.Tensor[]) => total(head.losses(asParams(xs), [image], none, context(24, 32))))(
        Object.values(params),
      );
      for (const gradient of gradients) expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
      expect(gradients[names.indexOf('head.bbox_reg.weight')].dataSync().every((value) => value === 0)).toBe(true);
      // The box term alone has a gradient too: callers may differentiate terms one by one.
      const alone = tf.grads((...xs: tf.Tensor[]) => head.losses(asParams(xs), [image], none, context(24, 32)).box_loss)(
        Object.values(params),
      );
      expect(alone.every((gradient) => gradient.dataSync().every((value) => value === 0))).toBe(true);
    },
  );

  test('cells in an ignored region have no gradient', () => {
    const head = oneStage({ classes: 2, channels: 4, strides: [4], convs: 0 });
    const params = head.initialise(1);
    const gradient = (ignore?: Float32Array[]) =>
      tf.grad((x) => total(head.losses(params, [x as tf.Tensor4D], { ...none, ignore }, context(24, 32))))(features([1, 6, 8, 4]));
    expect(
      gradient()
        .dataSync()
        .some((value) => value !== 0),
    ).toBe(true);
    expect(
      gradient([Float32Array.of(0, 0, 32, 24)])
        .dataSync()
        .every((value) => value === 0),
    ).toBe(true);
  });
});

describe('a toy: red and green squares on noise', () => {
  const side = 32;
  const images = 8;

  /** Images as maps of stride 4: the 4 x 4 x 3 pixels of a cell are its 48 channels. */
  function scene(): { pyramid: tf.Tensor4D[]; targets: DetectionTargets } {
    const random = tf.randomUniform([images * side * side * 3], 0, 0.2, 'float32', 5).dataSync();
    const pixels = new Float32Array(random);
    const boxes: Float32Array[] = [];
    const labels: Int32Array[] = [];
    for (let n = 0; n < images; n++) {
      const objects = n === 0 ? 0 : 1 + (n % 2);
      const own: number[] = [];
      for (let k = 0; k < objects; k++) {
        const size = 8 + ((3 * n + 2 * k) % 6);
        const x = k * 16 + (n % 4);
        const y = (5 * n + 7 * k) % (side - size);
        own.push(x, y, x + size, y + size);
        for (let i = y; i < y + size; i++) for (let j = x; j < x + size; j++) pixels[((n * side + i) * side + j) * 3 + ((n + k) % 2)] = 1;
      }
      boxes.push(Float32Array.from(own));
      labels.push(Int32Array.from({ length: objects }, (_, k) => (n + k) % 2));
    }
    const cells = side / 4;
    const blocks = tf.transpose(tf.reshape(tf.tensor1d(pixels), [images, cells, 4, cells, 12]), [0, 1, 3, 2, 4]);
    return { pyramid: [tf.reshape(blocks, [images, cells, cells, 48])], targets: { boxes, labels } };
  }

  function iou(a: ArrayLike<number>, b: ArrayLike<number>): number {
    const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
    const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
    const overlap = Math.max(width, 0) * Math.max(height, 0);
    return overlap / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - overlap);
  }

  test('is learnt: every square found with its class, nothing else', () => {
    const { pyramid, targets } = scene();
    const head = oneStage({ classes: 2, channels: 48, width: 24, convs: 1, strides: [4] });
    const loss = (params: Params) => total(head.losses(params, pyramid, targets, context(side, side)));
    const { params } = overfit(head.initialise(1), loss, { steps: 120, rate: 5e-3 });
    const found = head.detect(params, pyramid, Array(images).fill({ height: side, width: side }), [side, side]);
    targets.boxes.forEach((boxes, image) => {
      const sure = [...found[image].scores].filter((score) => score > 0.5).length;
      expect(sure).toBe(targets.labels[image].length);
      for (let k = 0; k < targets.labels[image].length; k++) {
        const best = Array.from({ length: sure }, (_, i) => i).filter((i) => found[image].labels[i] === targets.labels[image][k]);
        expect(Math.max(...best.map((i) => iou(found[image].boxes.subarray(4 * i), boxes.subarray(4 * k))))).toBeGreaterThan(0.8);
      }
    });
  });

  test('losses and detect leave no tensor behind', () => {
    const { pyramid, targets } = scene();
    const head = oneStage({ classes: 2, channels: 48, strides: [4] });
    const params = head.initialise(1);
    const before = tf.memory().numTensors;
    const losses = head.losses(params, pyramid, targets, context(side, side));
    expect(tf.memory().numTensors).toBe(before + Object.keys(losses).length);
    tf.dispose(losses);
    head.detect(params, pyramid, Array(images).fill({ height: side, width: side }), [side, side]);
    tf.dispose(tf.grads((...xs: tf.Tensor[]) => total(head.losses(params, xs as tf.Tensor4D[], targets, context(side, side))))(pyramid));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('refuses, naming the shapes', () => {
  const head = oneStage({ classes: 2, channels: 4, strides: [4, 8] });
  const params = head.initialise(1);
  const maps = (...shapes: [number, number, number, number][]) => shapes.map((shape) => tf.zeros(shape) as tf.Tensor4D);
  const losses =
    (pyramid: tf.Tensor4D[], targets = none) =>
    () =>
      head.losses(params, pyramid, targets, context(16, 16));
  test('pyramids', () => {
    expect(losses(maps([1, 4, 4, 4]))).toThrow('1 pyramid levels ([1,4,4,4]) for strides [4,8]');
    expect(losses(maps([1, 4, 4, 3], [1, 2, 2, 4]))).toThrow('must have 4 channels each and equal batch sizes');
    expect(losses(maps([1, 4, 5, 4], [1, 2, 2, 4]))).toThrow('a map of 4 x 5 cells does not fit stride 4 and image size [16, 16]');
  });
  test('counts of images', () => {
    expect(losses(maps([2, 4, 4, 4], [2, 2, 2, 4]))).toThrow(
      'oneStage: targets for 1 (boxes), 1 (labels) images do not match a batch of 2',
    );
    expect(() => head.detect(params, maps([2, 4, 4, 4], [2, 2, 2, 4]), [{ height: 16, width: 16 }], [16, 16])).toThrow('sizes of 1 images');
  });
  test('configurations', () => {
    expect(() => oneStage({ classes: 0, channels: 4, strides: [4] })).toThrow('classes 0 must be a whole number, at least 1');
    expect(() => oneStage({ classes: 2, channels: 4, strides: [8, 4] })).toThrow('strides [8,4] must be positive and grow');
    expect(() => oneStage({ classes: 2, channels: 4, strides: [4], sizeRanges: [] })).toThrow('0 size ranges for 1 strides');
  });
});
