// The kernels of the interpolation, as depthwise filters. Paper, section 3.2. The RBF kernel is
//   K(d2) = s^2 / (2 pi) exp(-s^2/2 d2),   d2 = dx^2 + dy^2,   s learnable (init 3),
// and separable: K = k(dx) k(dy), k(d) = s / sqrt(2 pi) exp(-s^2/2 d^2). Average pooling is k = 1.
import * as tf from '@tensorflow/tfjs-core';

/** k along each axis for the features, and K whole for the mask, which is small. All symmetric. */
export interface Kernel {
  /** [1,window,C,1] */
  x: tf.Tensor4D;
  /** [window,1,C,1] */
  y: tf.Tensor4D;
  /** [window,window,N,1]: the batch stands in the place of the channels. */
  full: tf.Tensor4D;
}

export interface KernelSize {
  radius: number;
  channels: number;
  batch: number;
}

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
  return build(size, (shape) => tf.ones(shape));
}

export function rbfKernel(size: KernelSize, sigma: tf.Scalar): Kernel {
  const square = tf.square(sigma);
  return build(size, (shape, axes) => {
    const factor = axes === 1 ? tf.mul(sigma, 1 / Math.sqrt(2 * Math.PI)) : tf.mul(square, 1 / (2 * Math.PI));
    return tf.mul(factor, tf.exp(tf.mul(squares(shape), tf.mul(square, -0.5))));
  });
}

/** Derivative of each filter by sigma: dk = (1 - s^2 d^2) exp / sqrt(2 pi), dK = s (2 - s^2 d2) exp / (2 pi). */
export function rbfDerivative(size: KernelSize, sigma: tf.Scalar): Kernel {
  const square = tf.square(sigma);
  return build(size, (shape, axes) => {
    const factor = axes === 1 ? 1 / Math.sqrt(2 * Math.PI) : tf.mul(sigma, 1 / (2 * Math.PI));
    const exponent = tf.mul(squares(shape), square);
    return tf.mul(tf.mul(factor, tf.sub(axes, exponent)), tf.exp(tf.mul(exponent, -0.5)));
  });
}

type FilterShape = [number, number, number, number];

function build({ radius, channels, batch }: KernelSize, filter: (shape: FilterShape, axes: 1 | 2) => tf.Tensor4D): Kernel {
  const window = 2 * radius + 1;
  return { x: filter([1, window, channels, 1], 1), y: filter([window, 1, channels, 1], 1), full: filter([window, window, batch, 1], 2) };
}

/** dx^2 + dy^2 from the centre of a filter. */
function squares(shape: FilterShape): tf.Tensor4D {
  const [height, width, channels] = shape;
  const values = new Float32Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    const y = Math.floor(i / width) - (height - 1) / 2;
    const x = (i % width) - (width - 1) / 2;
    values.fill(x * x + y * y, i * channels, (i + 1) * channels);
  }
  return tf.tensor4d(values, shape);
}
