// RoIAlign against torchvision (values and gradients, edge cases included), on each of its ways of computing.
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose, readFixture, relayout, type Tolerance } from '../../../../tools/jest/fixtures.ts';
import tolerances from '../../fixtures/tolerances.json';
import { roiAlign } from './roi-align.ts';
import type { Rois } from './roi-taps.ts';
import { sparseProduct } from './sparse-product.ts';

const { tensors } = readFixture(path.join(__dirname, '../../fixtures/roi_align.safetensors'));
const tolerance: Record<string, Tolerance> = tolerances.roi_align;
const nhwc = (key: string) => {
  const { data, shape } = relayout(tensors[key], 'NHWC');
  return tf.tensor4d(data, shape);
};
const rois: Rois = (() => {
  const rows = tensors.rois.data;
  const count = tensors.rois.shape[0];
  return {
    images: Int32Array.from({ length: count }, (_, i) => rows[5 * i]),
    boxes: Float32Array.from({ length: 4 * count }, (_, i) => rows[5 * Math.floor(i / 4) + 1 + (i % 4)]),
  };
})();

/** The gradient that @stint/engine registers, here by TensorFlow's own kernel. */
const nativeGradient: tf.GradConfig = {
  kernelName: 'CropAndResize',
  inputsToSave: ['image', 'boxes', 'boxInd'],
  gradFunc: (dy, [image, boxes, boxInd]) => ({
    image: () => {
      // biome-ignore lint/suspicious/noExplicitAny: the node backend's door to TensorFlow's kernels is not in its types.
      const backend = tf.backend() as any;
      const attributes = [
        { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT },
        { name: 'method', type: backend.binding.TF_ATTR_STRING, value: 'bilinear' },
      ];
      return backend.executeSingleOutput('CropAndResizeGradImage', attributes, [dy, boxes, boxInd, tf.tensor1d(image.shape, 'int32')]);
    },
  }),
};

const cases = Object.keys(tensors)
  .filter((key) => key.endsWith('/out'))
  .map((key) => key.match(/^((\d)x(\d)\/aligned(\d)\/sr(\d))\/out$/)!.slice(1));

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

describe.each(['its own gradient', 'a registered gradient of cropAndResize'])('with %s', (way) => {
  const registered = way !== 'its own gradient';
  beforeAll(() => registered && tf.registerGradient(nativeGradient));
  afterAll(() => registered && tf.unregisterGradient('CropAndResize'));

  test.each(cases)('%s', (name, rows, columns, aligned, ratio) => {
    const size = [Number(rows), Number(columns)] as const;
    const grid = { size, scale: 0.25, samplingRatio: Number(ratio), aligned: aligned === '1' };
    const features = nhwc('features');
    const upstream = nhwc(`upstream/${rows}x${columns}`);
    const expectKey = (got: tf.Tensor, key: string) => expectClose(got.dataSync(), nhwc(key).dataSync(), tolerance[key], key);
    expectKey(roiAlign(features, rois, grid), `${name}/out`);
    const gradient = tf.grad((x) => tf.sum(tf.mul(roiAlign(x as tf.Tensor4D, rois, grid), upstream)))(features);
    expectKey(gradient, `${name}/dfeatures`);
  });
});

const grid = { size: [2, 2], scale: 1, samplingRatio: 1, aligned: true } as const;

test('one sample a bin on a ramp is the position of the sample', () => {
  const ramp = tf.tensor4d([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [1, 4, 4, 1]);
  const pooled = roiAlign(ramp, { boxes: Float32Array.of(0, 0, 4, 4), images: Int32Array.of(0) }, grid);
  expectClose(pooled.dataSync(), [2.5, 4.5, 10.5, 12.5], { rtol: 1e-5, atol: 1e-5 });
});

test('no RoI gives an empty tensor; images and boxes that do not fit are named', () => {
  const features = tf.zeros<tf.Rank.R4>([1, 4, 4, 3]);
  expect(roiAlign(features, { boxes: new Float32Array(0), images: new Int32Array(0) }, grid).shape).toEqual([0, 2, 2, 3]);
  const box = Float32Array.of(0, 0, 1, 1);
  expect(() => roiAlign(features, { boxes: box, images: Int32Array.of(1) }, grid)).toThrow('image 1 is not among the 1');
  expect(() => roiAlign(features, { boxes: box, images: new Int32Array(2) }, grid)).toThrow('4 box numbers do not match 2');
});

test('a sparse product in pieces equals the dense product', () => {
  const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
  const matrix = { from: Int32Array.of(0, 2, 1, 2), to: Int32Array.of(0, 0, 3, 3), weights: Float32Array.of(1, 2, -1, 0.5), rows: 4 };
  const dense = tf.tensor2d([1, 0, 2, 0, 0, 0, 0, 0, 0, 0, -1, 0.5], [4, 3]);
  for (const piece of [1, 4, 100])
    expectClose(sparseProduct(x, matrix, piece).dataSync(), tf.matMul(dense, x).dataSync(), { rtol: 0, atol: 0 });
});
