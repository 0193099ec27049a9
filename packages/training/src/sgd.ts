// Stochastic gradient descent with momentum, as torch.optim.SGD (dampening 0):
//   g <- g + weightDecay * p;  b <- momentum * b + g;  p <- p - lr * b   (nesterov: p <- p - lr * (g + momentum * b)).
// PyTorch starts b as the first gradient; from b = 0 the first update gives the same.
import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './optimizer.ts';

export interface SgdConfig {
  kind: 'sgd';
  /** Default 0. */
  momentum?: number;
  /** L2 penalty, added to the gradient. Default 0. */
  weightDecay?: number;
  /** Default false. */
  nesterov?: boolean;
}

export function sgd({ momentum = 0, nesterov = false }: SgdConfig): UpdateRule {
  if (nesterov && momentum === 0) throw new Error('sgd: nesterov needs a momentum above 0');
  return {
    slots: momentum === 0 ? [] : ['momentum'],
    update(parameter, gradient, [buffer], { learningRate, weightDecay }) {
      const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, weightDecay));
      const velocity = momentum === 0 ? decayed : tf.add(tf.mul(buffer, momentum), decayed);
      const direction = nesterov ? tf.add(decayed, tf.mul(velocity, momentum)) : velocity;
      return { parameter: tf.sub(parameter, tf.mul(direction, learningRate)), slots: momentum === 0 ? [] : [velocity] };
    },
  };
}
