// Batch normalisation in training mode (Ioffe and Szegedy 2015) by TensorFlow's fused kernels FusedBatchNormV3 and
// FusedBatchNormGradV3: one pass over memory where the composition of tfjs operations takes about a dozen.
import * as tf from '@tensorflow/tfjs-core';
import { runOperationWithOutputs } from './node-backend.ts';

const KERNEL = 'StintFusedBatchNormTrain';

export interface BatchNormTrain {
  /** [N,H,W,C] */
  y: tf.Tensor4D;
  /** [C], of this batch. No gradient flows through it. */
  mean: tf.Tensor1D;
  /** [C], of this batch, divided by count - 1 (what a running variance wants). No gradient flows through it. */
  variance: tf.Tensor1D;
}

/**
 * y = scale (x - mean) / sqrt(variance + epsilon) + offset with the statistics of this batch (the variance divided by count).
 * Differentiable in x, scale and offset, once. Needs the 'tensorflow' backend.
 * @param x [N,H,W,C], with N H W > 1
 * @param scale [C]
 * @param offset [C]
 */
export function fusedBatchNormTrain(x: tf.Tensor4D, scale: tf.Tensor1D, offset: tf.Tensor1D, epsilon = 1e-5): BatchNormTrain {
  const channels = x.shape[3];
  if (x.rank !== 4 || scale.size !== channels || offset.size !== channels) {
    throw new Error(
      `fusedBatchNormTrain: scale [${scale.shape}] and offset [${offset.shape}] do not match x [${x.shape}], which is [N,H,W,C]`,
    );
  }
  register();
  const outputs = tf.engine().runKernel(KERNEL, { x, scale, offset }, { epsilon }) as tf.Tensor[];
  const [y, mean, variance, ...reserved] = outputs;
  tf.dispose(reserved); // the tape holds its own
  return { y: y as tf.Tensor4D, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}

const attributesOf = (epsilon: number) => ({
  types: { T: 'float32', U: 'float32' } as const,
  floats: { epsilon },
  strings: { data_format: 'NHWC' },
  booleans: { is_training: true },
});

function register(): void {
  if (tf.getKernel(KERNEL, 'tensorflow')) return;
  tf.registerKernel({
    kernelName: KERNEL,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, scale, offset } = inputs as unknown as Record<'x' | 'scale' | 'offset', tf.Tensor>;
      const unused = tf.zeros([0]); // the running statistics: training starts from none
      const attributes = attributesOf((attrs as { epsilon: number }).epsilon);
      const outputs = runOperationWithOutputs('FusedBatchNormV3', [x, scale, offset, unused, unused], attributes, 6);
      unused.dispose();
      return outputs;
    },
  });
  tf.registerGradient({
    kernelName: KERNEL,
    inputsToSave: ['x', 'scale'],
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dys, [x, scale, ...reserved], attrs) => {
      const dy = (dys as tf.Tensor[])[0];
      const attributes = attributesOf((attrs as unknown as { epsilon: number }).epsilon);
      const [dx, dscale, doffset] = runOperationWithOutputs('FusedBatchNormGradV3', [dy, x, scale, ...reserved], attributes, 5);
      return { x: () => dx, scale: () => dscale, offset: () => doffset };
    },
  });
}
