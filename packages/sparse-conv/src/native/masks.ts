// Masks at inference, in compiled code: the draw, and which inputs the drawn outputs need. Paper, sections 3.1 and 3.3.
import { describe, finite, listed, odd, sizes, typed, whole } from './check.ts';
import { type NativeEngine, rawEngine } from './engine.ts';

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

const KINDS = ['stochastic', 'deterministic', 'random', 'blue-noise'];

/** Draws a mask: what sampleMask of @stint/core-sampling gives for the same probabilities and key, as a map and as a list. */
export function drawMask(engine: NativeEngine, { shape, probability, sampler, output }: DrawMaskOptions): NativeMask {
  const operation = 'drawMask';
  const raw = rawEngine(operation, engine);
  const [batch, height, width] = sizes(operation, 'shape', shape, 3);
  const cells = batch * height * width;
  const { kind, density, key, tileSize, tile, interval } = samplerOf(operation, sampler);
  const values = sampler.kind === 'random' ? null : typed(operation, 'probability', probability, 'Float32Array', cells);
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

/** The addon's terms for a sampler; checked. */
export function samplerOf(operation: string, sampler: NativeSampler) {
  const kind = KINDS.indexOf(sampler?.kind);
  if (kind < 0)
    throw new TypeError(`${operation}: sampler is ${describe(sampler?.kind ?? sampler)}; give {kind: ${KINDS.join(' | ')}, ...}`);
  const tileSize = sampler.kind === 'blue-noise' ? whole(operation, 'tile.size', sampler.tile?.size, 1, 1024) : 0;
  return {
    kind,
    density: sampler.kind === 'random' ? finite(operation, 'density', sampler.density) : 0,
    key: sampler.kind === 'deterministic' ? new Float64Array(0) : keyOf(operation, sampler),
    tileSize,
    tile: tileSize ? typed(operation, 'tile.ranks', sampler.tile?.ranks, 'Int32Array', tileSize ** 2) : null,
    interval: whole(operation, 'interval', sampler.interval ?? 0, 0, 2 ** 31 - 1),
  };
}

function memoryOf(operation: string, output: MaskMemory | undefined, cells: number): MaskMemory {
  const { mask, positions } = output ?? { mask: new Uint8Array(cells), positions: new Int32Array(cells) };
  return {
    mask: typed(operation, 'output.mask', mask, 'Uint8Array', cells),
    positions: typed(operation, 'output.positions', positions, 'Int32Array', cells),
  };
}

function keyOf(operation: string, { kind, key }: NativeSampler): Float64Array {
  if (!Array.isArray(key)) throw new TypeError(`${operation}: key is ${describe(key)}; '${kind}' needs one, such as [seed, step, layer]`);
  for (const part of key) {
    if (!Number.isSafeInteger(part))
      throw new RangeError(
        `${operation}: key ${listed(key)} holds ${typeof part === 'number' ? part : describe(part)}; give whole numbers`,
      );
  }
  return Float64Array.from(key);
}
