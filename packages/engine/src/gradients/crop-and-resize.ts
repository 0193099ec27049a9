// Gradient of tf.image.cropAndResize with respect to the image and to the boxes, by TensorFlow's own CropAndResizeGradImage and
// CropAndResizeGradBoxes. Nearest-neighbour sampling has a gradient in the image only.
import * as tf from '@tensorflow/tfjs-core';
import { runOperation } from '../node-backend.ts';

export const cropAndResizeGradient: tf.GradConfig = {
  kernelName: 'CropAndResize',
  inputsToSave: ['image', 'boxes', 'boxInd'],
  gradFunc: (dy, saved, attributes) => {
    const [image, boxes, boxInd] = saved;
    const method = attributes.method as string;
    const gradient = dy as tf.Tensor;
    return {
      image: () => {
        const shape = tf.tensor1d(image.shape, 'int32');
        return runOperation('CropAndResizeGradImage', [gradient, boxes, boxInd, shape], { types: { T: 'float32' }, strings: { method } });
      },
      boxes: () => {
        if (method !== 'bilinear') throw new Error(`cropAndResize: method '${method}' has no gradient in the boxes; use 'bilinear'`);
        return runOperation('CropAndResizeGradBoxes', [gradient, image, boxes, boxInd], { types: { T: 'float32' }, strings: { method } });
      },
      boxInd: () => tf.zeros(boxInd.shape),
    };
  },
};
