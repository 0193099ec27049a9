// Normalised convolution with a separable, symmetric kernel: RBF and average pooling. Paper, section 3.2:
//   Fhat = DWConv(F M, K) / (Conv(M, K) + e),   OUT = M F + (1 - M) Fhat,   e = 1e-5, zero padding.
//
// Forward, with K = c k k and B = By Bx the two one-dimensional passes by k:
//   G = M F,  X = Bx G,  A = By X,  n = c B M + e,  R = (1 - M) c / n,  OUT = G + R A.
// Adjoint by hand, for dY = dL/dOUT. B is its own adjoint, so the backward pass costs about what the forward pass does, and needs no
// filter gradient (as an operation that costs ten times a pass):
//   dA = R dY,  U = By dA,  dG = Bx U,  S = dY + dG,  dF = M S
//   dR = sum_c dY A,  P = dR (1 - M) / n^2 (dL/dn = -c P),  dM = sum_c F S - dR c / n - c^2 B P
//   dsigma = <X, By' dA> + <G, Bx' U> - c^2 <P, (By' Bx + By Bx') M> + c' e sum P,   ' = d/dsigma
import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.ts';
import { averageKernel, passX, passY, rbfDerivative, rbfKernel, rbfRadius, type SeparableKernel } from './kernel.ts';

const EPSILON = 1e-5;

/** RBF interpolation. `sigma`: a number, or a tensor of one value, which then gets a gradient. */
export function rbfInterpolation(features: tf.Tensor4D, mask: tf.Tensor4D, window: number, sigma: number | tf.Tensor): tf.Tensor4D {
  if (typeof sigma === 'number') {
    // Only a known sigma lets the window shrink: reading a tensor back would stall some backends.
    const radius = rbfRadius(window, sigma);
    return fixedKernel(features, mask, () => rbfKernel(radius, tf.scalar(sigma)));
  }
  const radius = (window - 1) / 2;
  return withGradient(
    [features, mask, sigma],
    (f, m, s) => {
      const { out, saved } = forward(f as tf.Tensor4D, m as tf.Tensor4D, rbfKernel(radius, tf.reshape(s, [])));
      return { out, saved: [...saved, s] };
    },
    (dy, saved) => {
      const s = saved[6];
      const scalar = tf.reshape(s, []) as tf.Scalar;
      const kernel = rbfKernel(radius, scalar);
      const { df, dm, da, u, p } = backward(dy, saved as tf.Tensor4D[], kernel);
      const [, m, , g, x] = saved as tf.Tensor4D[];
      const { taps, scale } = rbfDerivative(radius, scalar, kernel);
      const ofMask = tf.add(passY(passX(m, kernel.taps), taps), passY(passX(m, taps), kernel.taps));
      const terms = [
        inner(x, passY(da, taps)),
        inner(g, passX(u, taps)),
        tf.mul(inner(p, ofMask), tf.neg(tf.square(kernel.scale))),
        tf.mul(tf.sum(p), tf.mul(scale, EPSILON)),
      ];
      return [df, dm, tf.reshape(tf.addN(terms), s.shape)];
    },
  );
}

/** The mean of the sampled points of the window. */
export function averageInterpolation(features: tf.Tensor4D, mask: tf.Tensor4D, window: number): tf.Tensor4D {
  return fixedKernel(features, mask, () => averageKernel((window - 1) / 2));
}

function fixedKernel(features: tf.Tensor4D, mask: tf.Tensor4D, kernel: () => SeparableKernel): tf.Tensor4D {
  return withGradient(
    [features, mask],
    (f, m) => forward(f as tf.Tensor4D, m as tf.Tensor4D, kernel()),
    (dy, saved) => {
      const { df, dm } = backward(dy, saved as tf.Tensor4D[], kernel());
      return [df, dm];
    },
  );
}

function forward(f: tf.Tensor4D, m: tf.Tensor4D, { taps, scale }: SeparableKernel): { out: tf.Tensor4D; saved: tf.Tensor4D[] } {
  const g = tf.mul(m, f) as tf.Tensor4D;
  const x = passX(g, taps);
  const a = passY(x, taps);
  const n = tf.add(tf.mul(passY(passX(m, taps), taps), scale), EPSILON) as tf.Tensor4D;
  return { out: tf.add(g, tf.mul(ratio(m, n, scale), a)), saved: [f, m, n, g, x, a] };
}

function backward(dy: tf.Tensor4D, [f, m, n, , , a]: tf.Tensor4D[], { taps, scale }: SeparableKernel) {
  const da = tf.mul(ratio(m, n, scale), dy) as tf.Tensor4D;
  const u = passY(da, taps);
  const s = tf.add(dy, passX(u, taps));
  const dr = tf.sum(tf.mul(dy, a), 3, true) as tf.Tensor4D;
  const p = tf.div(tf.mul(dr, tf.sub(1, m)), tf.square(n)) as tf.Tensor4D;
  const throughNorm = tf.add(tf.mul(tf.div(dr, n), scale), tf.mul(passY(passX(p, taps), taps), tf.square(scale)));
  const dm = tf.sub(tf.sum(tf.mul(f, s), 3, true), throughNorm);
  return { df: tf.mul(m, s), dm, da, u, p };
}

/** R = (1 - M) c / n. */
function ratio(m: tf.Tensor4D, n: tf.Tensor4D, scale: tf.Scalar): tf.Tensor4D {
  return tf.mul(tf.div(tf.sub(1, m), n), scale);
}

function inner(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(a, b));
}
