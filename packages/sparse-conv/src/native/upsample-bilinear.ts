// Bilinear up-sampling in compiled code, as segmentation heads do it between their convolutions: half-pixel centres (torch: interpolate with
// align_corners=False).
import { type MapShape, mapShape, optional, outputFor, typed, whole } from './check.ts';
import { type NativeEngine, rawEngine } from './engine.ts';

export interface UpsampleBilinearOptions {
  /** [N,ceil(H / factor),ceil(W / factor),C]. */
  input: Float32Array;
  /** Pixels of the output a pixel of the input, along each axis. */
  factor: number;
  /** [N,H,W,C] of the output: what reaches past it at the right and the bottom is cut. */
  shape: MapShape;
  /** [N,H,W,C], added; may be the output. */
  residual?: Float32Array;
  /** [N,H,W,C]; default a new one. */
  output?: Float32Array;
}

const MAX_FACTOR = 1024;

/** The input at `factor` times its size, cut to `shape`, plus the residual. */
export function upsampleBilinear(engine: NativeEngine, options: UpsampleBilinearOptions): Float32Array {
  const operation = 'upsampleBilinear';
  const raw = rawEngine(operation, engine);
  const shape = mapShape(operation, options.shape);
  const [batch, height, width, channels] = shape;
  const factor = whole(operation, 'factor', options.factor, 1, MAX_FACTOR);
  const [from, size] = [batch * Math.ceil(height / factor) * Math.ceil(width / factor) * channels, batch * height * width * channels];
  const input = typed(operation, 'input', options.input, 'Float32Array', from);
  const residual = optional(operation, 'residual', options.residual, 'Float32Array', size);
  const output = outputFor(operation, options.output, size);
  raw.upsampleBilinear(...shape, factor, input, residual, output);
  return output;
}
