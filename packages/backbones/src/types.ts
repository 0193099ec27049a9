// What a backbone is made of and what goes through it: configuration, named parameters, the context of a forward pass, its samples.
import type { GumbelNoise, Sampler } from '@stint/core-sampling';
import type * as tf from '@tensorflow/tfjs-core';

/** Named parameters. A parameter's name is its path in torchvision's state_dict. */
export type Params = Record<string, tf.Tensor>;

export type ParameterRole =
  | 'weight'
  | 'bias'
  | 'norm-scale'
  | 'norm-shift'
  | 'norm-mean'
  | 'norm-variance'
  | 'mask-weight'
  | 'mask-bias'
  | 'sigma'
  | 'filter';

/** One parameter. Filters are HWIO (depthwise ones `[k,k,C,1]`), matrices `[in, out]`. Running statistics are not trainable. */
export interface ParameterSpec {
  name: string;
  shape: number[];
  role: ParameterRole;
  trainable: boolean;
}

export type InterpolationKind = 'rbf' | 'average' | 'convolution' | 'zeros' | 'reuse';

export type Integration = 'dense' | 'one-mask' | 'two-masks' | 'three-masks';

export interface SamplingConfig {
  /**
   * How masks and convolutions go together (figure 3 of the paper; integration.ts defines each). `two-masks`: mask 1 for conv1, mask 2 for conv2
   * and conv3, the paper's default. `one-mask`: one for all three. `three-masks`: one each. `dense`: no masks.
   */
  integration: Integration;
  /** Grid prior in cells, 0 = off. The paper: 11. */
  interval: number;
  /**
   * `window` is odd (the paper: 7). `sigma` is where every learnable sigma of 'rbf' starts (the paper: 3). `empty`: what rbf and average give in an
   * empty window, 0 (default, the paper's) or the mean of the map's samples. `support`: over which points they average in training, all by their
   * soft masks (default, the paper's) or those with a mask of at least 1/2.
   */
  interpolation: { kind: InterpolationKind; window: number; sigma: number; empty?: 'zero' | 'mean'; support?: 'soft' | 'hard' };
  /** Where the bias of every mask head starts (the paper: 3, so that 95 % is sampled at first). */
  bias: number;
}

export interface ResNetConfig {
  /** `imagenet`: 7x7 stride 2, then max pool. `small`: two 3x3 stride 2. Both end at stride 4. */
  stem: { kind: 'imagenet'; width: number } | { kind: 'small'; widths: [number, number] };
  /** Bottlenecks of each stage. Stage 1 keeps the resolution, each later one halves it. */
  layers: number[];
  /** Width inside the bottlenecks of each stage. */
  planes: number[];
  /** Output width of a bottleneck over its planes; 4 unless given. */
  expansion?: number;
  /**
   * Channels where they differ from the rule above, in a pruned network: by convolution (`conv1`, and `conv2` of the small stem;
   * `layer2.0.conv1`, `layer2.0.conv2`), and by stage for the outputs of its blocks (`layer2`), which a residual sum ties together.
   * Which blocks have a downsample is decided without `widths`.
   */
  widths?: Record<string, number>;
  sampling?: SamplingConfig;
  /** Adds the classifier `fc`. */
  classes?: number;
}

/** One bottleneck. `name` is the prefix of its parameters, `index` counts over the whole network (it enters the noise keys). */
export interface BlockSpec {
  name: string;
  stage: number;
  index: number;
  inChannels: number;
  /** Outputs of conv1, and of conv2: they differ only in a pruned network. */
  planes: number;
  planes2: number;
  outChannels: number;
  stride: number;
  downsample: boolean;
  sampling?: SamplingConfig;
}

/** Mask k says where convolution k is computed. */
export type MaskIndex = 1 | 2 | 3;

/** Noise for a mask head instead of the key's own: two tensors of `shape` [N,H,W,1], uniform on [0,1). */
export type NoiseSource = (block: string, head: MaskIndex, shape: [number, number, number, number]) => GumbelNoise;

/**
 * `frozen`: running statistics, folded into the filters; scale and shift get gradients.
 * `train`: statistics of the batch. `update` receives the new running statistic by name; it OWNS the tensor (which survives
 * tf.tidy) and must dispose it when done.
 */
export type BatchNormMode = { mode: 'frozen' } | { mode: 'train'; momentum: number; update(name: string, value: tf.Tensor): void };

export interface ForwardContext {
  /** `dense`: masks are not even computed. `train`: soft masks. `inference`: hard masks. */
  mode: 'dense' | 'train' | 'inference';
  /** 'train': temperature of the Gumbel softmax; 1 unless given. */
  temperature?: number;
  /** 'train': noise counter, such as [seed, step]. Needed unless `noise` is given. */
  key?: readonly number[];
  /** 'inference': how hard masks are drawn. Needed unless `noise` is given. Its key is extended by block index and head. */
  sampler?: Sampler;
  noise?: NoiseSource;
  /** 'inference': added to the logits of all masks before they are drawn, the dial between cost and quality; default 0. */
  shift?: number;
  /**
   * 'inference' interpolates after BN3, 'training' before conv3; see block.ts. Default: that of the mode, where the interpolation commutes with conv3;
   * the others have the inference order only.
   */
  order?: 'inference' | 'training';
  /** 'inference': 'masked' (default) computes densely and drops what is not sampled, 'sampled' computes only there. Same numbers. */
  compute?: 'masked' | 'sampled';
  /** 'frozen' unless given. */
  batchNorm?: BatchNormMode;
}

/**
 * What the mask heads of a block said and what was drawn; [N,H,W,1] each, mask 1 at input, masks 2 and 3 at output resolution. Mask k is where
 * convolution k is computed; without mask 3, conv3 goes with mask 2. A block of one mask has one head: its logits and probabilities (at output
 * resolution) stand under 1 and 2, mask 2 is what was drawn, and mask 1 where conv1 is computed for it.
 */
export interface BlockSamples {
  name: string;
  logits1: tf.Tensor4D;
  logits2: tf.Tensor4D;
  logits3?: tf.Tensor4D;
  probability1: tf.Tensor4D;
  probability2: tf.Tensor4D;
  probability3?: tf.Tensor4D;
  mask1: tf.Tensor4D;
  mask2: tf.Tensor4D;
  mask3?: tf.Tensor4D;
}

export interface BackboneOutput {
  /** One map a stage, finest first. */
  features: tf.Tensor4D[];
  /** One entry a block with masks, in order; empty in mode 'dense'. */
  samples: BlockSamples[];
  /** [N, classes], when the configuration has classes. */
  logits?: tf.Tensor2D;
}

/** What a configuration says of a backbone without computing anything. */
export interface BackboneLayout {
  readonly config: ResNetConfig;
  /** Channels and stride against the input of each feature map. */
  readonly outChannels: number[];
  readonly strides: number[];
  readonly blocks: readonly BlockSpec[];
  readonly parameters: readonly ParameterSpec[];
}

export interface Backbone extends BackboneLayout {
  /** Fresh parameters, a pure function of the seed. The caller owns the tensors. */
  initialise(seed: number): Params;
  /**
   * @param x [N,H,W,3].
   * Safe in tf.tidy and tf.variableGrads; outside of them the caller owns every tensor of the output and nothing else is left.
   */
  forward(params: Params, x: tf.Tensor4D, ctx: ForwardContext): BackboneOutput;
}
