import * as tf from '@tensorflow/tfjs-core';
import { CHANNELS, pyramidOf, SIZE, stripes } from '../testing/stripes.ts';
import { fcn, fpnDecoder, type ImageSize, type Params, type SegmentationHead, segmentationMacs } from './index.ts';

const small = { classes: 3, channels: CHANNELS, width: 8 };
const heads: Record<string, SegmentationHead> = {
  fpnDecoder: fpnDecoder({ ...small, strides: [4, 8] }),
  fcn: fcn({ ...small, strides: [4, 8], convs: 1 }),
};

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const noise = (shape: [number, number, number, number], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed) as tf.Tensor4D;
const mapsFor = ([height, width]: ImageSize, strides: number[], channels: number, count = 1) =>
  strides.map((stride) => noise([count, Math.ceil(height / stride), Math.ceil(width / stride), channels], stride));

describe.each(Object.keys(heads))('%s', (name) => {
  const head = heads[name];

  test('starts with equally likely classes, the same for the same seed', () => {
    const { images, labels } = stripes(2, 1);
    const loss = head.losses(head.initialise(1), pyramidOf(images), { labels }, { imageSize: [SIZE, SIZE], key: [1, 0] }).loss_sem_seg;
    expect(Math.abs(loss.dataSync()[0] - Math.log(3))).toBeLessThan(0.05);
    const [a, b, other] = [head.initialise(3), head.initialise(3), head.initialise(4)];
    for (const { name: key, shape, role } of head.parameters) {
      expect(a[key].shape).toEqual(shape);
      expect([...a[key].dataSync()]).toEqual([...b[key].dataSync()]);
      if (role === 'weight') expect([...a[key].dataSync()]).not.toEqual([...other[key].dataSync()]);
    }
  });

  test('learns stripes it has not seen', () => {
    const variables: Record<string, tf.Variable> = {};
    for (const [key, value] of Object.entries(head.initialise(1))) variables[key] = tf.variable(value);
    const optimizer = tf.train.adam(0.02);
    const { images, labels } = stripes(16, 2);
    const pyramid = pyramidOf(images);
    const step = () => head.losses(variables, pyramid, { labels }, { imageSize: [SIZE, SIZE] }).loss_sem_seg;
    for (let i = 0; i < 200; i++) optimizer.minimize(step, false, Object.values(variables));
    const fresh = stripes(8, 3);
    const found = head.predict(variables, pyramidOf(fresh.images), [SIZE, SIZE]).flatMap(({ data }) => [...data]);
    const right = found.filter((label, i) => label === fresh.labels[i]).length / found.length;
    expect(right).toBeGreaterThan(0.99); // the ground alone is 3/4
    tf.dispose(Object.values(variables));
    optimizer.dispose();
  });

  test('leaves no tensor behind', () => {
    const params = head.initialise(1);
    const pyramid = pyramidOf(stripes(2, 1).images);
    const before = tf.memory().numTensors;
    head.predict(params, pyramid, [SIZE, SIZE]);
    expect(tf.memory().numTensors).toBe(before);
    head.losses(params, pyramid, { labels: new Uint8Array(2 * SIZE * SIZE) }, { imageSize: [SIZE, SIZE] });
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(() =>
      head.predict(
        params,
        pyramid,
        [SIZE, SIZE],
        [
          { height: 1, width: 1 },
          { height: 99, width: 1 },
        ],
      ),
    ).toThrow(`${name}: image 1 of 99x1 does not lie in the input of 32x32`);
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  test.each<ImageSize>([
    [32, 40],
    [50, 70],
    [33, 5],
  ])('image size %j, multiples of the strides or not', (height, width) => {
    const pyramid = mapsFor([height, width], [4, 8], CHANNELS);
    const labels = new Uint8Array(height * width).map((_, i) => i % 3);
    const { grads, value } = tf.variableGrads(
      () => head.losses(params, pyramid, { labels }, { imageSize: [height, width] }).loss_sem_seg,
      Object.values(params) as tf.Variable[],
    );
    expect(Number.isFinite(value.dataSync()[0])).toBe(true);
    expect(Object.values(grads).every((grad) => grad.dataSync().every(Number.isFinite))).toBe(true);
    expect(head.logits(params, pyramid, [height, width]).shape).toEqual([1, height, width, 3]);
  });
  let params: Params;
  beforeEach(() => {
    params = Object.fromEntries(Object.entries(head.initialise(1)).map(([key, value]) => [key, tf.variable(value)]));
  });
  afterEach(() => tf.dispose(Object.values(params)));
});

describe('predict', () => {
  // One cell of 4 px a value, no convolution but the identity: the logits are the map itself, upsampled.
  const head = fcn({ classes: 2, channels: 2, strides: [4], convs: 0 });
  const identity = () => ({
    'decode_head.conv_seg.weight': tf.tensor4d([1, 0, 0, 1], [1, 1, 2, 2]),
    'decode_head.conv_seg.bias': tf.zeros([2]),
  });
  /** Class 1 right of the middle of the third cell of five. */
  const edge = () =>
    tf.tensor4d(
      [0, 1, 2, 3, 4].flatMap((x) => [2, x]),
      [1, 1, 5, 2],
    ); // prettier-ignore

  test('pixels lie where the stride says, also when the image ends inside a cell', () => {
    for (const width of [17, 18, 20]) {
      const [{ data, ...size }] = head.predict(identity(), [edge()], [3, width]);
      expect(size).toEqual({ width, height: 3 });
      // The maps are equal at pixel coordinate 10, the middle of the third cell; pixel 10 lies right of it.
      expect([...data.slice(0, width)]).toEqual(Array.from({ length: width }, (_, x) => Number(x >= 10)));
    }
  });

  test('padding is cut off, and the rest resized to the size asked for', () => {
    const maps = [tf.concat([edge(), edge()], 0) as tf.Tensor4D];
    const extents = [
      { height: 2, width: 12 },
      { height: 4, width: 16, output: [2, 32] as const },
    ];
    const [cut, resized] = head.predict(identity(), maps, [4, 20], extents);
    expect([cut.width, cut.height, ...cut.data.slice(0, 12)]).toEqual([12, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect([resized.width, resized.height]).toEqual([32, 2]);
    expect([...resized.data.slice(0, 32)]).toEqual(Array.from({ length: 32 }, (_, x) => Number(x >= 20)));
    expect(() => head.predict(identity(), maps, [4, 20], extents.slice(0, 1))).toThrow('fcn: sizes of 1 images for a batch of 2');
  });
});

describe('cost', () => {
  test('counts what is computed: every call of the convolution, at its place', () => {
    const size: ImageSize = [64, 96];
    for (const head of [
      fpnDecoder({ classes: 5, channels: 6, width: 8 }),
      fcn({ classes: 5, channels: 6, strides: [4, 8], level: 1, convs: 2 }),
    ]) {
      const strides = head.convolutions.length > 4 ? [4, 8, 16, 32] : [4, 8];
      const kernel = jest.spyOn(tf.engine(), 'runKernel');
      head.logits(head.initialise(1), mapsFor(size, strides, 6), size);
      const counted = kernel.mock.calls
        .filter(([kind]) => kind === 'Conv2D')
        .map(([, inputs]) => {
          const { x, filter } = inputs as unknown as { x: tf.Tensor; filter: tf.Tensor };
          return x.shape[1]! * x.shape[2]! * filter.size;
        });
      kernel.mockRestore();
      const { total, layers } = segmentationMacs(head, size);
      expect(counted.length).toBe(layers.length);
      expect(layers.map(({ macs }) => macs).sort()).toEqual(counted.sort());
      expect(total).toBe(counted.reduce((a, b) => a + b));
    }
  });

  test("Panoptic FPN's head on 512x1024, by hand", () => {
    const { total, layers } = segmentationMacs(fpnDecoder({ classes: 19, channels: 256 }), [512, 1024]);
    const cells = (stride: number) => (512 / stride) * (1024 / stride);
    const first = 9 * 256 * 128 * (cells(4) + cells(8) + cells(16) + cells(32));
    const further = 9 * 128 * 128 * (cells(8) + cells(16) + cells(8)); // the second stage of p4, the second and third of p5
    expect(total).toBe(first + further + 128 * 19 * cells(4));
    expect(layers.map(({ name }) => name)).toEqual([
      ...['p2.0', 'p3.0', 'p4.0', 'p4.2', 'p5.0', 'p5.2', 'p5.4', 'predictor'].map((part) => `sem_seg_head.${part}`),
    ]);
  });
});

describe('settings and inputs that cannot work', () => {
  test.each<[() => SegmentationHead, string]>([
    [() => fpnDecoder({ ...small, strides: [4, 12] }), 'fpnDecoder: strides [4,12] must be powers of two that grow'],
    [() => fpnDecoder({ ...small, strides: [] }), 'fpnDecoder: strides [] must be'],
    [() => fpnDecoder({ ...small, strides: [8, 4] }), 'fpnDecoder: strides [8,4] must be'],
    [() => fpnDecoder({ ...small, width: 10, groups: 4 }), 'fpnDecoder: 4 groups do not divide width 10'],
    [() => fpnDecoder({ ...small, classes: 0 }), 'fpnDecoder: classes 0 must be a whole number >= 1'],
    [() => fpnDecoder({ ...small, classes: 1 }), 'fpnDecoder: classes 1 must be from 2'],
    [() => fpnDecoder({ ...small, classes: 300 }), 'fpnDecoder: classes 300 must be from 2 (background is one) to 256'],
    [() => fpnDecoder({ ...small, norm: 'batch' as 'group' }), `fpnDecoder: norm "batch" must be 'group' or 'none'`],
    [() => fpnDecoder({ ...small, ignoreLabel: 2 }), 'fpnDecoder: ignoreLabel 2 is one of the 3 classes'],
    [() => fpnDecoder({ ...small, classWeights: [1] }), 'fpnDecoder: classWeights [1] must be 3 finite numbers'],
    [() => fcn({ ...small, strides: [4], level: 1 }), 'fcn: level 1 of 1; give one from 0 to 0'],
    [() => fcn({ ...small, strides: [0] }), 'fcn: strides [0] must be whole numbers >= 1'],
    [() => fcn({ ...small, strides: [4], convs: -1 }), 'fcn: convs -1 must be a whole number >= 0'],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });

  test('pyramids that do not fit, parameters that are missing', () => {
    const head = heads.fpnDecoder;
    const size: ImageSize = [SIZE, SIZE];
    const pyramid = mapsFor(size, [4, 8], CHANNELS);
    expect(() => head.logits({}, pyramid, size)).toThrow("parameter 'sem_seg_head.p2.0.weight' is missing");
    expect(() => head.logits({}, pyramid.slice(0, 1), size)).toThrow('fpnDecoder: 1 pyramid levels ([1,8,8,4]) for strides [4,8]');
    const other = '[1,8,8,4], [1,4,4,4] do not fit 4 channels, strides [4,8] and image size [32, 48]';
    expect(() => head.logits({}, pyramid, [32, 48])).toThrow(`fpnDecoder: pyramid levels ${other}`);
  });

  test('the weight of the loss, the groups of a width that 32 does not divide', () => {
    const { images, labels } = stripes(1, 1);
    const of = (lossWeight: number) => {
      const head = fcn({ ...small, width: 12, strides: [4, 8], lossWeight });
      return head.losses(head.initialise(2), pyramidOf(images), { labels }, { imageSize: [SIZE, SIZE] }).loss_sem_seg.dataSync()[0];
    };
    expect(of(0.25)).toBeCloseTo(of(1) / 4, 6);
  });
});
