// Fresh parameters: He et al. 2015 (normal, fan-out) for filters, as torchvision's ResNet; 1 and 0 for norms; the paper's start for masks.
import { normalNoise, uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec, Params, SamplingConfig } from './types.ts';

/** A pure function of (specs, seed); each parameter has a noise stream of its own, by position. The caller owns the tensors. */
export function initialise(specs: readonly ParameterSpec[], seed: number, sampling?: SamplingConfig): Params {
  return Object.fromEntries(specs.map((spec, index) => [spec.name, startOf(spec, [seed, index], sampling)]));
}

function startOf({ shape, role }: ParameterSpec, key: readonly number[], sampling?: SamplingConfig): tf.Tensor {
  switch (role) {
    case 'weight':
      return shape.length === 4 ? heNormal(shape, key) : uniform(shape, 1 / Math.sqrt(shape[0]), key);
    case 'norm-scale':
    case 'norm-variance':
      return tf.ones(shape);
    case 'mask-bias':
      return tf.fill(shape, sampling!.bias);
    case 'sigma':
      return tf.fill(shape, sampling!.interpolation.sigma);
    case 'filter':
      // The mean of the sampled points of a full window at density 1/2 (it is not normalised, so its gain goes with the density).
      return tf.fill(shape, 2 / (shape[0] * shape[1]));
    default:
      return tf.zeros(shape);
  }
}

/** Normal with variance 2 / (k k outputs). */
function heNormal(shape: number[], key: readonly number[]): tf.Tensor {
  return normalNoise(shape, Math.sqrt(2 / (shape[0] * shape[1] * shape[3])), key);
}

/** Uniform on [-bound, bound). */
export function uniform(shape: number[], bound: number, key: readonly number[]): tf.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    uniformValues(count, key).map((u) => (2 * u - 1) * bound),
    shape,
  );
}
