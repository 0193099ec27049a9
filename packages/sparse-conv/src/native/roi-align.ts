// RoIAlign over a feature pyramid, in compiled code (He et al. 2017, Mask R-CNN, section 3; the level rule of Lin et al. 2017, FPN, equation 1):
// torchvision's with aligned = false.
import { type MapShape, mapShape, outputFor, typed, whole } from './check.ts';
import { type NativeEngine, rawEngine } from './engine.ts';

export interface RoiAlignOptions {
  /** The finest first; maps [1,H,W,C] of one image, each stride twice the one before. */
  levels: readonly { input: Float32Array; shape: MapShape; stride: number }[];
  /** [n,4]: x1, y1, x2, y2 in pixels. */
  rois: Float32Array;
  /** Bins along each axis. */
  size: number;
  /** Samples along each axis of a bin; 0: as many as the bin has cells. Default 2. */
  samplingRatio?: number;
  /** [n,size,size,C]; default a new one. */
  output?: Float32Array;
}

/** Each RoI as a grid of bins, from the level that suits its size. */
export function roiAlign(engine: NativeEngine, options: RoiAlignOptions): Float32Array {
  const operation = 'roiAlign';
  const raw = rawEngine(operation, engine);
  const rois = typed(operation, 'rois', options.rois, 'Float32Array');
  if (rois.length % 4 !== 0) throw new RangeError(`roiAlign: rois has ${rois.length} elements; give four for each`);
  const count = rois.length / 4;
  const size = whole(operation, 'size', options.size, 1, 64);
  const samplingRatio = whole(operation, 'samplingRatio', options.samplingRatio ?? 2, 0, 64);
  if (!Array.isArray(options.levels) || options.levels.length === 0)
    throw new TypeError('roiAlign: levels is no list; give at least one level');
  const levels = options.levels.map(({ input, shape, stride }, i) => {
    const [batch, height, width, channels] = mapShape(operation, shape, `levels[${i}].shape`);
    const step = whole(operation, `levels[${i}].stride`, stride, 1, 2 ** 20);
    const values = typed(operation, `levels[${i}].input`, input, 'Float32Array', batch * height * width * channels);
    return [batch, height, width, channels, step, values] as const;
  });
  const length = count * size * size * levels[0][3];
  const output = outputFor(operation, options.output, length);
  raw.roiAlign(size, samplingRatio, count, rois, levels.length, ...levels.flat(), output);
  return output;
}
