import * as tf from '@tensorflow/tfjs-core';
import { flatten, inRuns, unflatten } from './flat.ts';

test('unflatten undoes flatten', () => {
  const tensors = [tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), tf.scalar(7), tf.zeros([0, 2]), tf.tensor1d([8])];
  const vector = flatten(tensors);
  expect(Array.from(vector.dataSync())).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const back = unflatten(
    vector,
    tensors.map(({ shape }) => shape),
  );
  expect(back.map((tensor) => [tensor.shape, Array.from(tensor.dataSync())])).toEqual(
    tensors.map((tensor) => [tensor.shape, Array.from(tensor.dataSync())]),
  );
});

test('runs keep the order and stay under the limit, but for single items', () => {
  const sizes = [2 ** 17, 2 ** 17, 1, 2 ** 20, 5, 2 ** 18];
  expect(inRuns(sizes, (size) => size)).toEqual([[2 ** 17, 2 ** 17], [1], [2 ** 20], [5], [2 ** 18]]);
  expect(inRuns([], () => 1)).toEqual([]);
});
