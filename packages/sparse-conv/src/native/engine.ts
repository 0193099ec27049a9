// An engine: kernels of one instruction set, a number of threads, scratch memory. And the filters packed for it.
import { binding, type Isa, type RawEngine, type RawFilter } from './binding.ts';
import { describe, odd, optional, typed, whole } from './check.ts';

export interface EngineOptions {
  /** Instruction set; default $STINT_ISA, else the fastest that the processor has. */
  isa?: Isa;
  /** Threads that share each operation, the caller's among them. Default 1. */
  threads?: number;
}

/** One at a time works with an engine: operations are synchronous and share its scratch memory. */
export interface NativeEngine {
  readonly isa: Isa;
  readonly threads: number;
  /** Floats of one vector register. */
  readonly simdWidth: number;
}

export interface NativeInfo extends NativeEngine {
  /** Instruction sets of this build that the processor has, the fastest first. */
  readonly available: readonly Isa[];
}

/** Weights in the order in which the kernels of one instruction set read them. */
export interface PackedFilter {
  readonly isa: Isa;
  readonly kernel: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

export interface FilterOptions {
  /** [k,k,Cin,Cout], as TensorFlow.js has it. Copied. */
  weights: Float32Array;
  /** k, odd, up to 15. */
  kernel: number;
  inChannels: number;
  outChannels: number;
  /** [Cout], added at every computed position. Copied. */
  bias?: Float32Array;
}

const engines = new WeakMap<NativeEngine, RawEngine>();
const filters = new WeakMap<PackedFilter, RawFilter>();

const MAX_THREADS = 256;
const MAX_CHANNELS = 2 ** 20;

/**
 * Starts an engine and its threads; they end with it, when nothing refers to it any more.
 * Throws a RangeError for an instruction set that the processor or the build has not.
 */
export function nativeEngine(options: EngineOptions = {}): NativeEngine {
  const { available, Engine } = binding();
  const isa = options.isa ?? ((process.env.STINT_ISA || available[0]) as Isa);
  if (!available.includes(isa)) {
    const source = options.isa === undefined ? ' (from STINT_ISA)' : '';
    const shown = typeof isa === 'string' ? `'${isa}'` : describe(isa);
    throw new RangeError(`nativeEngine: isa is ${shown}${source}, which this processor or build has not; give ${available.join(' or ')}`);
  }
  const threads = whole('nativeEngine', 'threads', options.threads ?? 1, 1, MAX_THREADS);
  const raw = new Engine(isa, threads);
  const engine = Object.freeze({ isa, threads, simdWidth: raw.simdWidth });
  engines.set(engine, raw);
  return engine;
}

/** What an engine with these options would run with. */
export function nativeInfo(options: EngineOptions = {}): NativeInfo {
  return { ...nativeEngine(options), available: [...binding().available] };
}

/** Packs a convolution's weights for an engine (and every other of its instruction set). */
export function packFilter(engine: NativeEngine, { weights, kernel, inChannels, outChannels, bias }: FilterOptions): PackedFilter {
  const operation = 'packFilter';
  const raw = rawEngine(operation, engine);
  odd(operation, 'kernel', kernel, 15);
  whole(operation, 'inChannels', inChannels, 1, MAX_CHANNELS);
  whole(operation, 'outChannels', outChannels, 1, MAX_CHANNELS);
  const values = typed(operation, 'weights', weights, 'Float32Array', kernel * kernel * inChannels * outChannels);
  const offsets = optional(operation, 'bias', bias, 'Float32Array', outChannels);
  const packed = Object.freeze({ isa: engine.isa, kernel, inChannels, outChannels });
  filters.set(packed, new (binding().Filter)(raw, kernel, inChannels, outChannels, values, offsets));
  return packed;
}

export function rawEngine(operation: string, engine: NativeEngine): RawEngine {
  const raw = engines.get(engine);
  if (!raw) throw new TypeError(`${operation}: engine is ${describe(engine)}; give one made by nativeEngine()`);
  return raw;
}

/** The addon's filter, packed for the engine's instruction set. */
export function rawFilter(operation: string, name: string, filter: PackedFilter, engine: NativeEngine): RawFilter {
  const raw = filters.get(filter);
  if (!raw) throw new TypeError(`${operation}: ${name} is ${describe(filter)}; give one made by packFilter()`);
  if (filter.isa !== engine.isa) {
    throw new RangeError(`${operation}: ${name} was packed for ${filter.isa}, the engine runs ${engine.isa}; pack it with this engine`);
  }
  return raw;
}
