// Interpolation of the positions that were not computed, in compiled code. Paper, section 3.2; definitions in @stint/interpolation.
import { describe, finite, type MapShape, mapShape, odd, optional, outputFor, typed } from './check.ts';
import { type NativeEngine, rawEngine } from './engine.ts';

/** As the specification of @stint/interpolation; windows up to 7. The filter of a convolution is [window,window,C]. */
export type NativeFill =
  | { kind: 'rbf'; window: number; sigma: number }
  | { kind: 'average'; window: number }
  | { kind: 'convolution'; window: number; filter: Float32Array }
  | { kind: 'zeros' };

export interface InterpolateOptions {
  /** [N,H,W,C]; read where the mask is not 0. */
  features: Float32Array;
  shape: MapShape;
  /** [N,H,W]: not 0 where the features were computed. */
  mask: Uint8Array;
  fill: NativeFill;
  /** [N,H,W]: unsampled positions where it is 0 are left as they are in the output. Default: none. */
  where?: Uint8Array;
  /** [N,H,W,C], added at every position, after the interpolation. May be the output. */
  residual?: Float32Array;
  /** At every position, last. */
  relu?: boolean;
  /** [N,H,W,C]; default a new one. The features themselves: only unsampled positions are written; not with residual or relu. */
  output?: Float32Array;
}

const KINDS = ['rbf', 'average', 'convolution', 'zeros'];
const MAX_WINDOW = 7;

/**
 * relu(M F + (1 - M) Fhat + residual). What float32 does not notice of a Gaussian kernel is not computed.
 * @returns the output.
 */
export function interpolate(engine: NativeEngine, options: InterpolateOptions): Float32Array {
  const operation = 'interpolate';
  const raw = rawEngine(operation, engine);
  const shape = mapShape(operation, options.shape);
  const [batch, height, width, channels] = shape;
  const cells = batch * height * width;
  const features = typed(operation, 'features', options.features, 'Float32Array', cells * channels);
  const mask = typed(operation, 'mask', options.mask, 'Uint8Array', cells);
  const { kind, window, sigma, filter } = fillOf(operation, options.fill, channels);
  const where = optional(operation, 'where', options.where, 'Uint8Array', cells);
  const residual = optional(operation, 'residual', options.residual, 'Float32Array', cells * channels);
  const output = outputFor(operation, options.output, cells * channels);
  const relu = Boolean(options.relu);
  if (output === features && (residual || relu)) {
    throw new RangeError('interpolate: output is the features, which residual and relu would spoil for their neighbours; give another one');
  }
  raw.interpolate(...shape, features, mask, kind, window, sigma, filter, where, residual, relu, output);
  return output;
}

/** The addon's terms for a fill; checked. */
export function fillOf(operation: string, fill: NativeFill, channels: number) {
  const kind = KINDS.indexOf(fill?.kind);
  if (kind < 0) throw new TypeError(`${operation}: fill is ${describe(fill?.kind ?? fill)}; give {kind: ${KINDS.join(' | ')}, ...}`);
  const window = fill.kind === 'zeros' ? 1 : odd(operation, 'window', fill.window, MAX_WINDOW);
  const sigma = fill.kind === 'rbf' ? finite(operation, 'sigma', fill.sigma) : 1;
  if (!(sigma > 0)) throw new RangeError(`${operation}: sigma is ${sigma}; give a number above 0`);
  const filter = fill.kind === 'convolution' ? typed(operation, 'filter', fill.filter, 'Float32Array', window * window * channels) : null;
  return { kind, window, sigma, filter };
}
