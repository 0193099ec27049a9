// Golden fixtures as tensors in our layout, and comparison of our tensors with them at the stated tolerance.
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expectClose, type FixtureTensor, readFixture, relayout } from '../../../tools/jest/fixtures.ts';
import tolerances from '../fixtures/tolerances.json';
import type { ParameterLayout, TorchTensor } from '../src/torch-layout.ts';
import { importTorchWeights } from '../src/torch-weights.ts';
import type { Params } from '../src/types.ts';

export const fixturePath = (file: string) => path.join(__dirname, '../fixtures', file);

export function golden(name: string) {
  const { tensors, params } = readFixture(fixturePath(`${name}.safetensors`));
  const limits = (tolerances as Record<string, Record<string, { rtol: number; atol: number }>>)[name];
  const raw = (key: string): FixtureTensor => {
    if (!tensors[key]) throw new Error(`${name}: no tensor '${key}'`);
    return tensors[key];
  };
  /** NCHW features as NHWC. */
  const features = (key: string): tf.Tensor4D => {
    const { shape, data } = relayout(raw(key), 'NHWC');
    return tf.tensor4d(data, shape);
  };
  /** Compares values, in the fixture's order, with `key`. */
  const expectValues = (got: ArrayLike<number>, key: string) => expectClose(got, raw(key).data, limits[key], `${name} ${key}`);
  return {
    params,
    raw,
    keys: Object.keys(tensors),
    features,
    expectValues,
    expectFeatures: (got: tf.Tensor, key: string) =>
      expectValues(
        tf.tidy(() => tf.transpose(got, [0, 3, 1, 2]).dataSync()),
        key,
      ),
    /** A gradient or a parameter: HWIO filters against OIHW, matrices transposed, vectors as they are. */
    expectParameter: (got: tf.Tensor, key: string) => {
      const order = got.rank === 4 ? [3, 2, 0, 1] : got.rank === 2 ? [1, 0] : undefined;
      expectValues(
        tf.tidy(() => (order ? tf.transpose(got, order) : got).dataSync()),
        key,
      );
    },
    /** All `param/*` entries, under their names with `prefix` before them. */
    weights: (specs: readonly ParameterLayout[], prefix = ''): Params => {
      const entries = Object.entries(tensors).filter(([key]) => key.startsWith('param/'));
      const map = new Map<string, TorchTensor>(entries.map(([key, value]) => [prefix + key.slice('param/'.length), value]));
      return importTorchWeights(map, specs);
    },
  };
}
