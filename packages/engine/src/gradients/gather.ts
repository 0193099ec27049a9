// Gradient of tf.gather for any axis and any number of batch dimensions. tfjs 4.22 has one that is right for batchDims 0 only, and that
// throws where the indices themselves were computed from the variable (tf.gather(x, tf.argMax(x))).
import * as tf from '@tensorflow/tfjs-core';

export const gatherGradient: tf.GradConfig = {
  kernelName: 'GatherV2',
  inputsToSave: ['x', 'indices'],
  gradFunc: (dy, [x, indices], attributes) => {
    const { axis, batchDims } = attributes as unknown as tf.GatherV2Attrs;
    return {
      x: () => scatterAlong(dy as tf.Tensor, x.shape, indices, tf.util.parseAxisParam(axis, x.shape)[0], batchDims),
      indices: () => tf.zeros(indices.shape),
    };
  },
};

/**
 * With x [B.., O.., K, I..], indices [B.., J..] and dy [B.., O.., J.., I..]: the sum of dy over equal indices. Every batch has K segments
 * of its own, so one segment sum serves all.
 */
function scatterAlong(dy: tf.Tensor, shape: number[], indices: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  const product = (values: number[]) => values.reduce((a, b) => a * b, 1);
  const batch = product(shape.slice(0, batchDims));
  const outer = product(shape.slice(batchDims, axis));
  const cells = shape[axis];
  const inner = product(shape.slice(axis + 1));
  const count = product(indices.shape.slice(batchDims));
  const swap = (x: tf.Tensor): tf.Tensor => (outer === 1 ? x : tf.transpose(x, [0, 2, 1, 3]));
  const rows = tf.reshape(swap(tf.reshape(dy, [batch, outer, count, inner])), [batch * count, outer * inner]);
  const starts = tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(cells, 'int32'));
  const segments = tf.reshape(tf.add(tf.reshape(indices, [batch, count]), tf.reshape(starts, [batch, 1])), [batch * count]);
  const sums = tf.unsortedSegmentSum(rows, segments as tf.Tensor1D, batch * cells);
  return tf.reshape(swap(tf.reshape(sums, [batch, cells, outer, inner])), shape);
}
