// Nothing that JavaScript passes may crash the process or write outside an array: bad arguments throw, at the door and at the addon.
import fc from 'fast-check';
import { binding } from './binding.ts';
import {
  convolve,
  dilate,
  drawMask,
  groupNorm,
  interpolate,
  maskHeads,
  maxPool3x3,
  nativeEngine,
  packFilter,
  packMaskHeads,
  upsampleAdd,
  upsampleBilinear,
} from './index.ts';

// biome-ignore lint/suspicious/noExplicitAny: wrong types are the point here
type Any = any;

const engine = nativeEngine({ threads: 2 });
const floats = (length: number) => new Float32Array(length);
const filter = packFilter(engine, { weights: floats(9 * 4 * 6), kernel: 3, inChannels: 4, outChannels: 6 });
const pointwise = packFilter(engine, { weights: floats(4 * 6), kernel: 1, inChannels: 4, outChannels: 6 });
const heads = packMaskHeads(engine, floats(36), floats(36), 4);
const SHAPE = [1, 5, 7, 4] as const;

function detached<T extends Float32Array | Int32Array | Uint8Array>(array: T): T {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

/** Valid options of every operation, each of which then gets one wrong. */
const operations = {
  convolve: {
    call: (options: Any) => convolve(engine, options),
    valid: () => ({
      input: floats(140),
      shape: SHAPE,
      filter,
      positions: Int32Array.of(0, 34),
      residual: floats(210),
      output: floats(210),
    }),
  },
  interpolate: {
    call: (options: Any) => interpolate(engine, options),
    valid: () => ({
      features: floats(140),
      shape: SHAPE,
      mask: new Uint8Array(35),
      fill: { kind: 'rbf', window: 7, sigma: 3 },
      where: new Uint8Array(35),
      residual: floats(140),
      output: floats(140),
    }),
  },
  maskHeads: {
    call: (options: Any) => maskHeads(engine, options),
    valid: () => ({ input: floats(140), shape: SHAPE, heads, bias: [3, 3], stride: 2 }),
  },
  drawMask: {
    call: (options: Any) => drawMask(engine, options),
    valid: () => ({
      shape: [1, 5, 7],
      probability: floats(35),
      sampler: { kind: 'stochastic', key: [1] },
      output: { mask: new Uint8Array(35), positions: new Int32Array(35) },
    }),
  },
  dilate: {
    call: (options: Any) => dilate(engine, options),
    valid: () => ({ positions: Int32Array.of(3), shape: [1, 5, 7], stride: 2 }),
  },
  maxPool3x3: {
    call: (options: Any) => maxPool3x3(engine, options),
    valid: () => ({ input: floats(140), shape: SHAPE, output: floats(48) }),
  },
  upsampleAdd: {
    call: (options: Any) => upsampleAdd(engine, options),
    valid: () => ({ coarse: floats(48), coarseSize: [3, 4], fine: floats(140), shape: SHAPE, output: floats(140) }),
  },
  upsampleBilinear: {
    call: (options: Any) => upsampleBilinear(engine, options),
    valid: () => ({ input: floats(48), factor: 2, shape: SHAPE, residual: floats(140), output: floats(140) }),
  },
  groupNorm: {
    call: (options: Any) => groupNorm(engine, options),
    valid: () => ({ input: floats(140), shape: SHAPE, groups: 2, scale: floats(4), shift: floats(4), output: floats(140) }),
  },
};

const rows: [keyof typeof operations, Record<string, unknown>, typeof TypeError | typeof RangeError, string][] = [
  ['convolve', { input: floats(139) }, RangeError, 'convolve: input has 139 elements; give 140'],
  ['convolve', { input: detached(floats(140)) }, RangeError, 'input has 0 elements (is its buffer detached?); give 140'],
  ['convolve', { input: new Float64Array(140) }, TypeError, 'input is Float64Array; give a Float32Array'],
  ['convolve', { input: { length: 140 } }, TypeError, 'input is an object; give a Float32Array'],
  ['convolve', { input: new Float32Array(new SharedArrayBuffer(560)) }, TypeError, 'input lies in a SharedArrayBuffer'],
  ['convolve', { shape: [1, 5, 7] }, TypeError, 'shape is [1,5,7]; give [N,H,W,C]'],
  ['convolve', { shape: [1, 5, Number.NaN, 4] }, RangeError, 'shape [1,5,NaN,4] is NaN; give a whole number from 1'],
  ['convolve', { shape: [1, 5, -7, 4] }, RangeError, 'is -7'],
  ['convolve', { shape: [1, 5, 7.5, 4] }, RangeError, 'is 7.5'],
  ['convolve', { shape: [1, 5, '7', 4] }, TypeError, "is '7'; give a number"],
  ['convolve', { shape: [2 ** 20, 2 ** 20, 1, 4] }, RangeError, 'give at most 2147483647 positions'],
  ['convolve', { shape: [1, 5, 7, 3] }, RangeError, 'does not match a filter of 4 input channels'],
  ['convolve', { filter: {} }, TypeError, 'filter is an object; give one made by packFilter()'],
  ['convolve', { filter: null }, TypeError, 'filter is null'],
  ['convolve', { stride: 0 }, RangeError, 'stride is 0'],
  ['convolve', { positions: Int32Array.of(0, 3, -1) }, RangeError, 'convolve: positions[2] is -1; give positions from 0 to 34'],
  ['convolve', { positions: Int32Array.of(35) }, RangeError, 'positions[0] is 35; give positions from 0 to 34'],
  ['convolve', { positions: [0, 3] }, TypeError, 'positions is an object; give a Int32Array'],
  ['convolve', { residual: floats(1) }, RangeError, 'residual has 1 elements; give 210'],
  ['convolve', { output: floats(211) }, RangeError, 'output has 211 elements; give 210'],
  ['convolve', { inputRows: true }, RangeError, 'inputRows needs kernel 1 and stride 1; the kernel is 3'],
  ['convolve', { filter: pointwise, inputRows: true }, RangeError, 'input has 140 elements; give 8'],
  ['convolve', { outputRows: true }, RangeError, 'output has 210 elements; give 12'],
  ['interpolate', { features: floats(1) }, RangeError, 'features has 1 elements; give 140'],
  ['interpolate', { mask: new Uint8Array(36) }, RangeError, 'mask has 36 elements; give 35'],
  ['interpolate', { mask: floats(35) }, TypeError, 'mask is Float32Array; give a Uint8Array'],
  ['interpolate', { fill: { kind: 'cubic' } }, TypeError, "fill is 'cubic'; give {kind: rbf | average | convolution | zeros, ...}"],
  ['interpolate', { fill: undefined }, TypeError, 'fill is undefined'],
  ['interpolate', { fill: { kind: 'rbf', window: 4, sigma: 3 } }, RangeError, 'window is 4; give an odd number'],
  ['interpolate', { fill: { kind: 'average', window: 9 } }, RangeError, 'window is 9; give a whole number from 1 to 7'],
  ['interpolate', { fill: { kind: 'rbf', window: 7, sigma: 0 } }, RangeError, 'sigma is 0; give a number above 0'],
  ['interpolate', { fill: { kind: 'rbf', window: 7, sigma: Number.NaN } }, RangeError, 'sigma is NaN'],
  ['interpolate', { fill: { kind: 'convolution', window: 3, filter: floats(35) } }, RangeError, 'filter has 35 elements; give 36'],
  ['interpolate', { where: new Uint8Array(1) }, RangeError, 'where has 1 elements'],
  ['interpolate', { residual: detached(floats(140)) }, RangeError, 'residual has 0 elements'],
  ['maskHeads', { heads: pointwise }, RangeError, 'heads of 4 channels, kernel 1, do not match shape [1,5,7,4]; use packMaskHeads'],
  ['maskHeads', { bias: [3] }, TypeError, 'bias[1] is undefined'],
  ['maskHeads', { bias: [3, Number.POSITIVE_INFINITY] }, RangeError, 'bias[1] is Infinity'],
  ['maskHeads', { output: { probability1: floats(35), probability2: floats(35) } }, RangeError, 'probability2 has 35 elements; give 12'],
  [
    'drawMask',
    { sampler: { kind: 'dense' } },
    TypeError,
    "sampler is 'dense'; give {kind: stochastic | deterministic | random | blue-noise",
  ],
  ['drawMask', { sampler: { kind: 'stochastic' } }, TypeError, "key is undefined; 'stochastic' needs one"],
  ['drawMask', { sampler: { kind: 'stochastic', key: [0.5] } }, RangeError, 'key [0.5] holds 0.5; give whole numbers'],
  ['drawMask', { sampler: { kind: 'random', key: [1] } }, TypeError, 'density is undefined'],
  ['drawMask', { sampler: { kind: 'blue-noise', key: [1] } }, TypeError, 'tile.size is undefined'],
  ['drawMask', { sampler: { kind: 'blue-noise', key: [1], tile: { size: 2, ranks: new Int32Array(5) } } }, RangeError, 'tile.ranks has 5'],
  ['drawMask', { sampler: { kind: 'stochastic', key: [1], interval: -1 } }, RangeError, 'interval is -1'],
  ['drawMask', { probability: undefined }, TypeError, 'probability is undefined'],
  ['drawMask', { output: { mask: new Uint8Array(35), positions: new Int32Array(34) } }, RangeError, 'output.positions has 34'],
  ['dilate', { positions: Int32Array.of(12) }, RangeError, 'positions[0] is 12; give positions from 0 to 11'],
  ['dilate', { kernel: 2 }, RangeError, 'kernel is 2; give an odd number'],
  ['maxPool3x3', { output: floats(47) }, RangeError, 'output has 47 elements; give 48'],
  ['upsampleAdd', { coarseSize: [6, 4] }, RangeError, 'coarseSize[0] is 6; give a whole number from 1 to 5'],
  ['upsampleAdd', { coarse: floats(49) }, RangeError, 'coarse has 49 elements; give 48'],
  ['upsampleBilinear', { factor: 0 }, RangeError, 'factor is 0; give a whole number from 1 to 1024'],
  ['upsampleBilinear', { factor: 4 }, RangeError, 'input has 48 elements; give 16'],
  ['upsampleBilinear', { residual: floats(48) }, RangeError, 'residual has 48 elements; give 140'],
  ['groupNorm', { groups: 3 }, RangeError, '3 groups do not divide 4 channels; give a divisor'],
  ['groupNorm', { groups: 8 }, RangeError, 'groups is 8; give a whole number from 1 to 4'],
  ['groupNorm', { scale: floats(2) }, RangeError, 'scale has 2 elements; give 4'],
  ['groupNorm', { shift: undefined }, TypeError, 'shift is undefined; give a Float32Array'],
];

test.each(rows)('%s %j', (name, wrong, type, message) => {
  const { call, valid } = operations[name];
  expect(() => call(valid())).not.toThrow();
  let thrown: Any;
  try {
    call({ ...valid(), ...wrong });
  } catch (error) {
    thrown = error;
  }
  expect(thrown?.message).toContain(message);
  expect(thrown?.name).toBe(type.name);
  expect(thrown?.message).toMatch(new RegExp(`^${name}: `));
});

test('an output may not lie over an input', () => {
  const buffer = new ArrayBuffer(4000);
  const input = new Float32Array(buffer, 0, 140);
  const over = 'output shares memory with';
  const { convolve, interpolate, maxPool3x3, upsampleAdd } = operations;
  expect(() => convolve.call({ ...convolve.valid(), input, output: new Float32Array(buffer, 400, 210) })).toThrow(`${over} input`);
  const positions = new Int32Array(buffer, 0, 2);
  expect(() => convolve.call({ ...convolve.valid(), positions, output: new Float32Array(buffer, 0, 210) })).toThrow(`${over} positions`);
  const residual = new Float32Array(buffer, 4, 210);
  expect(() => convolve.call({ ...convolve.valid(), residual, output: new Float32Array(buffer, 0, 210) })).toThrow(`${over} residual`);
  expect(() => maxPool3x3.call({ ...maxPool3x3.valid(), input, output: new Float32Array(buffer, 0, 48) })).toThrow(`${over} input`);
  const coarse = new Float32Array(buffer, 0, 48);
  expect(() => upsampleAdd.call({ ...upsampleAdd.valid(), coarse, output: new Float32Array(buffer, 0, 140) })).toThrow(`${over} coarse`);
  expect(() => interpolate.call({ ...interpolate.valid(), features: input, output: input })).toThrow('output is the features');
  const again = new Float32Array(buffer, 0, 140);
  expect(() => interpolate.call({ ...interpolate.valid(), features: input, output: again })).toThrow(`${over} features`);
});

test('an engine that is none is refused', () => {
  expect(() => convolve({} as Any, operations.convolve.valid())).toThrow('convolve: engine is an object; give one made by nativeEngine()');
  expect(() => packFilter(undefined as Any, {} as Any)).toThrow(TypeError);
});

describe('the addon itself, without its door', () => {
  const { Engine, Filter } = binding() as Any;
  const raw = new Engine(binding().available[0], 2);
  const rawFilter = new Filter(raw, 3, 4, 6, floats(216), null);
  const methods = ['convolve', 'interpolate', 'maskHeads', 'drawMask', 'dilate', 'maxPool', 'upsampleAdd'];
  const oddities = [raw, rawFilter, {}, Object.create(Filter.prototype), Object.create(Engine.prototype), Filter, Symbol('s'), 10n];
  const arrays = fc.oneof(
    fc.integer({ min: 0, max: 300 }).map(floats),
    fc.integer({ min: 0, max: 50 }).map((length) => new Uint8Array(length).fill(1)),
    fc.array(fc.integer({ min: -5, max: 60 }), { maxLength: 40 }).map((values) => Int32Array.from(values)),
    fc.constant(null).map(() => detached(floats(140))),
  );
  const size = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, -1, 0.5, Number.NaN, 2 ** 24, 2 ** 31, 2 ** 53, 1e300));
  const argument = fc.oneof(size, arrays, fc.boolean(), fc.constantFrom(null, undefined, ...oddities), fc.anything());

  test('any arguments: it throws or works', () => {
    fc.assert(
      fc.property(fc.constantFrom(...methods), fc.array(argument, { maxLength: 18 }), (method, args) => {
        try {
          raw[method](...args);
        } catch (error) {
          expect(['TypeError', 'RangeError']).toContain((error as Error).name);
        }
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  test('nearly right arguments: one of a valid list replaced', () => {
    const lists: Record<string, () => unknown[]> = {
      convolve: () => [rawFilter, ...SHAPE, 1, Int32Array.of(0, 34), false, floats(140), floats(210), true, false, floats(210)],
      interpolate: () => [...SHAPE, floats(140), new Uint8Array(35), 0, 7, 3, null, null, floats(140), true, floats(140)],
      drawMask: () => [1, 5, 7, 1, 0, floats(35), 0, Float64Array.of(1), 0, null, 3, new Uint8Array(35), new Int32Array(35)],
      dilate: () => [1, 5, 7, 1, 3, 2, Int32Array.of(3), new Uint8Array(35), new Int32Array(35)],
      maxPool: () => [...SHAPE, floats(140), floats(48)],
      upsampleAdd: () => [...SHAPE, 3, 4, floats(48), floats(140), floats(140)],
    };
    for (const [method, list] of Object.entries(lists)) expect(() => raw[method](...list())).not.toThrow();
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(lists)), fc.nat(17), argument, (method, at, wrong) => {
        const args = list(lists[method], at, wrong);
        try {
          raw[method](...args);
        } catch (error) {
          expect(['TypeError', 'RangeError']).toContain((error as Error).name);
        }
      }),
      { numRuns: 3000, seed: 2 },
    );
  });

  test('constructors and methods refuse what is not theirs', () => {
    expect(() => new Engine('mmx', 1)).toThrow('Engine: isa is not one that this processor and this build have');
    expect(() => new Engine(binding().available[0], 0)).toThrow('Engine: threads is not a whole number from 1 to 256');
    expect(() => new Filter(rawFilter, 3, 4, 6, floats(216), null)).toThrow('engine is not one made by this addon');
    expect(() => new Filter(raw, 2, 4, 6, floats(96), null)).toThrow('kernel is even');
    expect(() => new Filter(raw, 3, 4, 6, floats(215), null)).toThrow('weights has 215 elements; give 216');
    // The addon's errors are those of Node's own realm, not of the test's, so they are told by their names.
    const illegal = [
      () => Engine(binding().available[0], 1),
      () => Engine.prototype.convolve.call(rawFilter),
      () => Engine.prototype.convolve.call({}),
      () => raw.convolve(Object.setPrototypeOf(new Engine(binding().available[0], 1), Filter.prototype)),
    ];
    for (const call of illegal) expect(call).toThrow(expect.objectContaining({ name: 'TypeError' }));
  });
});

function list(make: () => unknown[], at: number, wrong: unknown): unknown[] {
  const args = make();
  args[at % args.length] = wrong;
  return args;
}
