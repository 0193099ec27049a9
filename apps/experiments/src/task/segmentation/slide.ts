// Segmentation window by window: logits are averaged where windows overlap, then resized to the labels, then decided. Windows lie on the image
// as it is, whatever their size; the network sees each padded to the sides it needs, and what it says of the padding is cut off.
import type { Params } from '@stint/backbones';
import { type LabelImage, slidingWindows } from '@stint/datasets';
import { resizeBilinear, type SegmentationHead } from '@stint/segmentation-head';
import * as tf from '@tensorflow/tfjs-core';
import { paddedSide } from '../images.ts';
import type { Look } from '../task.ts';
import type { SegmentationBatch } from './data.ts';

export type Size = readonly [height: number, width: number];

/** Windows in pixels of the (scaled) image; one that is larger than the image is cut to it. */
export interface Sliding {
  size: Size;
  stride: Size;
}

/** What it needs of a head. */
type LogitsHead = Pick<SegmentationHead, 'classes' | 'logits'>;

/** Labels of each image of a batch of equal sizes, at the size that `outputs` gives for it. */
export function slide(
  head: LogitsHead,
  params: Params,
  { images, shape, sizes }: Pick<SegmentationBatch, 'images' | 'shape' | 'sizes'>,
  look: Look,
  { sliding, outputs }: { sliding: Sliding; outputs: readonly Size[] },
): LabelImage[] {
  const [{ height, width }] = sizes;
  const other = sizes.find((size) => size.height !== height || size.width !== width);
  if (other) throw new Error(`slide: images of ${height}x${width} and ${other.height}x${other.width} in one batch; sizes must be equal`);
  const [count] = shape;
  const all = tf.slice(tf.tensor4d(images, shape), 0, [count, height, width, 3]);
  const seen = new Float32Array(height * width);
  let sums = tf.zeros<tf.Rank.R4>([count, height, width, head.classes]);
  for (const { x, y, width: w, height: h } of slidingWindows({ height, width }, sliding)) {
    const next = tf.tidy(() => {
      const logits = windowLogits(head, params, tf.slice(all, [0, y, x, 0], [count, h, w, 3]), look);
      return tf.add(sums, padded(logits, [y, height - y - h], [x, width - x - w]));
    });
    sums.dispose();
    sums = next as tf.Tensor4D;
    for (let row = y; row < y + h; row++) for (let column = x; column < x + w; column++) seen[row * width + column]++;
  }
  const means = tf.div(sums, tf.tensor4d(seen, [1, height, width, 1])) as tf.Tensor4D;
  return outputs.map((output, i) => {
    const own = tf.slice(means, [i, 0, 0, 0], [1, -1, -1, -1]);
    const data = Uint8Array.from(tf.argMax(resizeBilinear(own, output), 3).dataSync());
    return { height: output[0], width: output[1], data };
  });
}

/** Logits of the window [N,h,w,3], [N,h,w,K]. */
function windowLogits(head: LogitsHead, params: Params, window: tf.Tensor4D, look: Look): tf.Tensor4D {
  const [, h, w] = window.shape;
  const [height, width] = [paddedSide(h), paddedSide(w)];
  // Zeros are the mean colour, as `collate` pads whole images.
  const logits = head.logits(params, look(padded(window, [0, height - h], [0, width - w])), [height, width]);
  return tf.slice(logits, 0, [-1, h, w, -1]);
}

const padded = (x: tf.Tensor4D, rows: [number, number], columns: [number, number]): tf.Tensor4D =>
  tf.pad(x, [[0, 0], rows, columns, [0, 0]]);
