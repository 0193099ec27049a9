// Bilinear resizing with half-pixel centres (torch: interpolate(mode='bilinear', align_corners=False), no antialias), with a gradient that is
// right: tfjs differentiates resizeBilinear as if the centres were not shifted. Resizing is linear and separable, y = R x C' with a matrix of
// two taps a row for each axis; its gradient is R' dy C, two matrix products.
import * as tf from '@tensorflow/tfjs-core';
import type { ImageSize } from './types.ts';

/** x [N,H,W,C] to [N, height, width, C]. Differentiable. */
export function resizeBilinear(x: tf.Tensor4D, [height, width]: ImageSize): tf.Tensor4D {
  const [count, fromHeight, fromWidth, channels] = x.shape;
  if (fromHeight === height && fromWidth === width) return tf.clone(x);
  const operation = tf.customGrad((input, save) => {
    (save as tf.GradSaveFunc)([]);
    const backward = (dy: tf.Tensor4D) => {
      const rows = tf.tensor3d(transposedTaps(fromHeight, height), [1, fromHeight, height]);
      const columns = tf.tensor3d(transposedTaps(fromWidth, width), [1, fromWidth, width]);
      // Rows first: it makes the larger product the one over whole rows of memory, and the rest small.
      const shorter = tf.matMul(rows, tf.reshape(dy, [count, height, width * channels]));
      const narrower = tf.matMul(columns, tf.reshape(shorter, [count * fromHeight, width, channels]));
      return tf.reshape(narrower, [count, fromHeight, fromWidth, channels]);
    };
    return {
      value: tf.image.resizeBilinear(input as tf.Tensor4D, [height, width], false, true),
      gradFunc: (dy: tf.Tensor4D) => tf.tidy(() => backward(dy)),
    };
  });
  return operation(x) as tf.Tensor4D;
}

/** Resizes by a whole factor, then cuts at the right and the bottom to `size`: a coarser map may reach past the finer one. */
export function upsample(x: tf.Tensor4D, factor: number, [height, width]: ImageSize): tf.Tensor4D {
  const [, h, w] = x.shape;
  const large = factor === 1 ? x : resizeBilinear(x, [h * factor, w * factor]);
  return large.shape[1] === height && large.shape[2] === width ? large : tf.slice(large, [0, 0, 0, 0], [-1, height, width, -1]);
}

/** [from, to]: what output `to` takes from input `from`. */
function transposedTaps(from: number, to: number): Float32Array {
  const taps = new Float32Array(from * to);
  for (let i = 0; i < to; i++) {
    const place = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const first = Math.floor(place);
    taps[first * to + i] += 1 - (place - first);
    if (place > first) taps[(first + 1) * to + i] += place - first;
  }
  return taps;
}
