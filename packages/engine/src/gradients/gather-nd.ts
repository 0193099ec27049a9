// Gradients of gathering and scattering at index tuples. The two are each other's transpose: what one reads, the other adds up.
import * as tf from '@tensorflow/tfjs-core';

/** y[i] = params[indices[i]]: dy is added up at the indices. */
export const gatherNdGradient: tf.GradConfig = {
  kernelName: 'GatherNd',
  inputsToSave: ['params', 'indices'],
  gradFunc: (dy, [params, indices]) => ({
    params: () => tf.scatterND(indices, dy as tf.Tensor, params.shape as number[]),
    indices: () => tf.zeros(indices.shape),
  }),
};

/** y = 0 with updates[i] added at indices[i]: each update gets dy of its place. */
export const scatterNdGradient: tf.GradConfig = {
  kernelName: 'ScatterNd',
  inputsToSave: ['indices'],
  gradFunc: (dy, [indices]) => ({
    updates: () => tf.gatherND(dy as tf.Tensor, indices),
    indices: () => tf.zeros(indices.shape),
  }),
};

/** y = tensor with updates[i] written at indices[i]. Of repeated indices one update wins, so the indices must be distinct. */
export const tensorScatterUpdateGradient: tf.GradConfig = {
  kernelName: 'TensorScatterUpdate',
  inputsToSave: ['indices', 'updates'],
  gradFunc: (dy, [indices, updates]) => ({
    tensor: () => tf.tensorScatterUpdate(dy as tf.Tensor, indices, tf.zerosLike(updates)),
    updates: () => tf.gatherND(dy as tf.Tensor, indices),
    indices: () => tf.zeros(indices.shape),
  }),
};
