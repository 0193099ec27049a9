// The kernels of the interpolation. Paper, section 3.2. The RBF kernel is
//   K(d2) = s^2 / (2 pi) exp(-s^2/2 d2),   d2 = dx^2 + dy^2,   s learnable (init 3),
// and separable: K = k(dx) k(dy), k(d) = s / sqrt(2 pi) exp(-s^2/2 d^2). Average pooling is k = 1.
import * as tf from '@tensorflow/tfjs-core';

/** k along each axis: as depthwise filters for the features, as banded matrices for the mask, which has one channel. All symmetric. */
export interface Kernel {
  /** [1,window,C,1] */
  x: tf.Tensor4D;
  /** [window,1,C,1] */
  y: tf.Tensor4D;
  /** [W,W], k(i-j) */
  columns: tf.Tensor2D;
  /** [H,H], k(i-j) */
  rows: tf.Tensor2D;
}

export interface KernelSize {
  radius: number;
  height: number;
  width: number;
  channels: number;
}

/** Stands for the squared distance where a band ends: k is 0 there for every s, and s times it is finite. */
const OUTSIDE = 1e30;

/**
 * Largest distance along one axis at which the RBF kernel is kept: farther out it is below 1e-8 of K(1), the value at the nearest
 * neighbours. At sigma 3 that is 2, whatever the window. Because of the 1e-5 in the normalisation, what is cut could have given a point
 * at most 1e-4 of the value of a lone sample in its window.
 */
export function rbfRadius(window: number, sigma: number): number {
  const limit = Math.sqrt(1 + (2 * Math.log(1e8)) / (sigma * sigma));
  return Math.min((window - 1) / 2, Math.floor(limit));
}

export function averageKernel(size: KernelSize): Kernel {
  return build(size, (squares) => tf.cast(tf.less(squares, OUTSIDE), 'float32'));
}

export function rbfKernel(size: KernelSize, sigma: tf.Scalar): Kernel {
  const exponent = tf.mul(tf.square(sigma), -0.5);
  const factor = tf.mul(sigma, 1 / Math.sqrt(2 * Math.PI));
  return build(size, (squares) => tf.mul(factor, tf.exp(tf.mul(squares, exponent))));
}

/** Derivative of each part of `kernel` = rbfKernel(size, sigma) by sigma: dk = (1/s - s d^2) k. */
export function rbfDerivative(size: KernelSize, sigma: tf.Scalar, kernel: Kernel): Kernel {
  const inverse = tf.reciprocal(sigma);
  return build(size, (squares, part) => tf.mul(kernel[part], tf.sub(inverse, tf.mul(squares, sigma))));
}

/** @param evaluate k at squared distances from the centre of a filter or the diagonal of a matrix. */
function build(
  { radius, height, width, channels }: KernelSize,
  evaluate: (squares: tf.Tensor, part: 'x' | 'columns' | 'rows') => tf.Tensor,
): Kernel {
  const window = 2 * radius + 1;
  const distances = Float32Array.from({ length: window * channels }, (_, i) => (Math.floor(i / channels) - radius) ** 2);
  const x = evaluate(tf.tensor4d(distances, [1, window, channels, 1]), 'x') as tf.Tensor4D;
  const columns = evaluate(band(width, radius), 'columns') as tf.Tensor2D;
  const rows = height === width ? columns : (evaluate(band(height, radius), 'rows') as tf.Tensor2D);
  return { x, y: tf.reshape(x, [window, 1, channels, 1]), columns, rows };
}

/** (i-j)^2 up to the radius, [size,size]. */
function band(size: number, radius: number): tf.Tensor2D {
  const squares = new Float32Array(size * size).fill(OUTSIDE);
  for (let i = 0; i < size; i++) {
    for (let j = Math.max(0, i - radius); j <= Math.min(size - 1, i + radius); j++) squares[i * size + j] = (i - j) ** 2;
  }
  return tf.tensor2d(squares, [size, size]);
}
