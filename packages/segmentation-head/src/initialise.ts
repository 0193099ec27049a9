// The start: normal filters with He's variance by fan-out (as detectron2), a predictor so small that every class begins equally likely.
import { normalNoise } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec, Params } from './types.ts';

const PREDICTOR_DEVIATION = 0.01;

/** A pure function of (specs, seed); each parameter has a noise stream of its own, by position. The caller owns the tensors. */
export function initialise(specs: readonly ParameterSpec[], predictor: string, seed: number): Params {
  return Object.fromEntries(
    specs.map(({ name, shape, role }, index) => {
      if (role === 'norm-scale') return [name, tf.ones(shape)];
      if (role !== 'weight') return [name, tf.zeros(shape)];
      const deviation = name === `${predictor}.weight` ? PREDICTOR_DEVIATION : Math.sqrt(2 / (shape[0] * shape[1] * shape[3]));
      return [name, normalNoise(shape, deviation, [seed, index])];
    }),
  );
}
