// The door of the classification head: what goes in (feature maps, labels), what comes out (a named loss, scores).
import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** Named parameters. A parameter's name is its path in torchvision's state_dict. */
export type Params = Record<string, Tensor>;

/** One parameter. The matrix is `[in, out]`. */
export interface ParameterSpec {
  name: string;
  shape: number[];
  role: 'weight' | 'bias';
  trainable: boolean;
}

export interface ClassificationConfig {
  /** Channels of the coarsest feature map. */
  channels: number;
  /** Number of classes K; labels are 0..K-1. */
  classes: number;
  /** Share of the target that goes to all classes alike, 0 <= share < 1. Default 0. */
  labelSmoothing?: number;
}

/** One label an image. */
export interface ClassificationTargets {
  labels: Int32Array;
}

export interface Classification {
  /** Probability of each class. */
  scores: Float32Array;
  /** All classes by falling score; of equal scores the lower class first. */
  ranking: Int32Array;
}

export interface ClassificationHead {
  readonly parameters: readonly ParameterSpec[];
  /** Fresh values of every parameter, a pure function of the seed. The caller owns the tensors. */
  initialise(seed: number): Params;
  /** Logits [N,K] of the last (coarsest) of the feature maps, [N,H,W,channels]. Differentiable; the caller owns the tensor. */
  forward(params: Params, features: readonly Tensor4D[]): Tensor2D;
  /** Loss terms by name, to be summed by the caller: `cls_loss`. Differentiable in the parameters and the last feature map. */
  losses(params: Params, features: readonly Tensor4D[], targets: ClassificationTargets): Record<string, Scalar>;
  /** What is in each image. Leaves no tensor behind. */
  predict(params: Params, features: readonly Tensor4D[]): Classification[];
}
