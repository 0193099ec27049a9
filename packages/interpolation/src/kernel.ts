// The separable kernels of the interpolation. Paper, section 3.2. The RBF kernel is
//   K(d2) = s^2 / (2 pi) exp(-s^2/2 d2),   d2 = dx^2 + dy^2,   s learnable (init 3),
// so K = c k(dx) k(dy) with k(d) = exp(-s^2/2 d^2), c = s^2 / (2 pi). Average pooling is k = 1, c = 1.
import * as tf from '@tensorflow/tfjs-core';

/** K(dx, dy) = scale * taps[dx] * taps[dy]. */
export interface SeparableKernel {
  /** Symmetric, [2 radius + 1]. */
  taps: tf.Tensor1D;
  scale: tf.Scalar;
}

/**
 * Largest distance along one axis at which the RBF kernel is kept: farther out it is below 1e-8 of K(1), the value at the nearest
 * neighbours. At sigma 3 that is 2, whatever the window. With the 1e-5 of the normalisation, what is cut could have given a point at most
 * 1e-4 of the value of a lone sample in its window.
 */
export function rbfRadius(window: number, sigma: number): number {
  const limit = Math.sqrt(1 + (2 * Math.log(1e8)) / (sigma * sigma));
  return Math.min((window - 1) / 2, Math.floor(limit));
}

export function rbfKernel(radius: number, sigma: tf.Scalar): SeparableKernel {
  return { taps: tf.exp(tf.mul(squares(radius), tf.mul(tf.square(sigma), -0.5))), scale: tf.mul(tf.square(sigma), 1 / (2 * Math.PI)) };
}

/** Derivatives of taps and scale by sigma, each for itself. */
export function rbfDerivative(radius: number, sigma: tf.Scalar, { taps }: SeparableKernel): SeparableKernel {
  return { taps: tf.mul(taps, tf.mul(squares(radius), tf.neg(sigma))), scale: tf.mul(sigma, 1 / Math.PI) };
}

export function averageKernel(radius: number): SeparableKernel {
  return { taps: tf.ones([2 * radius + 1]), scale: tf.scalar(1) };
}

function squares(radius: number): tf.Tensor1D {
  return tf.tensor1d(Array.from({ length: 2 * radius + 1 }, (_, i) => (i - radius) ** 2));
}

/** One pass along the columns (axis H), zero padding. Symmetric taps make it its own adjoint. */
export function passY(x: tf.Tensor4D, taps: tf.Tensor1D): tf.Tensor4D {
  return tf.depthwiseConv2d(x, tf.tile(tf.reshape(taps, [taps.size, 1, 1, 1]) as tf.Tensor4D, [1, 1, x.shape[3], 1]), 1, 'same');
}

/** One pass along the rows (axis W), zero padding. */
export function passX(x: tf.Tensor4D, taps: tf.Tensor1D): tf.Tensor4D {
  return tf.depthwiseConv2d(x, tf.tile(tf.reshape(taps, [1, taps.size, 1, 1]) as tf.Tensor4D, [1, 1, x.shape[3], 1]), 1, 'same');
}
