// What both heads share: from logits at the stride of a map to losses and label images at full resolution.
import * as tf from '@tensorflow/tfjs-core';
import { pixelCrossEntropy } from './cross-entropy.ts';
import { initialise } from './initialise.ts';
import { type HeadLayout, headParameters, layersOf } from './layout.ts';
import type { LossSettings } from './loss-settings.ts';
import { resizeBilinear, upsample } from './resize.ts';
import type { ImageExtent, ImageSize, LabelImage, Params, SegmentationHead } from './types.ts';

export interface HeadParts {
  /** Begins error messages. */
  operation: string;
  layout: HeadLayout;
  loss: LossSettings;
  /** Logits at the layout's stride. */
  forward(params: Params, pyramid: readonly tf.Tensor4D[], imageSize: ImageSize): tf.Tensor4D;
}

export function createHead({ operation, layout, loss, forward }: HeadParts): SegmentationHead {
  const { classes, strides, channels, stride } = layout;
  const parameters = headParameters(layout);
  const logits = (params: Params, pyramid: readonly tf.Tensor4D[], imageSize: ImageSize) => {
    checkPyramid(operation, pyramid, strides, channels, imageSize);
    return tf.tidy(() => upsample(forward(params, pyramid, imageSize), stride, imageSize));
  };
  return {
    classes,
    parameters,
    convolutions: layersOf(layout).map(({ name, shape, stride }) => ({ name, shape, stride })),
    initialise: (seed) => initialise(parameters, layout.predictor.name, seed),
    logits,
    losses(params, pyramid, { labels }, { imageSize }) {
      const { lossWeight, ...options } = loss;
      return tf.tidy(() => {
        const entropy = pixelCrossEntropy(logits(params, pyramid, imageSize), labels, options);
        return { loss_sem_seg: lossWeight === 1 ? entropy : (tf.mul(entropy, lossWeight) as tf.Scalar) };
      });
    },
    predict(params, pyramid, imageSize, images) {
      const count = pyramid[0].shape[0];
      const extents = images ?? Array.from({ length: count }, () => ({ height: imageSize[0], width: imageSize[1] }));
      if (extents.length !== count)
        throw new Error(`${operation}: sizes of ${extents.length} images for a batch of ${count}; give one an image`);
      const all = logits(params, pyramid, imageSize);
      try {
        return extents.map((extent, image) => labelsOf(operation, all, image, extent));
      } finally {
        all.dispose();
      }
    },
  };
}

function labelsOf(operation: string, logits: tf.Tensor4D, image: number, { height, width, output }: ImageExtent): LabelImage {
  const [, fullHeight, fullWidth] = logits.shape;
  if (!(height >= 1 && width >= 1 && height <= fullHeight && width <= fullWidth))
    throw new Error(`${operation}: image ${image} of ${height}x${width} does not lie in the input of ${fullHeight}x${fullWidth}`);
  const best = tf.tidy(() => {
    const inside = tf.slice(logits, [image, 0, 0, 0], [1, height, width, -1]);
    return tf.argMax(output ? resizeBilinear(inside, output) : inside, 3);
  });
  const data = Uint8Array.from(best.dataSync());
  const [, outHeight, outWidth] = best.shape;
  best.dispose();
  return { width: outWidth, height: outHeight, data };
}

function checkPyramid(
  operation: string,
  pyramid: readonly tf.Tensor4D[],
  strides: readonly number[],
  channels: number,
  [height, width]: ImageSize,
): void {
  const shapes = pyramid.map(({ shape }) => `[${shape}]`).join(', ');
  if (pyramid.length !== strides.length)
    throw new Error(`${operation}: ${pyramid.length} pyramid levels (${shapes}) for strides [${strides}]; give one level a stride`);
  const fits = pyramid.every(({ shape: [count, h, w, c] }, i) => {
    const cells = [Math.ceil(height / strides[i]), Math.ceil(width / strides[i])];
    return count === pyramid[0].shape[0] && h === cells[0] && w === cells[1] && c === channels;
  });
  if (!fits)
    throw new Error(
      `${operation}: pyramid levels ${shapes} do not fit ${channels} channels, strides [${strides}] and image size [${height}, ${width}]`,
    );
}
