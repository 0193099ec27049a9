// The whole head against torchvision: losses, every gradient and the boxes found. The golden run (fixtures/make_faster_rcnn.py) draws all
// candidates, so that chance plays no part, and its weights come through the import border (OIHW, [out, in], channel-first fc6).
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose, readFixture, relayout } from '../../../../tools/jest/fixtures.ts';
import { type DetectionTargets, fasterRcnn, fc6FromTorch, fc6ToTorch, type Params } from '../index.ts';

const { tensors, params: setting } = readFixture(path.join(__dirname, '../../fixtures/faster_rcnn.safetensors'));
const head = fasterRcnn({
  channels: setting.channels,
  classes: setting.classes,
  anchorSizes: setting.anchorSizes,
  aspectRatios: setting.aspectRatios,
  rpn: {
    preNmsTrain: setting.preNms[0],
    preNmsDetect: setting.preNms[1],
    postNmsTrain: setting.postNms[0],
    postNmsDetect: setting.postNms[1],
    samples: 100000,
  },
  roi: { size: setting.roiSize, canonicalSize: setting.canonicalSize, hidden: setting.hidden, samples: 100000 },
  detections: setting.detections,
});

const FC6 = 'roi_heads.box_head.fc6.weight';

/** A torch tensor in the layout used inside. */
function inside(key: string): tf.Tensor {
  const entry = tensors[key];
  if (entry.shape.length === 4) {
    const { data, shape } = relayout(entry, key.endsWith('.weight') ? 'HWIO' : 'NHWC');
    return tf.tensor4d(data, shape);
  }
  if (entry.shape.length === 1) return tf.tensor1d(entry.data);
  const matrix = tf.transpose(tf.tensor2d(entry.data, entry.shape as [number, number])) as tf.Tensor2D;
  return key.endsWith(FC6) ? fc6FromTorch(matrix, setting.channels) : matrix;
}

/** float64 against float32 through a whole network: 1e-3 relative, and 3e-5 of the tensor's largest value. */
function near(got: tf.Tensor, key: string): void {
  const want = inside(key).dataSync() as Float32Array;
  const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expectClose(got.dataSync(), want, { rtol: 1e-3, atol: 3e-5 * largest }, key);
}

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const readParams = (): Params => Object.fromEntries(head.parameters.map(({ name }) => [name, inside(`param/${name}`)]));
const readPyramid = () => ['p0', 'p1', 'p2'].map((key) => inside(key) as tf.Tensor4D);
const boxes = [0, 1].map((image) => tensors[`gt/${image}/boxes`].data as Float32Array);
const labels = [0, 1].map((image) => tensors[`gt/${image}/labels`].data as Int32Array);
const none = { boxes: new Float32Array(0), labels: new Int32Array(0) };

test.each<[string, DetectionTargets]>([
  ['train', { boxes, labels }],
  ['one_empty', { boxes: [boxes[0], none.boxes], labels: [labels[0], none.labels] }],
])('losses and gradients, %s', (name, targets) => {
  const params = readParams();
  const pyramid = readPyramid();
  const names = Object.keys(params);
  const total = (...inputs: tf.Tensor[]) => {
    const given = Object.fromEntries(names.map((key, i) => [key, inputs[i]]));
    const terms = head.losses(given, inputs.slice(names.length) as tf.Tensor4D[], targets, { imageSize: setting.image, key: [1] });
    for (const [term, value] of Object.entries(terms)) near(value, `${name}/${term}`);
    return tf.addN(Object.entries(terms).map(([term, value]) => tf.mul(value, setting.lossWeights[term])));
  };
  const gradients = tf.grads(total)([...Object.values(params), ...pyramid]);
  names.forEach((key, i) => {
    near(gradients[i], `${name}/grad/${key}`);
  });
  pyramid.forEach((_, level) => {
    near(gradients[names.length + level], `${name}/dp${level}`);
  });
});

test('the boxes found, with images smaller than the padded input', () => {
  const extents = setting.extents.map(([height, width]: number[]) => ({ height, width }));
  const found = head.detect(readParams(), readPyramid(), extents, setting.image);
  found.forEach((detections, image) => {
    const want = (part: string) => tensors[`detect/${image}/${part}`].data;
    expect(detections.labels).toEqual(want('labels'));
    expectClose(detections.scores, want('scores'), { rtol: 1e-4, atol: 1e-5 }, 'scores');
    expectClose(detections.boxes, want('boxes'), { rtol: 1e-4, atol: 2e-3 }, 'boxes');
  });
});

test('fc6 comes back from the round trip; rows that do not fit are refused', () => {
  const weight = inside(`param/${FC6}`) as tf.Tensor2D;
  const back = fc6ToTorch(weight, setting.channels);
  expect(tf.transpose(back).dataSync()).toEqual(tensors[`param/${FC6}`].data);
  expect(() => fc6FromTorch(weight, 7)).toThrow('150 rows are not a multiple of 7 channels');
});
