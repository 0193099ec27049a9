// A toy segmentation problem for tests: images of one channel with vertical stripes of brightness 1 (class 1) and .5 (class 2) on dark ground
// (class 0), and a pyramid of plain averages at strides 4 and 8, so that the head has to learn all there is to learn.
import { uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';

export const SIZE = 32;
export const CHANNELS = 4;

/** Images [count,32,32,1] and their labels. Stripes are 8 px wide and begin at multiples of 4. */
export function stripes(count: number, seed: number): { images: tf.Tensor4D; labels: Uint8Array } {
  const pixels = new Float32Array(count * SIZE * SIZE);
  const labels = new Uint8Array(count * SIZE * SIZE);
  for (let image = 0; image < count; image++) {
    const [place, kind] = uniformValues(2, [seed, image]);
    const left = 4 * Math.floor(place * 7);
    const label = kind < 0.5 ? 1 : 2;
    for (let y = 0; y < SIZE; y++) {
      const at = (image * SIZE + y) * SIZE + left;
      labels.fill(label, at, at + 8);
      pixels.fill(label === 1 ? 1 : 0.5, at, at + 8);
    }
  }
  return { images: tf.tensor4d(pixels, [count, SIZE, SIZE, 1]), labels };
}

/** Powers 0 to 3 of the mean brightness of 4x4 and 8x8 cells: [N,8,8,4] and [N,4,4,4]. */
export function pyramidOf(images: tf.Tensor4D): tf.Tensor4D[] {
  return [4, 8].map((stride) => {
    const mean = tf.avgPool(images, stride, stride, 'valid');
    return tf.concat([tf.onesLike(mean), mean, tf.square(mean), tf.mul(mean, tf.square(mean))], 3) as tf.Tensor4D;
  });
}
