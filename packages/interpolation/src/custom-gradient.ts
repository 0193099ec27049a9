// tf.customGrad with types: an operation of tensors with a gradient written by hand.
import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs `forward` on `inputs`; where a gradient is wanted, `backward` gets dL/dout and the tensors that `forward` named in `saved`, and
 * returns one gradient an input. First derivatives only. Intermediates of both are freed at once, not at the end of the whole gradient.
 */
export function withGradient(
  inputs: tf.Tensor[],
  forward: (...inputs: tf.Tensor[]) => { out: tf.Tensor4D; saved: tf.Tensor[] },
  backward: (dy: tf.Tensor4D, saved: tf.Tensor[]) => tf.Tensor[],
): tf.Tensor4D {
  const operation = tf.customGrad<tf.Tensor4D>((...args) => {
    const save = args.pop() as (tensors: tf.Tensor[]) => void;
    const { out, saved } = forward(...(args as tf.Tensor[]));
    save(saved);
    return { value: out, gradFunc: (dy, kept) => tf.tidy(() => backward(dy, kept)) };
  });
  return operation(...inputs);
}
