// Many small tensors as few long vectors. An operation costs about 10 us to dispatch, whatever its size: a hundred parameters
// updated one by one cost more time than the arithmetic. Vectors are bounded, so that temporaries stay in the cache.
import * as tf from '@tensorflow/tfjs-core';

/** Elements of a vector (1 MiB of float32); a single larger tensor has a vector of its own. */
const LIMIT = 2 ** 18;

/** Splits a list into runs whose sizes add up to at most LIMIT each. */
export function inRuns<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const runs: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (size > room) {
      runs.push([]);
      room = LIMIT;
    }
    runs.at(-1)!.push(item);
    room -= size;
  }
  return runs;
}

/** All elements in one vector. */
export function flatten(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  // Most parameters of a network are vectors already (norms, biases): reshaping them is an operation, too.
  return tf.tidy(() =>
    tf.concat1d(tensors.map((tensor) => (tensor.rank === 1 ? (tensor as tf.Tensor1D) : tf.reshape(tensor, [tensor.size])))),
  );
}

/** The inverse of `flatten`. */
export function unflatten(vector: tf.Tensor1D, shapes: readonly (readonly number[])[]): tf.Tensor[] {
  return tf.tidy(() => {
    const sizes = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
    return tf.split(vector, sizes).map((part, i) => (shapes[i].length === 1 ? part : tf.reshape(part, [...shapes[i]])));
  });
}
