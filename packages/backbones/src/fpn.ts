// Feature pyramid network (Lin et al. 2017), with the names and rules of torchvision's FeaturePyramidNetwork: 1x1 lateral convolutions, nearest
// upsampling to the finer map's size (index floor(i h_in / h_out), also for odd sizes), 3x3 output convolutions, p6 by subsampling p5.
import * as tf from '@tensorflow/tfjs-core';
import { finish } from './activation.ts';
import { parameter } from './conv-bn.ts';
import { convolve, subsample } from './convolve.ts';
import { uniform } from './initialise.ts';
import type { ParameterSpec, Params } from './types.ts';

export interface FpnConfig {
  /** Channels of the feature maps, finest first. */
  inChannels: number[];
  /** Channels of every output. */
  channels: number;
  /** Keep only the finest k levels; the output convolutions of the others are neither made nor computed. Default: all. */
  outputs?: number;
  /** Adds the coarsest kept level at half its size (max pool of one cell, stride 2). Default: only when `outputs` is not given. */
  extraMaxPool?: boolean;
}

export interface Fpn {
  readonly config: FpnConfig;
  /** How many maps `forward` returns. */
  readonly levels: number;
  readonly parameters: readonly ParameterSpec[];
  /** Fresh parameters, a pure function of the seed. The caller owns the tensors. */
  initialise(seed: number): Params;
  /** @param features one map a level, [N,H,W,inChannels]. @returns [N,H,W,channels] each, finest first. */
  forward(params: Params, features: tf.Tensor4D[]): tf.Tensor4D[];
}

export function fpn(config: FpnConfig): Fpn {
  const { inChannels, channels, outputs = inChannels.length, extraMaxPool = config.outputs === undefined } = config;
  if (!(outputs >= 1 && outputs <= inChannels.length)) {
    throw new Error(`fpn: outputs ${outputs} of ${inChannels.length} levels; give a number from 1 to ${inChannels.length}`);
  }
  const parameters = [
    ...inChannels.flatMap((count, i) => convolution(`inner_blocks.${i}.0`, [1, 1, count, channels])),
    ...inChannels.slice(0, outputs).flatMap((_, i) => convolution(`layer_blocks.${i}.0`, [3, 3, channels, channels])),
  ];
  const forward = (params: Params, features: tf.Tensor4D[]) => {
    if (features.length !== inChannels.length) throw new Error(`fpn: ${features.length} feature maps; give ${inChannels.length}`);
    const apply = (name: string, x: tf.Tensor4D, residual?: tf.Tensor4D) => {
      const z = convolve(x, parameter(params, `${name}.weight`));
      return finish(z, { bias: parameter<tf.Tensor1D>(params, `${name}.bias`), residual, activate: false });
    };
    return tf.tidy(() => {
      const pyramid: tf.Tensor4D[] = [];
      let above: tf.Tensor4D | undefined;
      for (let i = features.length - 1; i >= 0; i--) {
        const [, height, width] = features[i].shape;
        above = apply(`inner_blocks.${i}.0`, features[i], above && tf.image.resizeNearestNeighbor(above, [height, width]));
        if (i < outputs) pyramid.unshift(apply(`layer_blocks.${i}.0`, above));
      }
      if (extraMaxPool) pyramid.push(subsample(pyramid[outputs - 1], 2));
      return pyramid;
    });
  };
  return { config, levels: outputs + (extraMaxPool ? 1 : 0), parameters, initialise: (seed) => initialise(parameters, seed), forward };
}

function convolution(name: string, shape: number[]): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape, role: 'weight', trainable: true },
    { name: `${name}.bias`, shape: [shape[3]], role: 'bias', trainable: true },
  ];
}

/** As torchvision: uniform with variance 1 / fan-in, biases 0. */
function initialise(specs: ParameterSpec[], seed: number): Params {
  return Object.fromEntries(
    specs.map(({ name, shape, role }, index) => {
      if (role === 'bias') return [name, tf.zeros(shape)];
      return [name, uniform(shape, Math.sqrt(3 / (shape[0] * shape[1] * shape[2])), [seed, index])];
    }),
  );
}
