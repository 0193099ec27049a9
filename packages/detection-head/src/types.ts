// The door every detection head stands behind: what goes in (pyramid, targets), what comes out (named losses, boxes).
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/** Named parameters. A parameter's name is its path in torchvision's state_dict. */
export type Params = Record<string, Tensor>;

/** What a parameter is, for optimisers and importers. Roles are a subset of the backbones', so that one list can hold both. */
export type ParameterRole = 'weight' | 'bias' | 'norm-scale' | 'norm-shift';

/** One parameter. Filters are HWIO, matrices `[in, out]`. */
export interface ParameterSpec {
  name: string;
  shape: number[];
  role: ParameterRole;
  trainable: boolean;
}

/** `[height, width]` of the padded input tensor, in pixels. */
export type ImageSize = readonly [height: number, width: number];

/**
 * Ground truth, an entry an image. Boxes are `x1, y1, x2, y2` one after another in input pixels (length 4n, n may be 0);
 * labels are 0..K-1 (length n). Boxes in `ignore` (crowds) are neither objects nor background: predictions that they cover
 * take no part in the losses.
 */
export interface DetectionTargets {
  boxes: Float32Array[];
  labels: Int32Array[];
  ignore?: Float32Array[];
}

/** What was found in one image: n boxes (4n numbers, input pixels), by falling score; labels are 0..K-1. */
export interface Detections {
  boxes: Float32Array;
  scores: Float32Array;
  labels: Int32Array;
}

/** Size of an image inside the padded input, in pixels: found boxes are clipped to it. */
export interface ImageExtent {
  height: number;
  width: number;
}

export interface LossContext {
  imageSize: ImageSize;
  /** Counter key of the random sampling of candidates, e.g. `[seed, step]`: the same key draws the same samples. */
  key: readonly number[];
}

export interface DetectionHead {
  readonly parameters: readonly ParameterSpec[];
  /** Fresh trainable values of every parameter, a pure function of the seed. The caller owns the tensors. */
  initialise(seed: number): Params;
  /** Loss terms by name, to be summed by the caller. Differentiable in the parameters and in every pyramid level. */
  losses(params: Params, pyramid: Tensor4D[], targets: DetectionTargets, ctx: LossContext): Record<string, Scalar>;
  /**
   * What the head says of every cell, before anything is decoded: logits and offsets, a tensor or two a level or of all. Differentiable in the parameters and in
   * every pyramid level; for distillation. The caller owns the tensors.
   */
  outputs(params: Params, pyramid: Tensor4D[]): Tensor[];
  /** Finds objects, an entry an image. Leaves no tensor behind. */
  detect(params: Params, pyramid: Tensor4D[], images: readonly ImageExtent[], imageSize: ImageSize): Detections[];
}
