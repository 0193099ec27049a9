// Both heads, with and without norm, against torch's own layers in float64 (fixtures/make_segmentation.py): logits, losses, gradients, labels.
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose, readFixture, relayout, type Tolerance } from '../../../tools/jest/fixtures.ts';
import tolerances from '../fixtures/tolerances.json';
import { fcn, fpnDecoder, type ImageSize, type Params, type SegmentationHead } from './index.ts';

const { tensors, params: facts } = readFixture(path.join(__dirname, '../fixtures/segmentation.safetensors'));
const tolerance: Record<string, Tolerance> = tolerances;
const size: ImageSize = facts.size;
const STRIDES = [4, 8, 16, 32];
const labels = tensors.labels.data;
const classWeights = [...tensors.weights.data];

const config = {
  classes: facts.classes,
  channels: facts.channels,
  width: facts.width,
  groups: facts.groups,
  strides: STRIDES,
  ignoreLabel: facts.ignore,
};
const heads: Record<string, (weights?: number[]) => SegmentationHead> = {
  fpn_gn: (weights) => fpnDecoder({ ...config, classWeights: weights }),
  fpn_plain: (weights) => fpnDecoder({ ...config, norm: 'none', classWeights: weights }),
  fcn_gn: (weights) => fcn({ ...config, level: 1, convs: 2, classWeights: weights }),
  fcn_plain: (weights) => fcn({ ...config, level: 1, convs: 2, norm: 'none', classWeights: weights }),
};

const maps = () => STRIDES.map((stride) => nhwc(`pyramid/${stride}`));
function nhwc(key: string): tf.Tensor4D {
  const { shape, data } = relayout(tensors[key], 'NHWC');
  return tf.tensor4d(data, shape);
}

/** Values of a torch parameter or its gradient in our layout. */
const inside = (key: string) => (tensors[key].shape.length === 4 ? relayout(tensors[key], 'HWIO') : tensors[key]);

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

describe.each(Object.keys(heads))('%s', (name) => {
  const loadParams = (): Params =>
    Object.fromEntries(
      heads[name]().parameters.map((spec) => {
        const { shape, data } = inside(`${name}/param/${spec.name}`);
        expect([spec.name, shape]).toEqual([spec.name, spec.shape]);
        return [spec.name, tf.tensor(data, shape)];
      }),
    );

  test("the parameters are torch's, name by name", () => {
    const stored = Object.keys(tensors).filter((key) => key.startsWith(`${name}/param/`));
    expect(
      heads[name]()
        .parameters.map((spec) => `${name}/param/${spec.name}`)
        .sort(),
    ).toEqual(stored.sort());
  });

  test('logits at full resolution', () => {
    const logits = heads[name]().logits(loadParams(), maps(), size);
    expect(logits.shape).toEqual([2, ...size, facts.classes]);
    const every3 = (length: number) => tf.range(0, length, 3, 'int32') as tf.Tensor1D;
    const some = tf.gather(tf.gather(logits, every3(size[0]), 1), every3(size[1]), 2);
    expectClose(some.dataSync(), relayout(tensors[`${name}/logits`], 'NHWC').data, tolerance[`${name}/logits`], 'logits');
  });

  test('loss without class weights', () => {
    const { loss_sem_seg: loss } = heads[name]().losses(loadParams(), maps(), { labels }, { imageSize: size });
    expectClose(loss.dataSync(), tensors[`${name}/loss`].data, tolerance[`${name}/loss`], 'loss');
  });

  test('weighted loss and its gradients', () => {
    const head = heads[name](classWeights);
    const params = loadParams();
    const pyramid = maps();
    const keys = Object.keys(params);
    const f = (...values: tf.Tensor[]) => {
      const given = Object.fromEntries(keys.map((key, i) => [key, values[i]]));
      const levels = values.slice(keys.length) as tf.Tensor4D[];
      return head.losses(given, levels, { labels }, { imageSize: size }).loss_sem_seg;
    };
    // A level that a head does not read has no gradient, in torch neither.
    const read = STRIDES.filter((stride) => tensors[`${name}/grad/pyramid/${stride}`]);
    const levels = read.map((stride) => pyramid[STRIDES.indexOf(stride)]);
    const fill = (values: tf.Tensor[]) =>
      STRIDES.map((stride, i) => (read.includes(stride) ? values[keys.length + read.indexOf(stride)] : pyramid[i]));
    const g = (...values: tf.Tensor[]) => f(...values.slice(0, keys.length), ...fill(values));
    const { value, grads } = tf.valueAndGrads(g)([...Object.values(params), ...levels]);
    expectClose(value.dataSync(), tensors[`${name}/weighted_loss`].data, tolerance[`${name}/weighted_loss`], 'loss');
    keys.forEach((key, i) => {
      const full = `${name}/grad/${key}`;
      expectClose(grads[i].dataSync(), inside(full).data, tolerance[full], full);
    });
    read.forEach((stride, i) => {
      const full = `${name}/grad/pyramid/${stride}`;
      expectClose(grads[keys.length + i].dataSync(), relayout(tensors[full], 'NHWC').data, tolerance[full], full);
    });
  });

  test('labels, wherever two classes are not level', () => {
    const head = heads[name]();
    const params = loadParams();
    const found = head.predict(params, maps(), size).flatMap(({ data }) => [...data]);
    const { values } = tf.topk(head.logits(params, maps(), size), 2);
    const best = values.dataSync();
    const want = tensors[`${name}/prediction`].data;
    expect(found).toHaveLength(want.length);
    const wrong = found.filter((label, i) => label !== want[i] && best[2 * i] - best[2 * i + 1] > 1e-4);
    expect(wrong).toEqual([]);
  });
});
