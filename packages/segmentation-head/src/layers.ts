// The unit of both heads on tensors: convolution, norm, ReLU.
import * as tf from '@tensorflow/tfjs-core';
import { groupNorm } from './group-norm.ts';
import type { Layer } from './layout.ts';
import type { Params } from './types.ts';

/** x [N,H,W,in] -> [N,H,W,out]. */
export function applyLayer(params: Params, { name, norm }: Layer, x: tf.Tensor4D): tf.Tensor4D {
  const of = <T extends tf.Tensor>(key: string): T => {
    const value = params[key];
    if (!value) throw new Error(`segmentation head: parameter '${key}' is missing; initialise() makes a full set`);
    return value as T;
  };
  const y = tf.conv2d(x, of<tf.Tensor4D>(`${name}.weight`), 1, 'same');
  if (norm?.spec.kind === 'group') return relu(groupNorm(y, of(`${norm.name}.weight`), of(`${norm.name}.bias`), norm.spec.groups));
  const biased = tf.add(y, of(`${name}.bias`)) as tf.Tensor4D;
  return norm ? relu(biased) : biased;
}

/** ReLU with a cheap gradient: tfjs differentiates relu through `step`, seven passes over memory; the sign of the output is the same. */
function relu(x: tf.Tensor4D): tf.Tensor4D {
  const operation = tf.customGrad((input, save) => {
    const y = tf.relu(input as tf.Tensor4D);
    (save as tf.GradSaveFunc)([y]);
    return { value: y, gradFunc: (dy: tf.Tensor4D, [saved]: tf.Tensor[]) => tf.mul(dy, tf.sign(saved)) };
  });
  return operation(x) as tf.Tensor4D;
}
