// From the head's output tensors to boxes: the tensor part is the network alone, in one batch; decode.ts does the rest.
import type * as tf from '@tensorflow/tfjs-core';
import type { Detections, ImageExtent } from '../types.ts';
import type { ResolvedConfig } from './config.ts';
import { decodeOutputs } from './decode.ts';

/** @param outputs of the network, a level each; [N, H, W, K + 4] or [N, H, W, K + 5] */
export function detectFromOutputs(config: ResolvedConfig, outputs: readonly tf.Tensor4D[], images: readonly ImageExtent[]): Detections[] {
  const maps = outputs.map((output) => ({ data: output.dataSync() as Float32Array, shape: output.shape }));
  return decodeOutputs(config, maps, images);
}
