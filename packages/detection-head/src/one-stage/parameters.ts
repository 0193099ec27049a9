// How the head's parameters start.
import { normalNoise } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import type { Params } from '../types.ts';
import type { ResolvedConfig } from './config.ts';
import { layers } from './layout.ts';

/** A pure function of the seed. The caller owns the tensors. */
export function initialParameters(config: ResolvedConfig, seed: number): Params {
  return Object.fromEntries(
    layers(config).flatMap(({ name, shape, bias, deviation }, index): [string, tf.Tensor][] => [
      [`${name}.weight`, normalNoise(shape, deviation, [seed, index])],
      [`${name}.bias`, tf.fill([shape[3]], bias)],
    ]),
  );
}
