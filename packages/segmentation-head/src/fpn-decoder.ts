// The semantic branch of "Panoptic Feature Pyramid Networks" (Kirillov et al. 2019, sec. 3.1 and fig. 3): every level goes through stages of
// 3x3 convolution, norm, ReLU and twofold bilinear upsampling until it has the finest stride (the finest level itself: one convolution);
// the levels are summed, a 1x1 convolution gives the logits, which are upsampled bilinearly. Names are detectron2's.
import * as tf from '@tensorflow/tfjs-core';
import { checkCounts, resolveLoss, resolveNorm, type SegmentationConfig } from './config.ts';
import { createHead } from './head.ts';
import { applyLayer, type Layer } from './layers.ts';
import { upsample } from './resize.ts';
import type { ImageSize, Params, SegmentationHead } from './types.ts';

export interface FpnDecoderConfig extends SegmentationConfig {
  /** Channels of every stage; default 128. */
  width?: number;
  /** Pixels a cell of each pyramid level, finest first; each a power of two. Default [4, 8, 16, 32]. */
  strides?: readonly number[];
}

const OPERATION = 'fpnDecoder';
const PREFIX = 'sem_seg_head';

/** Panoptic FPN's semantic head. A pyramid level is [N, ceil(H / stride), ceil(W / stride), channels]. */
export function fpnDecoder(config: FpnDecoderConfig): SegmentationHead {
  const { classes, channels, width = 128, strides = [4, 8, 16, 32] } = config;
  checkCounts(OPERATION, { classes, channels, width });
  if (
    strides.length === 0 ||
    !strides.every((stride, i) => Number.isInteger(Math.log2(stride)) && stride > (i === 0 ? 0.5 : strides[i - 1]))
  )
    throw new Error(`${OPERATION}: strides [${strides}] must be powers of two that grow from level to level`);
  const spec = resolveNorm(OPERATION, config, width);
  const finest = strides[0];
  const levels = strides.map((stride) =>
    stagesOf(stride, finest).map((at, i): Layer => {
      // In detectron2's list an upsampling stands between two convolutions.
      const name = `${PREFIX}.p${Math.log2(stride)}.${2 * i}`;
      return { name, shape: [3, 3, i === 0 ? channels : width, width], stride: at, norm: { name: `${name}.norm`, spec } };
    }),
  );
  const predictor: Layer = { name: `${PREFIX}.predictor`, shape: [1, 1, width, classes], stride: finest };

  const forward = (params: Params, pyramid: readonly tf.Tensor4D[], [height, widthPixels]: ImageSize) => {
    const decoded = levels.map((stages, level) =>
      stages.reduce((x, stage) => {
        const next = Math.max(stage.stride / 2, finest);
        return upsample(applyLayer(params, stage, x), stage.stride / next, [Math.ceil(height / next), Math.ceil(widthPixels / next)]);
      }, pyramid[level]),
    );
    return applyLayer(
      params,
      predictor,
      decoded.reduce((sum, x) => tf.add(sum, x)),
    );
  };
  return createHead({
    operation: OPERATION,
    classes,
    strides,
    channels,
    layers: [...levels.flat(), predictor],
    stride: finest,
    loss: resolveLoss(OPERATION, config),
    forward,
  });
}

/** Strides at which a level's convolutions are computed: its own and half of it each time, down to twice the finest. */
function stagesOf(stride: number, finest: number): number[] {
  const count = Math.max(1, Math.log2(stride / finest));
  return Array.from({ length: count }, (_, i) => stride / 2 ** i);
}
