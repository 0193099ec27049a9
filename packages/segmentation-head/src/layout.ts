// The convolutions of a head: which there are, on which level and at which stride. Plain data, read by the forward pass and by runtimes.
import { checkCounts, type FcnConfig, type FpnDecoderConfig, type NormSpec, resolveNorm } from './config.ts';
import type { ConvolutionSpec, ParameterSpec } from './types.ts';

/** 3x3 convolution, norm, ReLU; or, as predictor, a 1x1 convolution. With a norm the convolution has no bias, as the norm's shift is one. */
export interface Layer extends ConvolutionSpec {
  /** Prefix of the norm's parameters; none: convolution with bias, without ReLU. */
  norm?: { name: string; spec: NormSpec };
}

/**
 * Each level that is read goes through its stages; after a stage at twice the stride of the next one, or of the logits, comes a twofold bilinear
 * upsampling. What the levels become is summed, and the predictor makes logits of it.
 */
export interface HeadLayout {
  classes: number;
  /** Of every pyramid level. */
  channels: number;
  /** Of each pyramid level, finest first. */
  strides: readonly number[];
  levels: readonly { level: number; stages: readonly Layer[] }[];
  predictor: Layer;
  /** Of the logits. */
  stride: number;
}

const DECODER = 'sem_seg_head';
const FCN = 'decode_head';

/** Panoptic FPN's semantic head; names are detectron2's. @throws on numbers that cannot work, naming them. */
export function fpnDecoderLayout(config: FpnDecoderConfig): HeadLayout {
  const operation = 'fpnDecoder';
  const { classes, channels, width = 128, strides = [4, 8, 16, 32] } = config;
  checkCounts(operation, { classes, channels, width });
  if (
    strides.length === 0 ||
    !strides.every((stride, i) => Number.isInteger(Math.log2(stride)) && stride > (i === 0 ? 0.5 : strides[i - 1]))
  )
    throw new Error(`${operation}: strides [${strides}] must be powers of two that grow from level to level`);
  const spec = resolveNorm(operation, config, width);
  const [finest] = strides;
  const levels = strides.map((stride, level) => ({
    level,
    stages: stagesOf(stride, finest).map((at, i): Layer => {
      // In detectron2's list an upsampling stands between two convolutions.
      const name = `${DECODER}.p${Math.log2(stride)}.${2 * i}`;
      return { name, shape: [3, 3, i === 0 ? channels : width, width], stride: at, norm: { name: `${name}.norm`, spec } };
    }),
  }));
  const predictor: Layer = { name: `${DECODER}.predictor`, shape: [1, 1, width, classes], stride: finest };
  return { classes, channels, strides, levels, predictor, stride: finest };
}

/** A plain FCN head; names are mmsegmentation's. @throws on numbers that cannot work, naming them. */
export function fcnLayout(config: FcnConfig): HeadLayout {
  const operation = 'fcn';
  const { classes, channels, strides, level = 0, convs = 1, width = channels } = config;
  checkCounts(operation, { classes, channels, width });
  if (!Number.isInteger(convs) || convs < 0) throw new Error(`${operation}: convs ${convs} must be a whole number >= 0`);
  if (strides.length === 0 || !strides.every((stride) => Number.isInteger(stride) && stride >= 1))
    throw new Error(`${operation}: strides [${strides}] must be whole numbers >= 1, one a level`);
  const stride = strides[level];
  if (stride === undefined) throw new Error(`${operation}: level ${level} of ${strides.length}; give one from 0 to ${strides.length - 1}`);
  const spec = resolveNorm(operation, config, width);
  const stages = Array.from({ length: convs }, (_, i): Layer => {
    const name = `${FCN}.convs.${i}`;
    return { name: `${name}.conv`, shape: [3, 3, i === 0 ? channels : width, width], stride, norm: { name: `${name}.gn`, spec } };
  });
  const predictor: Layer = { name: `${FCN}.conv_seg`, shape: [1, 1, convs === 0 ? channels : width, classes], stride };
  return { classes, channels, strides, levels: [{ level, stages }], predictor, stride };
}

/** All convolutions; the last is the predictor. */
export const layersOf = ({ levels, predictor }: HeadLayout): Layer[] => [...levels.flatMap(({ stages }) => stages), predictor];

/** The parameters of a head, by name. */
export function headParameters(layout: HeadLayout): ParameterSpec[] {
  return layersOf(layout).flatMap(layerParameters);
}

function layerParameters({ name, shape, norm }: Layer): ParameterSpec[] {
  const size = [shape[3]];
  const weight: ParameterSpec = { name: `${name}.weight`, shape, role: 'weight', trainable: true };
  if (norm?.spec.kind !== 'group') return [weight, { name: `${name}.bias`, shape: size, role: 'bias', trainable: true }];
  return [
    weight,
    { name: `${norm.name}.weight`, shape: size, role: 'norm-scale', trainable: true },
    { name: `${norm.name}.bias`, shape: size, role: 'norm-shift', trainable: true },
  ];
}

/** Strides at which a level's convolutions are computed: its own and half of it each time, down to twice the finest. */
function stagesOf(stride: number, finest: number): number[] {
  const count = Math.max(1, Math.log2(stride / finest));
  return Array.from({ length: count }, (_, i) => stride / 2 ** i);
}
