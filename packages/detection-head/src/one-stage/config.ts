// Settings of the one-stage head and their defaults.

export interface OneStageConfig {
  /** Number of classes K; labels are 0..K-1. */
  classes: number;
  /** Channels of every pyramid level. */
  channels: number;
  /** Pixels a cell of each pyramid level covers, finest level first. */
  strides: readonly number[];
  /** Channels of the tower. Default `channels`. */
  width?: number;
  /** 3x3 convolutions in the tower that classification and boxes share; 0 reads the pyramid directly. Default 2. */
  convs?: number;
  /**
   * Reach in pixels, `[from, to)`, that each level is responsible for: the reach of a cell to a box is its largest distance to
   * a side. Default: levels change at 8 strides of the finer one (64 px at stride 8), the first starts at 0, the last has no end.
   */
  sizeRanges?: readonly (readonly [from: number, to: number])[];
  /** Cells nearer to the centre of a box than this many strides, in x and in y, learn the box. Default 1.5. */
  centreRadius?: number;
  /** Adds the centre-ness branch of FCOS: scores become sqrt(class x centre-ness). Default false. */
  centreness?: boolean;
  /** Factors of the loss terms. Default: classification 2, box 1, centreness 1. */
  lossWeights?: { classification?: number; box?: number; centreness?: number };
  /** Detections below this score are dropped. Default .05. */
  scoreThreshold?: number;
  /** Most candidates a level and image that enter suppression. Default 1000. */
  candidates?: number;
  /** Of two boxes of a class with a greater IoU the lower-scored one is dropped. Default .6. */
  nmsThreshold?: number;
  /** Most detections an image. Default 100. */
  maxDetections?: number;
}

/** Distances are at most e^8 strides: exp must not overflow while training is still wild. */
export const MAX_LOG_DISTANCE = 8;

export type ResolvedConfig = Required<OneStageConfig> & { lossWeights: { classification: number; box: number; centreness: number } };

/** Fills in defaults. Throws on numbers that cannot work, naming them. */
export function resolveConfig(config: OneStageConfig): ResolvedConfig {
  const { classes, channels, strides } = config;
  const resolved: ResolvedConfig = {
    width: channels,
    convs: 2,
    sizeRanges: strides.map((stride, level) => [
      level === 0 ? 0 : 8 * strides[level - 1],
      level + 1 < strides.length ? 8 * stride : Infinity,
    ]),
    centreRadius: 1.5,
    centreness: false,
    scoreThreshold: 0.05,
    candidates: 1000,
    nmsThreshold: 0.6,
    maxDetections: 100,
    ...withoutUndefined(config),
    lossWeights: { classification: 2, box: 1, centreness: 1, ...withoutUndefined(config.lossWeights ?? {}) },
  };
  for (const [name, value, least] of [
    ['classes', classes, 1],
    ['channels', channels, 1],
    ['width', resolved.width, 1],
    ['convs', resolved.convs, 0],
    ['candidates', resolved.candidates, 1],
    ['maxDetections', resolved.maxDetections, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) throw new Error(`oneStage: ${name} ${value} must be a whole number, at least ${least}`);
  }
  if (strides.length === 0 || !strides.every((stride, i) => stride > (i === 0 ? 0 : strides[i - 1])))
    throw new Error(`oneStage: strides [${strides}] must be positive and grow from level to level`);
  if (resolved.sizeRanges.length !== strides.length)
    throw new Error(`oneStage: ${resolved.sizeRanges.length} size ranges for ${strides.length} strides; give one a level`);
  return resolved;
}

/** A key that is there but undefined must not hide a default. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
