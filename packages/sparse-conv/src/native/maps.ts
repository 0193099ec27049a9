// What a detector needs besides, in compiled code: the stem's max pooling, the feature pyramid's up-sampling.
import { outputSize } from '../positions.ts';
import { type MapShape, optional, sizes, typed, whole } from './check.ts';
import { type NativeEngine, rawEngine } from './engine.ts';

export interface MaxPoolOptions {
  /** [N,H,W,C]. */
  input: Float32Array;
  shape: MapShape;
  /** [N,H',W',C], H' = floor((H - 1) / 2) + 1; default a new one. */
  output?: Float32Array;
}

export interface UpsampleAddOptions {
  /** [N,h,w,C]. */
  coarse: Float32Array;
  /** h and w, at most H and W. */
  coarseSize: readonly [height: number, width: number];
  /** [N,H,W,C]. */
  fine: Float32Array;
  /** [N,H,W,C]. */
  shape: MapShape;
  /** [N,H,W,C]; may be `fine`. Default a new one. */
  output?: Float32Array;
}

/** Maximum of each 3x3 window, stride 2; outside the map there is nothing. */
export function maxPool3x3(engine: NativeEngine, options: MaxPoolOptions): Float32Array {
  const operation = 'maxPool3x3';
  const raw = rawEngine(operation, engine);
  const shape = sizes(operation, 'shape', options.shape, 4) as [number, number, number, number];
  const [batch, height, width, channels] = shape;
  const input = typed(operation, 'input', options.input, 'Float32Array', batch * height * width * channels);
  const size = batch * outputSize(height, 2) * outputSize(width, 2) * channels;
  const output = optional(operation, 'output', options.output, 'Float32Array', size) ?? new Float32Array(size);
  raw.maxPool(...shape, input, output);
  return output;
}

/** fine + coarse, the coarse map read at index floor(i h / H). */
export function upsampleAdd(engine: NativeEngine, options: UpsampleAddOptions): Float32Array {
  const operation = 'upsampleAdd';
  const raw = rawEngine(operation, engine);
  const shape = sizes(operation, 'shape', options.shape, 4) as [number, number, number, number];
  const [batch, height, width, channels] = shape;
  const coarseHeight = whole(operation, 'coarseSize[0]', options.coarseSize?.[0], 1, height);
  const coarseWidth = whole(operation, 'coarseSize[1]', options.coarseSize?.[1], 1, width);
  const coarse = typed(operation, 'coarse', options.coarse, 'Float32Array', batch * coarseHeight * coarseWidth * channels);
  const size = batch * height * width * channels;
  const fine = typed(operation, 'fine', options.fine, 'Float32Array', size);
  const output = optional(operation, 'output', options.output, 'Float32Array', size) ?? new Float32Array(size);
  raw.upsampleAdd(...shape, coarseHeight, coarseWidth, coarse, fine, output);
  return output;
}
