// How the parameters start, and the one reordering that torch's weights need.
import { normalNoise } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec, Params } from '../types.ts';
import { LAYERS } from './layout.ts';

/** Standard deviations of the layers that start near zero, so that every anchor starts undecided and every box unmoved. */
const SMALL_START: Record<string, number> = {
  [LAYERS.rpnConv]: 0.01,
  [LAYERS.rpnObjectness]: 0.01,
  [LAYERS.rpnDeltas]: 0.01,
  [LAYERS.score]: 0.01,
  [LAYERS.box]: 0.001,
};

/** Fresh values: normal with a small deviation (Ren et al. 2015, sec. 3.1.3; Girshick 2015, sec. 3.1) or, in fc6 and fc7, 1 / sqrt(inputs); biases 0. */
export function initialiseFasterRcnn(specs: readonly ParameterSpec[], seed: number): Params {
  return Object.fromEntries(
    specs.map(({ name, shape, role }, index) => {
      if (role === 'bias') return [name, tf.zeros(shape)];
      const deviation = SMALL_START[name.replace(/\.weight$/, '')] ?? 1 / Math.sqrt(shape[0]);
      return [name, normalNoise(shape, deviation, [seed, index])];
    }),
  );
}

/**
 * fc6 of torch reads the pooled grid as channel, row, column; here it is row, column, channel. Reorders the rows of an imported matrix.
 * @param weight [C size size, hidden], i.e. torch's `roi_heads.box_head.fc6.weight` transposed
 * @param channels C
 * @returns [size size C, hidden]
 */
export function fc6FromTorch(weight: tf.Tensor2D, channels: number): tf.Tensor2D {
  return reorderRows('fc6FromTorch', weight, channels, (rows, hidden) => [channels, rows / channels, hidden]);
}

/** The inverse of {@link fc6FromTorch}, for export. */
export function fc6ToTorch(weight: tf.Tensor2D, channels: number): tf.Tensor2D {
  return reorderRows('fc6ToTorch', weight, channels, (rows, hidden) => [rows / channels, channels, hidden]);
}

function reorderRows(
  operation: string,
  weight: tf.Tensor2D,
  channels: number,
  split: (rows: number, hidden: number) => [number, number, number],
): tf.Tensor2D {
  const [rows, hidden] = weight.shape;
  if (rows % channels !== 0) throw new Error(`${operation}: ${rows} rows are not a multiple of ${channels} channels`);
  return tf.tidy(() => tf.reshape(tf.transpose(tf.reshape(weight, split(rows, hidden)), [1, 0, 2]), [rows, hidden]) as tf.Tensor2D);
}
