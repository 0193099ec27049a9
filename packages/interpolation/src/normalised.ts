// Normalised convolution with a separable, symmetric kernel: RBF and average pooling. Paper, section 3.2:
//   Fhat = (DWConv(F M, K) + e P) / (Conv(M, K) + e),   OUT = M F + (1 - M) Fhat,   e = 1e-5, zero padding.
// P, constant over a map, is what Fhat tends to where a window holds no sample: 0 in the paper.
//
// Forward, with B = By Bx the two one-dimensional passes:
//   G = M F,  X = Bx G,  A = By X + e P,  n = B M + e,  R = (1 - M) / n,  OUT = G + R A.
// Adjoint by hand, for dY = dL/dOUT. B is its own adjoint, so the backward pass costs about what the forward pass does, and needs no
// filter gradient (as an operation that costs ten times a pass):
//   dA = R dY,  U = By dA,  dG = Bx U,  S = dY + dG,  dF = M S
//   dR = sum_c dY A,  dn = -dR R / n,  dM = sum_c F S - dR / n + B dn,  dP = e sum_hw dA
//   dsigma = <X, By' dA> + <G, Bx' U> + <dn, B' M>,   ' = d/dsigma
import * as tf from '@tensorflow/tfjs-core';
import { withGradient } from './custom-gradient.ts';
import { averageKernel, type Kernel, type KernelSize, rbfDerivative, rbfKernel, rbfRadius } from './kernel.ts';

const EPSILON = 1e-5;

/** RBF interpolation. `sigma`: a number, or a tensor of one value, which then gets a gradient. `prior`: P [N,1,1,C], 0 unless given. */
export function rbfInterpolation(
  features: tf.Tensor4D,
  mask: tf.Tensor4D,
  window: number,
  sigma: number | tf.Tensor,
  prior?: tf.Tensor4D,
): tf.Tensor4D {
  if (typeof sigma === 'number') {
    // Only a known sigma lets the window shrink: reading a tensor back would stall some backends.
    const size = sizeOf(features, rbfRadius(window, sigma));
    return fixedKernel(features, mask, () => rbfKernel(size, tf.scalar(sigma)), prior);
  }
  const size = sizeOf(features, (window - 1) / 2);
  return withGradient(
    prior ? [features, mask, sigma, prior] : [features, mask, sigma],
    (f, m, s, p) => {
      const { out, saved } = forward(f as tf.Tensor4D, m as tf.Tensor4D, rbfKernel(size, tf.reshape(s, [])), p as tf.Tensor4D);
      return { out, saved: [...saved, s] };
    },
    (dy, saved) => {
      const s = saved[saved.length - 1];
      const values = unpack(saved as tf.Tensor4D[]);
      const { df, dm, da, u, dn } = backward(dy, values);
      const derivative = rbfDerivative(size, tf.reshape(s, []), values.kernel);
      const features = tf.add(inner(values.x, pass(da, derivative.y)), inner(values.g, pass(u, derivative.x)));
      const ds = tf.add(features, inner(dn, maskDerivative(values.m, values.kernel, derivative)));
      return [df, dm, tf.reshape(ds, s.shape), ...(prior ? [priorGradient(da)] : [])];
    },
  );
}

/** The mean of the sampled points of the window. `prior`: P [N,1,1,C], 0 unless given. */
export function averageInterpolation(features: tf.Tensor4D, mask: tf.Tensor4D, window: number, prior?: tf.Tensor4D): tf.Tensor4D {
  const size = sizeOf(features, (window - 1) / 2);
  return fixedKernel(features, mask, () => averageKernel(size), prior);
}

function fixedKernel(features: tf.Tensor4D, mask: tf.Tensor4D, kernel: () => Kernel, prior?: tf.Tensor4D): tf.Tensor4D {
  return withGradient(
    prior ? [features, mask, prior] : [features, mask],
    (f, m, p) => forward(f as tf.Tensor4D, m as tf.Tensor4D, kernel(), p as tf.Tensor4D),
    (dy, saved) => {
      const { df, dm, da } = backward(dy, unpack(saved as tf.Tensor4D[]));
      return [df, dm, ...(prior ? [priorGradient(da)] : [])];
    },
  );
}

function priorGradient(da: tf.Tensor4D): tf.Tensor4D {
  return tf.mul(tf.sum(da, [1, 2], true), EPSILON);
}

function forward(f: tf.Tensor4D, m: tf.Tensor4D, kernel: Kernel, prior?: tf.Tensor4D): { out: tf.Tensor4D; saved: tf.Tensor[] } {
  const g = tf.mul(m, f) as tf.Tensor4D;
  const x = pass(g, kernel.x);
  const samples = pass(x, kernel.y);
  const a = prior ? (tf.add(samples, tf.mul(prior, EPSILON)) as tf.Tensor4D) : samples;
  const n = tf.add(passMask(m, kernel), EPSILON) as tf.Tensor4D;
  const ratio = tf.div(tf.sub(1, m), n);
  return { out: tf.add(g, tf.mul(ratio, a)), saved: [f, m, n, g, x, a, kernel.x, kernel.y, kernel.columns, kernel.rows] };
}

/** What `forward` saved, by name. */
function unpack(saved: tf.Tensor[]) {
  const [f, m, n, g, x, a, kx, ky] = saved as tf.Tensor4D[];
  const kernel: Kernel = { x: kx, y: ky, columns: saved[8] as tf.Tensor2D, rows: saved[9] as tf.Tensor2D };
  return { f, m, n, g, x, a, kernel };
}

function backward(dy: tf.Tensor4D, { f, m, n, a, kernel }: ReturnType<typeof unpack>) {
  const ratio = tf.div(tf.sub(1, m), n);
  const da = tf.mul(ratio, dy) as tf.Tensor4D;
  const u = pass(da, kernel.y);
  const s = tf.add(dy, pass(u, kernel.x));
  const share = tf.div(tf.sum(tf.mul(dy, a), 3, true), n); // dR / n
  const dn = tf.neg(tf.mul(share, ratio)) as tf.Tensor4D;
  const dm = tf.add(tf.sub(tf.sum(tf.mul(f, s), 3, true), share), passMask(dn, kernel));
  return { df: tf.mul(m, s), dm, da, u, dn };
}

function pass(x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  return tf.depthwiseConv2d(x, filter, 1, 'same');
}

/** B M of a one-channel map as two matrix products: a convolution of one channel would leave vector units idle. */
function passMask(m: tf.Tensor4D, { columns, rows }: Kernel): tf.Tensor4D {
  return tf.reshape(tf.matMul(rows, tf.matMul(plane(m), columns)), m.shape);
}

/** B' M = By' (M Bx) + By (M Bx'). */
function maskDerivative(m: tf.Tensor4D, kernel: Kernel, derivative: Kernel): tf.Tensor4D {
  const flat = plane(m);
  const alongX = tf.matMul(kernel.rows, tf.matMul(flat, derivative.columns));
  const alongY = tf.matMul(derivative.rows, tf.matMul(flat, kernel.columns));
  return tf.reshape(tf.add(alongX, alongY), m.shape);
}

/** [N,H,W,1] -> [N,H,W]. */
function plane(m: tf.Tensor4D): tf.Tensor3D {
  const [count, height, width] = m.shape;
  return tf.reshape(m, [count, height, width]);
}

function inner(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return tf.sum(tf.mul(a, b));
}

function sizeOf({ shape: [, height, width, channels] }: tf.Tensor4D, radius: number): KernelSize {
  return { radius, height, width, channels };
}
