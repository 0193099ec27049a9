// What networks need besides, in compiled code: pooling, the feature pyramid's up- and subsampling, the image as the network's input.
import { outputSize } from '../positions.ts';
import { finite, type MapShape, mapShape, outputFor, typed, whole } from './check.ts';
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
  const shape = mapShape(operation, options.shape);
  const [batch, height, width, channels] = shape;
  const input = typed(operation, 'input', options.input, 'Float32Array', batch * height * width * channels);
  const size = batch * outputSize(height, 2) * outputSize(width, 2) * channels;
  const output = outputFor(operation, options.output, size);
  raw.maxPool(...shape, input, output);
  return output;
}

/** fine + coarse, the coarse map read at index floor(i h / H). */
export function upsampleAdd(engine: NativeEngine, options: UpsampleAddOptions): Float32Array {
  const operation = 'upsampleAdd';
  const raw = rawEngine(operation, engine);
  const shape = mapShape(operation, options.shape);
  const [batch, height, width, channels] = shape;
  const coarseHeight = whole(operation, 'coarseSize[0]', options.coarseSize?.[0], 1, height);
  const coarseWidth = whole(operation, 'coarseSize[1]', options.coarseSize?.[1], 1, width);
  const coarse = typed(operation, 'coarse', options.coarse, 'Float32Array', batch * coarseHeight * coarseWidth * channels);
  const size = batch * height * width * channels;
  const fine = typed(operation, 'fine', options.fine, 'Float32Array', size);
  const output = outputFor(operation, options.output, size);
  raw.upsampleAdd(...shape, coarseHeight, coarseWidth, coarse, fine, output);
  return output;
}

export interface SubsampleOptions {
  /** [N,H,W,C]. */
  input: Float32Array;
  shape: MapShape;
  /** Default 2. */
  stride?: number;
  /** [N,H',W',C], H' = floor((H - 1) / stride) + 1; default a new one. */
  output?: Float32Array;
}

/** Every stride-th row and column. */
export function subsample(engine: NativeEngine, options: SubsampleOptions): Float32Array {
  const operation = 'subsample';
  const raw = rawEngine(operation, engine);
  const shape = mapShape(operation, options.shape);
  const [batch, height, width, channels] = shape;
  const stride = whole(operation, 'stride', options.stride ?? 2, 1, 16);
  const input = typed(operation, 'input', options.input, 'Float32Array', batch * height * width * channels);
  const size = batch * outputSize(height, stride) * outputSize(width, stride) * channels;
  const output = outputFor(operation, options.output, size);
  raw.subsample(...shape, stride, input, output);
  return output;
}

export interface MeanPoolOptions {
  /** [N,H,W,C]. */
  input: Float32Array;
  shape: MapShape;
  /** [N,C]; default a new one. */
  output?: Float32Array;
}

/** Mean over all positions. */
export function meanPool(engine: NativeEngine, options: MeanPoolOptions): Float32Array {
  const operation = 'meanPool';
  const raw = rawEngine(operation, engine);
  const shape = mapShape(operation, options.shape);
  const [batch, height, width, channels] = shape;
  const input = typed(operation, 'input', options.input, 'Float32Array', batch * height * width * channels);
  const output = outputFor(operation, options.output, batch * channels);
  raw.meanPool(...shape, input, output);
  return output;
}

export interface NormaliseImageOptions {
  /** RGB bytes [height,width,3]. */
  image: { data: Uint8Array; height: number; width: number };
  /** [1,H,W,3] of the output, at least the image's size. */
  shape: MapShape;
  /** Of bytes (0..255). */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  /** [1,H,W,3]; default a new one. */
  output?: Float32Array;
}

/** (byte - mean) / std, the image at the top left, zeros right of and below it. */
export function normaliseImage(engine: NativeEngine, options: NormaliseImageOptions): Float32Array {
  const operation = 'normaliseImage';
  const raw = rawEngine(operation, engine);
  const shape = mapShape(operation, options.shape);
  const [batch, height, width, channels] = shape;
  if (batch !== 1 || channels !== 3) throw new RangeError(`normaliseImage: shape is [${shape}]; give [1,H,W,3]`);
  const { image } = options;
  whole(operation, 'image.height', image?.height, 1, height);
  whole(operation, 'image.width', image.width, 1, width);
  const data = typed(operation, 'image.data', image.data, 'Uint8Array', image.height * image.width * 3);
  const three = (name: 'mean' | 'std') =>
    [0, 1, 2].map((i) => finite(operation, `${name}[${i}]`, options[name]?.[i])) as [number, number, number];
  const output = outputFor(operation, options.output, height * width * 3);
  raw.normaliseImage(...shape, ...three('mean'), ...three('std'), image.height, image.width, data, output);
  return output;
}
