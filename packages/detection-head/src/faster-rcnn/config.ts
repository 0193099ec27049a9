// Settings of Faster R-CNN. The defaults are torchvision's fasterrcnn_resnet50_fpn.
import type { CoderWeights } from '../ops/box-coder.ts';

export interface FasterRcnnConfig {
  /** Channels of every pyramid level. */
  channels: number;
  /** Number of object classes K; the background is extra. */
  classes: number;
  /** Anchor sizes in pixels, a list a pyramid level, finest first. Default [[32], [64], [128], [256], [512]]. */
  anchorSizes?: number[][];
  /** Height / width of the anchors. Default [.5, 1, 2]. */
  aspectRatios?: number[];
  rpn?: RpnConfig;
  roi?: RoiConfig;
  detections?: DetectionsConfig;
}

export interface RpnConfig {
  /** Best-scored anchors of each level and image that go into NMS. Default 2000 in training, 1000 in detection. */
  preNmsTrain?: number;
  preNmsDetect?: number;
  /** Proposals of an image, over all levels. Default 2000 in training, 1000 in detection. */
  postNmsTrain?: number;
  postNmsDetect?: number;
  /** IoU above which a proposal suppresses another of its level. Default .7. */
  nmsThreshold?: number;
  /** Proposals with a shorter side, in pixels, are dropped. Default .001. */
  minSize?: number;
  /** Anchors an image in the loss, and the largest share of positives. Default 256 and .5. */
  samples?: number;
  positiveFraction?: number;
  /** An anchor with an IoU of `high` is an object, one below `low` background. Default .7 and .3. */
  high?: number;
  low?: number;
}

export interface RoiConfig {
  /** The finest so many levels are pooled. Default: all but the last (which only proposes), at least one. */
  levels?: number;
  /** Side of the pooled grid, in bins. Default 7. */
  size?: number;
  /** Samples a bin and axis; 0 = adaptive. Default 2. */
  samplingRatio?: number;
  /** Half-cell shift in RoIAlign. Default false, as torchvision's. */
  aligned?: boolean;
  /** A box of this size in pixels is pooled at stride 16. Default 224. */
  canonicalSize?: number;
  /** Width of the two fully connected layers. Default 1024. */
  hidden?: number;
  /** Proposals an image in the loss, and the largest share of positives. Default 512 and .25. */
  samples?: number;
  positiveFraction?: number;
  /** A proposal with at least this IoU is an object, any other background. Default .5. */
  threshold?: number;
}

export interface DetectionsConfig {
  /** Boxes must score more. Default .05. */
  scoreThreshold?: number;
  /** IoU above which a box suppresses another of its class. Default .5. */
  nmsThreshold?: number;
  /** Most boxes an image. Default 100. */
  limit?: number;
}

/** The settings with every default filled in. */
export interface ResolvedConfig {
  channels: number;
  classes: number;
  anchorSizes: number[][];
  aspectRatios: number[];
  rpn: Required<RpnConfig>;
  roi: Required<RoiConfig>;
  detections: Required<DetectionsConfig>;
}

/** Scaling of the offsets that the region proposal network and the box predictor regress. */
export const RPN_CODER: CoderWeights = [1, 1, 1, 1];
export const BOX_CODER: CoderWeights = [10, 10, 5, 5];
/** Where smooth L1 turns from square to straight, in scaled offsets. */
export const BOX_BETA = 1 / 9;
/** A candidate with more of its area in an ignored region takes no part in the losses. */
export const IGNORE_COVERAGE = 0.5;

/** Fills in the defaults. Throws on a setting that cannot work. */
export function resolveConfig(config: FasterRcnnConfig): ResolvedConfig {
  const anchorSizes = config.anchorSizes ?? [[32], [64], [128], [256], [512]];
  const resolved: ResolvedConfig = {
    channels: config.channels,
    classes: config.classes,
    anchorSizes,
    aspectRatios: config.aspectRatios ?? [0.5, 1, 2],
    rpn: {
      preNmsTrain: 2000,
      preNmsDetect: 1000,
      postNmsTrain: 2000,
      postNmsDetect: 1000,
      nmsThreshold: 0.7,
      minSize: 1e-3,
      samples: 256,
      positiveFraction: 0.5,
      high: 0.7,
      low: 0.3,
      ...config.rpn,
    },
    roi: {
      levels: Math.max(anchorSizes.length - 1, 1),
      size: 7,
      samplingRatio: 2,
      aligned: false,
      canonicalSize: 224,
      hidden: 1024,
      samples: 512,
      positiveFraction: 0.25,
      threshold: 0.5,
      ...config.roi,
    },
    detections: { scoreThreshold: 0.05, nmsThreshold: 0.5, limit: 100, ...config.detections },
  };
  check(resolved);
  return resolved;
}

function check({ channels, classes, anchorSizes, aspectRatios, roi }: ResolvedConfig): void {
  const fail = (what: string) => {
    throw new Error(`fasterRcnn: ${what}`);
  };
  if (!(channels >= 1)) fail(`channels ${channels}; give the width of the pyramid`);
  if (!(classes >= 1)) fail(`classes ${classes}; give the number of object classes, without the background`);
  const count = anchorSizes[0]?.length ?? 0;
  if (count === 0 || aspectRatios.length === 0) fail('no anchors; give at least one size for each level and one aspect ratio');
  if (anchorSizes.some((sizes) => sizes.length !== count))
    fail(`anchor sizes ${JSON.stringify(anchorSizes)}; give equally many for each level, for the levels share one convolution`);
  if (roi.levels < 1 || roi.levels > anchorSizes.length)
    fail(`roi.levels ${roi.levels} with anchors for ${anchorSizes.length} levels; pool 1 to ${anchorSizes.length} of them`);
}
