// Convolution at sampled positions, in compiled code: sampledConv2d without tensors. Paper, section 3.1.
import { outputSize } from '../positions.ts';
import { type MapShape, mapShape, optional, outputFor, typed, whole } from './check.ts';
import { type NativeEngine, type PackedFilter, rawEngine, rawFilter } from './engine.ts';

export interface ConvolveOptions {
  /** [N,H,W,Cin]; with `inputRows` [S,Cin]. */
  input: Float32Array;
  /** [N,H,W,Cin] of the input map. */
  shape: MapShape;
  filter: PackedFilter;
  /** Default 1. The zero padding is kernel >> 1. */
  stride?: number;
  /** Flat output positions (n H' + y) W' + x, best ascending, each once; default all of them. */
  positions?: Int32Array;
  /** [N,H',W',Cout], read at the positions and added before the ReLU. May be the output. */
  residual?: Float32Array;
  relu?: boolean;
  /** Row i of the input is the input at positions[i]: kernel 1, stride 1. */
  inputRows?: boolean;
  /** Row i of the output is the output at positions[i]. */
  outputRows?: boolean;
  /** [N,H',W',Cout], written at the positions and nowhere else; with `outputRows` [S,Cout]. Default: a new one, of zeros. */
  output?: Float32Array;
}

/**
 * relu(convolution + bias + residual) at the positions, S of them, with S k^2 Cin Cout multiply-adds.
 * @returns the output.
 */
export function convolve(engine: NativeEngine, options: ConvolveOptions): Float32Array {
  const operation = 'convolve';
  const raw = rawEngine(operation, engine);
  const filter = rawFilter(operation, 'filter', options.filter, engine);
  const { kernel, inChannels, outChannels } = options.filter;
  const [batch, height, width, channels] = mapShape(operation, options.shape);
  if (channels !== inChannels) {
    throw new RangeError(`convolve: shape [${options.shape}] does not match a filter of ${inChannels} input channels`);
  }
  const stride = whole(operation, 'stride', options.stride ?? 1, 1, 16);
  const cells = batch * outputSize(height, stride) * outputSize(width, stride);
  const positions = optional(operation, 'positions', options.positions, 'Int32Array');
  const count = positions ? positions.length : cells;
  const { relu = false, inputRows = false, outputRows = false } = options;
  if (inputRows && (kernel !== 1 || stride !== 1)) {
    throw new RangeError(`convolve: inputRows needs kernel 1 and stride 1; the kernel is ${kernel}, the stride ${stride}`);
  }
  const input = typed(operation, 'input', options.input, 'Float32Array', (inputRows ? count : batch * height * width) * channels);
  const residual = optional(operation, 'residual', options.residual, 'Float32Array', cells * outChannels);
  const size = (outputRows ? count : cells) * outChannels;
  const output = outputFor(operation, options.output, size);
  const shape = [batch, height, width, channels] as const;
  raw.convolve(filter, ...shape, stride, positions, Boolean(inputRows), input, residual, Boolean(relu), Boolean(outputRows), output);
  return output;
}
