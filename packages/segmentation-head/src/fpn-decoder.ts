// The semantic branch of "Panoptic Feature Pyramid Networks" (Kirillov et al. 2019, sec. 3.1 and fig. 3): every level goes through stages of
// 3x3 convolution, norm, ReLU and twofold bilinear upsampling until it has the finest stride (the finest level itself: one convolution);
// the levels are summed, a 1x1 convolution gives the logits, which are upsampled bilinearly. Names are detectron2's.
import * as tf from '@tensorflow/tfjs-core';
import type { FpnDecoderConfig } from './config.ts';
import { createHead } from './head.ts';
import { applyLayer } from './layers.ts';
import { fpnDecoderLayout } from './layout.ts';
import { resolveLoss } from './loss-settings.ts';
import { upsample } from './resize.ts';
import type { ImageSize, Params, SegmentationHead } from './types.ts';

const OPERATION = 'fpnDecoder';

/** Panoptic FPN's semantic head. A pyramid level is [N, ceil(H / stride), ceil(W / stride), channels]. */
export function fpnDecoder(config: FpnDecoderConfig): SegmentationHead {
  const layout = fpnDecoderLayout(config);
  const { levels, predictor, stride: finest } = layout;
  const forward = (params: Params, pyramid: readonly tf.Tensor4D[], [height, width]: ImageSize) => {
    const decoded = levels.map(({ level, stages }) =>
      stages.reduce((x, stage) => {
        const next = Math.max(stage.stride / 2, finest);
        return upsample(applyLayer(params, stage, x), stage.stride / next, [Math.ceil(height / next), Math.ceil(width / next)]);
      }, pyramid[level]),
    );
    return applyLayer(
      params,
      predictor,
      decoded.reduce((sum, x) => tf.add(sum, x)),
    );
  };
  return createHead({ operation: OPERATION, layout, loss: resolveLoss(OPERATION, config), forward });
}
