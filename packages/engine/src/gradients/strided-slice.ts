// Gradient of tf.stridedSlice (steps, negative steps, masks) by TensorFlow's own StridedSliceGrad: dy goes back to the cells that were
// read, the others get zero.
import * as tf from '@tensorflow/tfjs-core';
import { runOperation } from '../node-backend.ts';

export const stridedSliceGradient: tf.GradConfig = {
  kernelName: 'StridedSlice',
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attributes) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } =
      attributes as unknown as tf.StridedSliceAttrs;
    return {
      x: () => {
        const vectors = [x.shape, begin, end, strides].map((values) => tf.tensor1d(values, 'int32'));
        return runOperation('StridedSliceGrad', [...vectors, dy as tf.Tensor], {
          types: { T: 'float32', Index: 'int32' },
          ints: {
            begin_mask: beginMask,
            end_mask: endMask,
            ellipsis_mask: ellipsisMask,
            new_axis_mask: newAxisMask,
            shrink_axis_mask: shrinkAxisMask,
          },
        });
      },
    };
  },
};
