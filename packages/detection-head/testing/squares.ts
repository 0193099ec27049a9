// A toy detection problem for tests: bright squares on dark 64 x 64 images, and a two-convolution pyramid at strides 4, 8 and 16.
import { uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import type { DetectionTargets, Params } from '../src/index.ts';

export const IMAGE_SIZE = [64, 64] as const;
export const CHANNELS = 16;

/** `count` images [count,64,64,1] with one or two squares of 12 to 28 px; class 0 is bright (1), class 1 dim (.5). */
export function squares(count: number, seed: number): { images: tf.Tensor4D; targets: DetectionTargets } {
  const [height, width] = IMAGE_SIZE;
  const pixels = new Float32Array(count * height * width);
  const boxes: Float32Array[] = [];
  const labels: Int32Array[] = [];
  for (let image = 0; image < count; image++) {
    const number = 1 + (image % 2);
    const list: number[] = [];
    for (let i = 0; i < number; i++) {
      const [a, b, c] = uniformValues(3, [seed, image, i]);
      const side = 12 + Math.floor(17 * a);
      // Two squares stand in different halves, so that they do not overlap.
      const room = number === 1 ? width - side : width / 2 - side;
      const x = Math.floor(b * (room + 1)) + (i * width) / 2;
      const y = Math.floor(c * (height - side + 1));
      list.push(x, y, x + side, y + side);
      for (let row = y; row < y + side; row++)
        pixels.fill(i === 0 ? 1 : 0.5, (image * height + row) * width + x, (image * height + row) * width + x + side);
    }
    boxes.push(Float32Array.from(list));
    labels.push(Int32Array.from({ length: number }, (_, i) => i));
  }
  return { images: tf.tensor4d(pixels, [count, height, width, 1]), targets: { boxes, labels } };
}

/** Parameters of the pyramid: two convolutions, uniform with He's variance. */
export function toyParameters(seed: number): Params {
  const filter = (shape: [number, number, number, number], index: number) => {
    const bound = Math.sqrt(6 / (shape[0] * shape[1] * shape[2]));
    const values = uniformValues(
      shape.reduce((a, b) => a * b),
      [seed, index],
    ).map((value) => bound * (2 * value - 1));
    return tf.tensor4d(values, shape);
  };
  return { 'toy.0': filter([5, 5, 1, CHANNELS], 0), 'toy.1': filter([3, 3, CHANNELS, CHANNELS], 1) };
}

/** Images -> maps at strides 4, 8, 16. */
export function toyPyramid(params: Params, images: tf.Tensor4D): tf.Tensor4D[] {
  const first = tf.relu(tf.conv2d(images, params['toy.0'] as tf.Tensor4D, 2, 'same'));
  const p2 = tf.relu(tf.conv2d(first, params['toy.1'] as tf.Tensor4D, 2, 'same'));
  const p3 = tf.avgPool(p2, 2, 2, 'same');
  return [p2, p3, tf.avgPool(p3, 2, 2, 'same')];
}
