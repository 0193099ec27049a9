// Gradient of tf.mirrorPad by TensorFlow's own MirrorPadGrad. tfjs 4.22 cuts the border off and forgets that its cells are copies.
import * as tf from '@tensorflow/tfjs-core';
import { runOperation } from '../node-backend.ts';

export const mirrorPadGradient: tf.GradConfig = {
  kernelName: 'MirrorPad',
  gradFunc: (dy, _saved, attributes) => {
    const { paddings, mode } = attributes as unknown as tf.MirrorPadAttrs;
    return {
      x: () =>
        runOperation('MirrorPadGrad', [dy as tf.Tensor, tf.tensor2d(paddings, [paddings.length, 2], 'int32')], {
          types: { T: 'float32', Tpaddings: 'int32' },
          strings: { mode: mode.toUpperCase() },
        }),
    };
  },
};
