// Gradient of tf.matMul whose batch dimensions broadcast. tfjs 4.22 does not sum over the broadcast ones, and backpropagation then fails
// on the shape. With C = A B: dA = dC B^T and dB = A^T dC; a transposed operand gets the transpose of its gradient.
import * as tf from '@tensorflow/tfjs-core';

export const matMulGradient: tf.GradConfig = {
  kernelName: 'BatchMatMul',
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, [a, b], attributes) => {
    const { transposeA, transposeB } = attributes as unknown as tf.BatchMatMulAttrs;
    const dc = dy as tf.Tensor;
    return {
      a: () => sumTo(transposeA ? tf.matMul(b, dc, transposeB, true) : tf.matMul(dc, b, false, !transposeB), a.shape),
      b: () => sumTo(transposeB ? tf.matMul(dc, a, true, transposeA) : tf.matMul(a, dc, !transposeA, false), b.shape),
    };
  },
};

/** Sums over the dimensions along which `shape` was broadcast to the shape of x. */
function sumTo(x: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.backend_util.getReductionAxes(shape, x.shape);
  return axes.length === 0 ? x : tf.reshape(tf.sum(x, axes), shape);
}
