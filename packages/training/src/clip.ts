// Gradient clipping by global norm, as torch.nn.utils.clip_grad_norm_ (norm 2): all gradients times min(1, maxNorm / (norm + 1e-6)).
import * as tf from '@tensorflow/tfjs-core';
import { flatten, inRuns } from './flat.ts';

/** The 2-norm of all gradients together, as a scalar tensor (0 for none). */
export function gradientNorm(gradients: Record<string, tf.Tensor>): tf.Scalar {
  return tf.tidy(() => {
    const runs = inRuns(Object.values(gradients), (gradient) => gradient.size);
    const squares = runs.map((run) => tf.sum(tf.square(flatten(run))) as tf.Scalar);
    return squares.length === 0 ? tf.scalar(0) : tf.sqrt(tf.addN(squares));
  });
}

/** Factor that `clipGradients` applies for a known norm; 1 when the norm is at most maxNorm. */
export function clipFactor(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}

/**
 * Scales the gradients so that their common 2-norm is at most `maxNorm`. `norm` is the norm before. When nothing needs scaling the
 * given tensors are returned themselves; else new ones, and the given ones stay the caller's.
 */
export function clipGradients<G extends Record<string, tf.Tensor>>(gradients: G, maxNorm: number): { gradients: G; norm: number } {
  if (!(maxNorm > 0)) throw new Error(`clipGradients: maxNorm ${maxNorm} is not above 0`);
  const norm = tf.tidy(() => gradientNorm(gradients).dataSync()[0]);
  return { gradients: scaleGradients(gradients, clipFactor(norm, maxNorm)), norm };
}

/** All gradients times `factor`; the given ones themselves when it is 1. */
export function scaleGradients<G extends Record<string, tf.Tensor>>(gradients: G, factor: number): G {
  if (factor === 1) return gradients;
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)])) as G;
}
