// Product of a sparse matrix (as triples) and a dense one: gather, weigh, sum by target row. In pieces, so that the gathered rows
// never take much memory: whole, RoIAlign's would be 16 times the pooled features.
import * as tf from '@tensorflow/tfjs-core';

export interface SparseMatrix {
  /** Column, row and value of each non-zero element. */
  from: Int32Array;
  to: Int32Array;
  weights: Float32Array;
  /** Number of rows of the matrix. */
  rows: number;
}

/** Numbers gathered at a time: 64 MB. */
const PIECE = 2 ** 24;

/** `matrix` [rows, n] times `x` [n, C], [rows, C]. */
export function sparseProduct(x: tf.Tensor2D, { from, to, weights, rows }: SparseMatrix, piece = PIECE): tf.Tensor2D {
  const channels = x.shape[1];
  const step = Math.max(1, Math.floor(piece / channels));
  let sum: tf.Tensor2D = tf.zeros([rows, channels]);
  for (let begin = 0; begin < weights.length; begin += step) {
    const end = Math.min(begin + step, weights.length);
    const previous = sum;
    sum = tf.tidy(() => {
      const taken = tf.gather(x, tf.tensor1d(from.subarray(begin, end), 'int32'));
      const weighed = tf.mul(taken, tf.tensor2d(weights.subarray(begin, end), [end - begin, 1]));
      return tf.add(previous, tf.unsortedSegmentSum(weighed, tf.tensor1d(to.subarray(begin, end), 'int32'), rows)) as tf.Tensor2D;
    });
    previous.dispose();
  }
  return sum;
}
