// The door every segmentation head stands behind: what goes in (pyramid, labels), what comes out (named losses, label images).
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/** Named parameters. */
export type Params = Record<string, Tensor>;

/** What a parameter is, for optimisers and importers. Roles are a subset of the backbones', so that one list can hold both. */
export type ParameterRole = 'weight' | 'bias' | 'norm-scale' | 'norm-shift';

/** One parameter. Filters are HWIO. */
export interface ParameterSpec {
  name: string;
  shape: number[];
  role: ParameterRole;
  trainable: boolean;
}

/** `[height, width]` of the padded input tensor, in pixels. */
export type ImageSize = readonly [height: number, width: number];

/** Ground truth of a batch. */
export interface SegmentationTargets {
  /** [N, height, width], classes 0..K-1 or the ignore label, at the size of the padded input. */
  labels: ArrayLike<number>;
}

export interface LossContext {
  imageSize: ImageSize;
  /** Not read: nothing is drawn at random. Here so that one context serves every head. */
  key?: readonly number[];
}

/** Where an image lies in the padded input (top left), and the size its labels are wanted in. */
export interface ImageExtent {
  height: number;
  width: number;
  /** `[height, width]` of the result, such as that of the image before it was resized; default that of the extent. */
  output?: ImageSize;
}

/** One whole number a pixel. */
export interface LabelImage {
  width: number;
  height: number;
  /** [height, width], classes 0..K-1. */
  data: Uint8Array;
}

/** One convolution, for counting: computed at every cell of a map of `stride` pixels a cell. */
export interface ConvolutionSpec {
  name: string;
  /** [k, k, in, out]. */
  shape: [number, number, number, number];
  stride: number;
}

export interface SegmentationHead {
  readonly classes: number;
  readonly parameters: readonly ParameterSpec[];
  readonly convolutions: readonly ConvolutionSpec[];
  /** Fresh values of every parameter, a pure function of the seed. The caller owns the tensors. */
  initialise(seed: number): Params;
  /** Logits at full resolution, [N, height, width, classes]. Differentiable in the parameters and in the pyramid. */
  logits(params: Params, pyramid: readonly Tensor4D[], imageSize: ImageSize): Tensor4D;
  /** Loss terms by name (`loss_sem_seg`), to be summed by the caller. Differentiable in the parameters and in the pyramid. */
  losses(params: Params, pyramid: readonly Tensor4D[], targets: SegmentationTargets, ctx: LossContext): Record<string, Scalar>;
  /** The best class of every pixel, an entry an image. `images` cuts padding off; default the whole input. Leaves no tensor behind. */
  predict(params: Params, pyramid: readonly Tensor4D[], imageSize: ImageSize, images?: readonly ImageExtent[]): LabelImage[];
}
