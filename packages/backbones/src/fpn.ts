// Feature pyramid network (Lin et al. 2017), with the names and rules of torchvision's FeaturePyramidNetwork: 1x1 lateral convolutions, nearest
// upsampling to the finer map's size (index floor(i h_in / h_out), also for odd sizes), 3x3 output convolutions, p6 by subsampling p5.
import * as tf from '@tensorflow/tfjs-core';
import { finish } from './activation.ts';
import { parameter } from './conv-bn.ts';
import { convolve, subsample } from './convolve.ts';
import { type FpnConfig, type FpnLayout, fpnLayout } from './fpn-layout.ts';
import { uniform } from './initialise.ts';
import type { ParameterSpec, Params } from './types.ts';

export interface Fpn extends FpnLayout {
  /** Fresh parameters, a pure function of the seed. The caller owns the tensors. */
  initialise(seed: number): Params;
  /** @param features one map a level, [N,H,W,inChannels]. @returns [N,H,W,channels] each, finest first. */
  forward(params: Params, features: tf.Tensor4D[]): tf.Tensor4D[];
}

/** Throws on a configuration that makes no pyramid. */
export function fpn(config: FpnConfig): Fpn {
  const layout = fpnLayout(config);
  const { parameters, outputs, extraMaxPool } = layout;
  const { inChannels } = config;
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
  return { ...layout, initialise: (seed) => initialise(parameters, seed), forward };
}

/** As torchvision: uniform with variance 1 / fan-in, biases 0. */
function initialise(specs: readonly ParameterSpec[], seed: number): Params {
  return Object.fromEntries(
    specs.map(({ name, shape, role }, index) => {
      if (role === 'bias') return [name, tf.zeros(shape)];
      return [name, uniform(shape, Math.sqrt(3 / (shape[0] * shape[1] * shape[2])), [seed, index])];
    }),
  );
}
