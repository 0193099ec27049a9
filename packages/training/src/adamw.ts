// AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", algorithm 2), as torch.optim.AdamW without amsgrad:
//   p <- p (1 - lr weightDecay);  m <- m + (1 - beta1)(g - m);  v <- beta2 v + (1 - beta2) g^2;
//   p <- p - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon).
import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './optimizer.ts';

export interface AdamWConfig {
  kind: 'adamw';
  /** Default 0.9. */
  beta1?: number;
  /** Default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Decoupled from the gradient. Default 0.01, as PyTorch's. */
  weightDecay?: number;
}

export function adamw({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamWConfig): UpdateRule {
  return {
    slots: ['exp_avg', 'exp_avg_sq'],
    update(parameter, gradient, [mean, square], { step, learningRate, weightDecay }) {
      const nextMean = tf.add(mean, tf.mul(tf.sub(gradient, mean), 1 - beta1));
      const nextSquare = tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      // Both sides of m / (sqrt(v) / c + epsilon) times c = sqrt(1 - beta2^t): one operation less on the tensor.
      const correction = Math.sqrt(1 - beta2 ** step);
      const size = (learningRate * correction) / (1 - beta1 ** step);
      const update = tf.div(tf.mul(nextMean, size), tf.add(tf.sqrt(nextSquare), epsilon * correction));
      const decayed = weightDecay === 0 ? parameter : tf.mul(parameter, 1 - learningRate * weightDecay);
      return { parameter: tf.sub(decayed, update), slots: [nextMean, nextSquare] };
    },
  };
}
