// Normalised convolution with a separable, symmetric kernel: RBF and average pooling. Paper, section 3.2:
//   Fhat = DWConv(F M, K) / (Conv(M, K) + e),   OUT = M F + (1 - M) Fhat,   e = 1e-5, zero padding.
//
// Forward, with B = By Bx the two one-dimensional passes:
//   G = M F,  X = Bx G,  A = By X,  n = B M + e,  R = (1 - M) / n,  OUT = G + R A.
// Adjoint by hand, for dY = dL/dOUT. B is its own adjoint, so the backward pass costs about what the forward pass does, and needs no
// filter gradient (as an operation that costs ten times a pass):
//   dA = R dY,  U = By dA,  dG = Bx U,  S = dY + dG,  dF = M S
//   dR = sum_c dY A,  dn = -dR R / n,  dM = sum_c F S - dR / n + B dn
//   dsigma = <X, By' dA> + <G, Bx' U> + <dn, B' M>,   ' = d/dsigma
import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.ts';
import { averageKernel, type Kernel, type KernelSize, rbfDerivative, rbfKernel, rbfRadius } from './kernel.ts';

const EPSILON = 1e-5;

/** RBF interpolation. `sigma`: a number, or a tensor of one value, which then gets a gradient. */
export function rbfInterpolation(features: tf.Tensor4D, mask: tf.Tensor4D, window: number, sigma: number | tf.Tensor): tf.Tensor4D {
  if (typeof sigma === 'number') {
    // Only a known sigma lets the window shrink: reading a tensor back would stall some backends.
    const size = sizeOf(features, rbfRadius(window, sigma));
    return fixedKernel(features, mask, () => rbfKernel(size, tf.scalar(sigma)));
  }
  const size = sizeOf(features, (window - 1) / 2);
  return withGradient(
    [features, mask, sigma],
    (f, m, s) => {
      const { out, saved } = forward(f as tf.Tensor4D, m as tf.Tensor4D, rbfKernel(size, tf.reshape(s, [])));
      return { out, saved: [...saved, s] };
    },
    (dy, saved) => {
      const [, m, , g, x] = saved as tf.Tensor4D[];
      const s = saved[saved.length - 1];
      const { df, dm, da, u, dn } = backward(dy, saved as tf.Tensor4D[]);
      const derivative = rbfDerivative(size, tf.reshape(s, []));
      const ds = tf.addN([inner(x, pass(da, derivative.y)), inner(g, pass(u, derivative.x)), inner(dn, passMask(m, derivative.full))]);
      return [df, dm, tf.reshape(ds, s.shape)];
    },
  );
}

/** The mean of the sampled points of the window. */
export function averageInterpolation(features: tf.Tensor4D, mask: tf.Tensor4D, window: number): tf.Tensor4D {
  const size = sizeOf(features, (window - 1) / 2);
  return fixedKernel(features, mask, () => averageKernel(size));
}

function fixedKernel(features: tf.Tensor4D, mask: tf.Tensor4D, kernel: () => Kernel): tf.Tensor4D {
  return withGradient(
    [features, mask],
    (f, m) => forward(f as tf.Tensor4D, m as tf.Tensor4D, kernel()),
    (dy, saved) => {
      const { df, dm } = backward(dy, saved as tf.Tensor4D[]);
      return [df, dm];
    },
  );
}

function forward(f: tf.Tensor4D, m: tf.Tensor4D, { x: kx, y: ky, full }: Kernel): { out: tf.Tensor4D; saved: tf.Tensor4D[] } {
  const g = tf.mul(m, f) as tf.Tensor4D;
  const x = pass(g, kx);
  const a = pass(x, ky);
  const n = tf.add(passMask(m, full), EPSILON) as tf.Tensor4D;
  const ratio = tf.div(tf.sub(1, m), n);
  return { out: tf.add(g, tf.mul(ratio, a)), saved: [f, m, n, g, x, a, kx, ky, full] };
}

function backward(dy: tf.Tensor4D, [f, m, n, , , a, kx, ky, full]: tf.Tensor4D[]) {
  const ratio = tf.div(tf.sub(1, m), n);
  const da = tf.mul(ratio, dy) as tf.Tensor4D;
  const u = pass(da, ky);
  const s = tf.add(dy, pass(u, kx));
  const share = tf.div(tf.sum(tf.mul(dy, a), 3, true), n); // dR / n
  const dn = tf.neg(tf.mul(share, ratio)) as tf.Tensor4D;
  const dm = tf.add(tf.sub(tf.sum(tf.mul(f, s), 3, true), share), passMask(dn, full));
  return { df: tf.mul(m, s), dm, da, u, dn };
}

function pass(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  return tf.depthwiseConv2d(x, filter, 1, 'same');
}

/** The whole kernel over a one-channel map, batch and channel exchanged: one channel at a time would leave vector units idle. */
function passMask(m: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  return tf.transpose(pass(tf.transpose(m, [3, 1, 2, 0]), filter), [3, 1, 2, 0]);
}

function inner(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(a, b));
}

function sizeOf({ shape }: tf.Tensor4D, radius: number): KernelSize {
  return { radius, channels: shape[3], batch: shape[0] };
}
