// The gradients that tfjs 4.22 lacks or has wrong. They are registered for the whole process.
import * as tf from '@tensorflow/tfjs-core';
import { cropAndResizeGradient } from './crop-and-resize.ts';
import { gatherGradient } from './gather.ts';
import { gatherNdGradient, scatterNdGradient, tensorScatterUpdateGradient } from './gather-nd.ts';
import { matMulGradient } from './mat-mul.ts';
import { mirrorPadGradient } from './mirror-pad.ts';
import { stridedSliceGradient } from './strided-slice.ts';

const GRADIENTS: readonly tf.GradConfig[] = [
  cropAndResizeGradient,
  gatherNdGradient,
  scatterNdGradient,
  tensorScatterUpdateGradient,
  stridedSliceGradient,
  gatherGradient,
  matMulGradient,
  mirrorPadGradient,
];

/** Registers the gradients and returns the names of their kernels. startEngine() does this; calling it again changes nothing. */
export function registerGradients(): string[] {
  for (const gradient of GRADIENTS) if (tf.getGradient(gradient.kernelName) !== gradient) tf.registerGradient(gradient);
  return GRADIENTS.map(({ kernelName }) => kernelName);
}
