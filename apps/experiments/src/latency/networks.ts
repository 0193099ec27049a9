// Networks to measure: their description, and random weights that keep activations of ordinary size through a hundred layers.
import { resnet50Config, resnet101Config } from '@stint/backbones/plain';
import { normalValues, uniformValues } from '@stint/core-sampling/plain';
import { type Checkpoint, type ModelDescription, parametersOf } from '@stint/runtime';
import type { MaskConfig, NetworkConfig } from './schema.ts';

/** Deviation of the last norm's scale in a block: small, so that the sum of the blocks grows slowly, as in trained networks. */
const BRANCH_SCALE = 0.2;

/** The network that a configuration means: sampled with two masks a block and RBF interpolation, as in the paper. */
export function describeNetwork(
  { backbone, fpn }: Extract<NetworkConfig, { backbone: unknown }>,
  { interval }: Pick<MaskConfig, 'interval'>,
): ModelDescription {
  const sampling = { integration: 'two-masks' as const, interval, bias: 3, interpolation: { kind: 'rbf' as const, window: 7, sigma: 3 } };
  const named = { resnet50: resnet50Config, resnet101: resnet101Config };
  const config = typeof backbone === 'string' ? named[backbone]({ sampling }) : { ...backbone, sampling };
  return { backbone: config, ...(fpn ? { fpn: { channels: fpn } } : {}) };
}

/** Weights for a description, a pure function of the seed: He et al. 2015 (normal, fan-in) for filters, norms near the identity. */
export function randomCheckpoint(description: ModelDescription, seed: number): Checkpoint {
  const tensors = parametersOf(description).map(({ name, shape, role }, i) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const key = [seed, i];
    const normal = (deviation: number) => normalValues(count, key).map((value) => value * deviation);
    const near = (centre: number) => uniformValues(count, key).map((u) => centre * (0.8 + 0.4 * u));
    const values = (): Float32Array => {
      switch (role) {
        case 'weight':
          return normal(Math.sqrt(2 / (count / shape[shape.length - 1])));
        case 'mask-weight':
          return normal(0.01);
        case 'norm-scale':
          return near(/bn3\.weight$/.test(name) ? BRANCH_SCALE : 1);
        case 'norm-variance':
          return near(1);
        case 'norm-mean':
        case 'norm-shift':
        case 'bias':
          return normal(0.1);
        case 'sigma':
          return new Float32Array(count).fill(description.backbone.sampling?.interpolation.sigma ?? 3);
        default:
          return new Float32Array(count);
      }
    };
    return [name, { shape, data: values() }] as const;
  });
  return { description, tensors: new Map(tensors), metadata: {}, source: `random weights, seed ${seed}` };
}
