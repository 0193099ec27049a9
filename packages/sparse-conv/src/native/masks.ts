// Masks at inference, in compiled code: probabilities from the two mask heads, the draw, and which inputs the drawn outputs need.
// Paper, sections 3.1 and 3.3.
import { outputSize } from '../positions.ts';
import { describe, finite, type MapShape, odd, optional, sizes, typed, whole } from './check.ts';
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

/** A mask as a map and as the list of its positions, ascending. */
export interface NativeMask {
  /** [N,H,W]: 0 or 1. */
  mask: Uint8Array;
  positions: Int32Array;
}

/** Memory to write a mask into: [N,H,W] each. The positions that are returned are the beginning of the given array. */
export type MaskMemory = { mask: Uint8Array; positions: Int32Array };

/** As Sampler of @stint/core-sampling; same key, same mask. */
export interface NativeSampler {
  kind: 'stochastic' | 'deterministic' | 'random' | 'blue-noise';
  /** Of the grid prior, in cells; default 0: none. */
  interval?: number;
  /** Whole numbers that name the noise; all kinds but 'deterministic'. */
  key?: readonly number[];
  /** 'random'. */
  density?: number;
  /** 'blue-noise': ranks 0 .. size^2 - 1, [size,size]. */
  tile?: { ranks: Int32Array; size: number };
}

export interface DrawMaskOptions {
  /** [N,H,W]. */
  shape: readonly [batch: number, height: number, width: number];
  /** [N,H,W]; all kinds but 'random'. */
  probability?: Float32Array;
  sampler: NativeSampler;
  output?: MaskMemory;
}

export interface DilateOptions {
  /** Output positions of a convolution. */
  positions: Int32Array;
  /** [N,H,W] of its input. */
  shape: readonly [batch: number, height: number, width: number];
  /** Default 3. */
  kernel?: number;
  /** Default 1. */
  stride?: number;
  output?: MaskMemory;
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
  const shape = sizes(operation, 'shape', options.shape, 4) as [number, number, number, number];
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

const KINDS = ['stochastic', 'deterministic', 'random', 'blue-noise'];

/** Draws a mask: what sampleMask of @stint/core-sampling gives for the same probabilities and key, as a map and as a list. */
export function drawMask(engine: NativeEngine, { shape, probability, sampler, output }: DrawMaskOptions): NativeMask {
  const operation = 'drawMask';
  const raw = rawEngine(operation, engine);
  const [batch, height, width] = sizes(operation, 'shape', shape, 3);
  const cells = batch * height * width;
  const kind = KINDS.indexOf(sampler?.kind);
  if (kind < 0) throw new TypeError(`drawMask: sampler is ${describe(sampler?.kind ?? sampler)}; give {kind: ${KINDS.join(' | ')}, ...}`);
  const values = sampler.kind === 'random' ? null : typed(operation, 'probability', probability, 'Float32Array', cells);
  const key = sampler.kind === 'deterministic' ? new Float64Array(0) : keyOf(sampler);
  const density = sampler.kind === 'random' ? finite(operation, 'density', sampler.density) : 0;
  const tileSize = sampler.kind === 'blue-noise' ? whole(operation, 'tile.size', sampler.tile?.size, 1, 1024) : 0;
  const tile = tileSize ? typed(operation, 'tile.ranks', sampler.tile?.ranks, 'Int32Array', tileSize ** 2) : null;
  const interval = whole(operation, 'interval', sampler.interval ?? 0, 0, 2 ** 31 - 1);
  const memory = memoryOf(operation, output, cells);
  const count = raw.drawMask(
    ...([batch, height, width, 1] as const),
    kind,
    values,
    density,
    key,
    tileSize,
    tile,
    interval,
    memory.mask,
    memory.positions,
  );
  return { mask: memory.mask, positions: memory.positions.subarray(0, count) };
}

/** The inputs that a convolution reads to compute the given output positions. */
export function dilate(engine: NativeEngine, options: DilateOptions): NativeMask {
  const operation = 'dilate';
  const raw = rawEngine(operation, engine);
  const [batch, height, width] = sizes(operation, 'shape', options.shape, 3);
  const kernel = odd(operation, 'kernel', options.kernel ?? 3, 15);
  const stride = whole(operation, 'stride', options.stride ?? 1, 1, 16);
  const outputs = typed(operation, 'positions', options.positions, 'Int32Array');
  const { mask, positions } = memoryOf(operation, options.output, batch * height * width);
  const count = raw.dilate(batch, height, width, 1, kernel, stride, outputs, mask, positions);
  return { mask, positions: positions.subarray(0, count) };
}

function memoryOf(operation: string, output: MaskMemory | undefined, cells: number): MaskMemory {
  const { mask, positions } = output ?? { mask: new Uint8Array(cells), positions: new Int32Array(cells) };
  return {
    mask: typed(operation, 'output.mask', mask, 'Uint8Array', cells),
    positions: typed(operation, 'output.positions', positions, 'Int32Array', cells),
  };
}

function keyOf({ kind, key }: NativeSampler): Float64Array {
  if (!Array.isArray(key)) throw new TypeError(`drawMask: key is ${describe(key)}; '${kind}' needs one, such as [seed, step, layer]`);
  for (const part of key) {
    if (!Number.isSafeInteger(part)) throw new RangeError(`drawMask: key [${key}] holds ${part}; give whole numbers`);
  }
  return Float64Array.from(key);
}
