// The two mask heads of a block as one pass over its input, in compiled code. Paper, section 3.1.
import { outputSize } from '../positions.ts';
import { finite, type MapShape, mapShape, typed, whole } from './check.ts';
import { type NativeEngine, type PackedFilter, packFilter, rawEngine, rawFilter } from './engine.ts';

const TAPS = 9;

export interface MaskHeadsOptions {
  /** [N,H,W,C], the block's input. */
  input: Float32Array;
  shape: MapShape;
  /** From packMaskHeads. */
  heads: PackedFilter;
  /** Of head 1 and head 2. A number added to both moves the density of a whole network. */
  bias: readonly [number, number];
  /** Of head 2, the block's; head 1 has stride 1. Default 1. */
  stride?: number;
  /** [N,H,W] and [N,H',W']; default new ones. */
  output?: { probability1: Float32Array; probability2: Float32Array };
}

/** The two mask heads of a block, [3,3,C,1] each, as one filter of 18 outputs (mask_heads.cc says why). */
export function packMaskHeads(engine: NativeEngine, head1: Float32Array, head2: Float32Array, channels: number): PackedFilter {
  const operation = 'packMaskHeads';
  const inChannels = whole(operation, 'channels', channels, 1, 2 ** 20);
  const weights = new Float32Array(inChannels * 2 * TAPS);
  [head1, head2].forEach((head, i) => {
    const values = typed(operation, `head${i + 1}`, head, 'Float32Array', TAPS * inChannels);
    for (let tap = 0; tap < TAPS; tap++) {
      for (let c = 0; c < inChannels; c++) weights[c * 2 * TAPS + i * TAPS + tap] = values[tap * inChannels + c];
    }
  });
  return packFilter(engine, { weights, kernel: 1, inChannels, outChannels: 2 * TAPS });
}

/** Probabilities pi1 [N,H,W] and pi2 [N,H',W']: sigmoid of both heads, in one pass over the input. */
export function maskHeads(engine: NativeEngine, options: MaskHeadsOptions): { probability1: Float32Array; probability2: Float32Array } {
  const operation = 'maskHeads';
  const raw = rawEngine(operation, engine);
  const heads = rawFilter(operation, 'heads', options.heads, engine);
  const shape = mapShape(operation, options.shape);
  const [batch, height, width, channels] = shape;
  const { inChannels, outChannels, kernel } = options.heads;
  if (kernel !== 1 || outChannels !== 2 * TAPS || inChannels !== channels) {
    throw new RangeError(
      `maskHeads: heads of ${inChannels} channels, kernel ${kernel}, do not match shape [${options.shape}]; use packMaskHeads`,
    );
  }
  const input = typed(operation, 'input', options.input, 'Float32Array', batch * height * width * channels);
  const stride = whole(operation, 'stride', options.stride ?? 1, 1, 16);
  const [bias1, bias2] = [0, 1].map((i) => finite(operation, `bias[${i}]`, options.bias?.[i]));
  const cells1 = batch * height * width;
  const cells2 = batch * outputSize(height, stride) * outputSize(width, stride);
  const { probability1, probability2 } = options.output ?? {
    probability1: new Float32Array(cells1),
    probability2: new Float32Array(cells2),
  };
  typed(operation, 'probability1', probability1, 'Float32Array', cells1);
  typed(operation, 'probability2', probability2, 'Float32Array', cells2);
  raw.maskHeads(heads, ...shape, input, bias1, 1, probability1, bias2, stride, probability2);
  return { probability1, probability2 };
}
