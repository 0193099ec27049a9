// Group normalisation (Wu and He 2018) in compiled code: every group of channels of an image to mean 0 and variance 1 over its pixels, then a
// scale and a shift a channel. torch's conventions: biased variance, 1e-5 inside the root.
import { type MapShape, mapShape, outputFor, typed, whole } from './check.ts';
import { type NativeEngine, rawEngine } from './engine.ts';

export interface GroupNormOptions {
  /** [N,H,W,C]. */
  input: Float32Array;
  shape: MapShape;
  /** Divides C. */
  groups: number;
  /** [C]. */
  scale: Float32Array;
  /** [C]. */
  shift: Float32Array;
  /** Rectify the result; default false. */
  relu?: boolean;
  /** [N,H,W,C]; may be the input. Default a new one. */
  output?: Float32Array;
}

/** scale (x - mean) / sqrt(variance + 1e-5) + shift. */
export function groupNorm(engine: NativeEngine, options: GroupNormOptions): Float32Array {
  const operation = 'groupNorm';
  const raw = rawEngine(operation, engine);
  const shape = mapShape(operation, options.shape);
  const [batch, height, width, channels] = shape;
  const groups = whole(operation, 'groups', options.groups, 1, channels);
  if (channels % groups !== 0) throw new RangeError(`${operation}: ${groups} groups do not divide ${channels} channels; give a divisor`);
  const scale = typed(operation, 'scale', options.scale, 'Float32Array', channels);
  const shift = typed(operation, 'shift', options.shift, 'Float32Array', channels);
  const size = batch * height * width * channels;
  const input = typed(operation, 'input', options.input, 'Float32Array', size);
  const output = outputFor(operation, options.output, size);
  raw.groupNorm(...shape, groups, Boolean(options.relu), scale, shift, input, output);
  return output;
}
