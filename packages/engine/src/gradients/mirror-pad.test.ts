import * as tf from '@tensorflow/tfjs-core';
import { expectGradients, generator, uniform } from '../../test/finite-differences.ts';
import { registerGradients } from './index.ts';

const pad = (mode: 'reflect' | 'symmetric') => (x: tf.Tensor) =>
  tf.mirrorPad(
    x as tf.Tensor3D,
    [
      [1, 2],
      [0, 1],
      [2, 0],
    ],
    mode,
  );

test('tfjs forgets the repeated cells', () => {
  expect(() => expectGradients(pad('symmetric'), [uniform([3, 4, 3], generator(1))])).toThrow(/gradient of input 0/);
});

test.each(['reflect', 'symmetric'] as const)('mirrorPad %s', (mode) => {
  registerGradients();
  expectGradients(pad(mode), [uniform([3, 4, 3], generator(1))]);
});
