// Whatever JavaScript makes of a program, at the door or at the addon, it is refused or it runs; the process never falls over. (The
// sanitized build runs these cases too: there, reading or writing outside of the arena would end the process.)
import fc from 'fast-check';
import { binding } from './binding.ts';
import { nativeEngine, nativeProgram, packFilter, packMaskHeads } from './index.ts';

// biome-ignore lint/suspicious/noExplicitAny: wrong types are the point here
type Any = any;

// Each case waits for another thread, which takes its time where many processes share few cores.

const engine = nativeEngine();
const floats = (length: number) => new Float32Array(length).fill(0.5);
const filter = packFilter(engine, { weights: floats(9 * 16), kernel: 3, inChannels: 4, outChannels: 4 });
const pointwise = packFilter(engine, { weights: floats(16), kernel: 1, inChannels: 4, outChannels: 4 });
const heads = packMaskHeads(engine, floats(36), floats(36), 4);
const span = (index: number) => ({ offset: 64 * index, length: 64 });

/** A valid program of every kind of step; masks as in its `masks`. */
const whole = () => ({
  arena: 512,
  images: 1,
  masks: [
    [1, 4, 4],
    [1, 2, 2],
    [1, 4, 4],
    [1, 1, 4],
  ],
  inputs: [span(0), { offset: 448, length: 16 }],
  outputs: [span(4), span(5)],
  steps: [
    { op: 'image', image: 0, shape: [1, 4, 4, 3], mean: [1, 2, 3], std: [4, 5, 6], output: span(6) },
    { op: 'maskHeads', input: span(0), shape: [1, 4, 4, 4], heads, bias: [0, 0], stride: [1, 2], outputs: [span(1), span(2)] },
    { op: 'drawMask', probability: span(1), mask: 0, sampler: { kind: 'stochastic', key: [1], interval: 3 } },
    {
      op: 'drawMask',
      probability: span(2),
      mask: 1,
      sampler: { kind: 'blue-noise', key: [2], tile: { size: 1, ranks: new Int32Array(1) } },
    },
    { op: 'dilate', from: 1, mask: 2, kernel: 3, stride: 2 },
    { op: 'convolve', filter, input: span(0), shape: [1, 4, 4, 4], at: 0, relu: true, output: span(3), whenFull: { output: span(4) } },
    {
      ...{ op: 'interpolate', features: span(3), shape: [1, 4, 4, 4], mask: 0, where: 2, unlessFull: 0, output: span(3) },
      fill: { kind: 'convolution', window: 3, filter: floats(36) },
    },
    { op: 'convolve', filter: pointwise, input: span(3), shape: [1, 4, 4, 4], at: 0, inputRows: true, residual: span(0), output: span(4) },
    {
      op: 'interpolate',
      features: span(4),
      shape: [1, 4, 4, 4],
      mask: 0,
      fill: { kind: 'rbf', window: 7, sigma: 1 },
      residual: span(0),
      output: span(5),
    },
    { op: 'maxPool3x3', input: span(3), shape: [1, 4, 4, 4], output: span(1) },
    { op: 'upsampleAdd', coarse: span(1), coarseSize: [2, 2], fine: span(3), shape: [1, 4, 4, 4], output: span(3) },
    { op: 'subsample', input: span(3), shape: [1, 4, 4, 4], stride: 2, output: span(2) },
    { op: 'meanPool', input: span(3), shape: [1, 4, 4, 4], output: span(4) },
    { op: 'groupNorm', input: span(3), shape: [1, 4, 4, 4], groups: 2, scale: floats(4), shift: floats(4), relu: true, output: span(5) },
    { op: 'upsampleBilinear', input: span(1), factor: 2, shape: [1, 4, 4, 4], residual: span(3), output: span(4) },
    {
      ...{ op: 'roiAlign', rois: { offset: 448, length: 16 }, at: 3, size: 2, samplingRatio: 0, output: span(5) },
      levels: [
        { input: span(3), shape: [1, 4, 4, 4], stride: 4 },
        { input: span(1), shape: [1, 2, 2, 4], stride: 8 },
      ],
    },
  ],
});

const rois = () => Float32Array.of(0, 0, 16, 16, -3, 2, 90, 9, 1, 1, 0, 0, 4, 4, 8, 8);
const given = () => ({
  images: [{ data: new Uint8Array(27), height: 3, width: 3 }],
  inputs: [floats(64), rois()],
  masks: { 3: Uint8Array.of(1, 0, 1, 1) },
  key: [7],
  shift: 0.5,
  want: [0, 1, 2, 3],
  profile: true,
});

/** Stands for an array whose memory is gone; fast-check could not print that. */
const DETACHED = { detached: true };

function materialise(value: unknown): unknown {
  if (value !== DETACHED) return value;
  const array = floats(64);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

const numbers = fc.oneof(
  fc.integer({ min: -2, max: 9 }),
  fc.constantFrom(16, 64, 448, 512, -0, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 24, 2 ** 31, 2 ** 32 + 1, 2 ** 40, 2 ** 53, 1e300),
);
const objects = fc.constantFrom<unknown>(
  ...[null, undefined, {}, [], filter, pointwise, heads, engine, 'convolve', '1', 10n, true, Symbol('s'), () => 1],
  ...[Object.create(null), new Proxy({}, {}), new Proxy([], {}), { offset: 0, length: 2 ** 30 }, { valueOf: () => 16 }],
);
const arrays = fc.oneof(
  fc.integer({ min: 0, max: 70 }).map(floats),
  fc.integer({ min: 0, max: 70 }).map((length) => new Uint8Array(length).fill(1)),
  fc.array(fc.integer({ min: -3, max: 70 }), { maxLength: 4 }).map((values) => Int32Array.from(values)),
  fc.constant(DETACHED),
);
const garbage = fc.oneof(numbers, objects, arrays, fc.array(numbers, { maxLength: 5 }), fc.anything());

/** What a field may well be. */
const likely = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom<unknown>(16, 64, 128, true, false, undefined));

/** Puts `value` somewhere into a tree of plain objects and lists; `path` chooses where. Tells whether there was a place. */
function mutate(tree: Any, path: number[], value: unknown): boolean {
  const keys = Object.keys(tree);
  if (keys.length === 0) return false;
  const key = keys[path[0] % keys.length];
  const below = tree[key];
  const plain =
    Array.isArray(below) || (typeof below === 'object' && below !== null && !Object.isFrozen(below) && !ArrayBuffer.isView(below));
  if (plain && path.length > 1 && mutate(below, path.slice(1), value)) return true;
  tree[key] = materialise(value);
  return true;
}

const paths = fc.array(fc.nat(999), { minLength: 1, maxLength: 5 });
/** Not more memory than a machine has: that it lacks it is not the point here. */
const modest = (masks: unknown) =>
  !Array.isArray(masks) ||
  masks.every((shape) => !Array.isArray(shape) || shape.reduce((a, b) => Number(typeof b === 'number' ? a * b : 0), 1) < 1e6);

test('the program itself is sound', async () => {
  const { outputs, counts, ms } = await nativeProgram(engine, whole() as Any).run(given());
  expect(outputs.map((output) => output.length)).toEqual([64, 64]);
  expect([...counts].every((count) => count > 0)).toBe(true);
  expect(ms).toHaveLength(16);
});

test('fields replaced by anything: planning throws and names its operation, or the program runs or rejects', async () => {
  let ran = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(3), paths, fc.oneof(likely, garbage)), { minLength: 1, maxLength: 2 }), async (changes) => {
      const options: Any = whole();
      for (const [inSteps, path, value] of changes) {
        if (inSteps > 0 && Array.isArray(options.steps)) mutate(options.steps, path, value);
        else mutate(options, path, value);
      }
      fc.pre(!(typeof options.arena === 'number' && options.arena > 2 ** 20) && modest(options.masks));
      try {
        await nativeProgram(engine, options).run(given());
        ran++;
      } catch (error) {
        refused++;
        expect((error as Error).message).toMatch(/^(nativeProgram|run): /);
      }
    }),
    { numRuns: 400, seed: 1 },
  );
  // Otherwise one half of the promise would not have been looked at.
  expect(ran).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(100);
});

test('a run given anything: it rejects and names the field, or resolves; the next one is none the worse', async () => {
  const program = nativeProgram(engine, whole() as Any);
  const want = await program.run(given());
  await fc.assert(
    fc.asyncProperty(paths, garbage, fc.constantFrom('from', 'to', 'wantOutputs', 'signal', undefined), async (path, value, extra) => {
      const run: Any = given();
      if (extra) run[extra] = materialise(value);
      else mutate(run, path, value);
      await program.run(run).catch((error) => expect((error as Error).message).toMatch(/^run: /));
      expect({ ...(await program.run(given())), ms: undefined }).toEqual({ ...want, ms: undefined });
    }),
    { numRuns: 200, seed: 2 },
  );
});

test('rois, features and probabilities that are any numbers', async () => {
  const program = nativeProgram(engine, whole() as Any);
  const values = fc.oneof(fc.float(), fc.constantFrom(Number.NaN, 3e38, -3e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-42));
  const list = (length: number) => fc.array(values, { minLength: length, maxLength: length }).map((numbers) => Float32Array.from(numbers));
  await fc.assert(
    fc.asyncProperty(list(64), list(16), async (features, boxes) => {
      const { counts } = await program.run({ ...given(), inputs: [features, boxes] });
      expect([...counts].every((count) => count >= 0 && count <= 16)).toBe(true);
    }),
    { numRuns: 60, seed: 3 },
  );
});

describe('the addon itself, without its door', () => {
  const { Engine, Filter, Program } = binding() as Any;
  const raw = new Engine(engine.isa, 1);
  const rawFilter = new Filter(raw, 3, 4, 4, floats(144), null);
  const none = new Int32Array(0);
  const make = () => {
    const program = new Program(raw, 512, 1);
    program.addSlot(1, 4, 4, 1);
    program.addSlot(1, 1, 4, 1);
    program.addInput(0, 64);
    program.addOutput(64, 64);
    return program;
  };
  const SIZES = [1, 4, 4, 4];
  /** Arguments of each kind of step, in order. */
  const stepArguments: Record<string, () => unknown[]> = {
    image: () => [0, 1, 4, 4, 3, 1, 2, 3, 4, 5, 6, 0, 64],
    convolve: () => [rawFilter, ...SIZES, 1, 0, false, 0, 64, 128, 64, true, false, 64, 64, true, null, false, false, 192, 64],
    interpolate: () => [...SIZES, 0, 64, 0, 2, 3, 1, floats(36), null, null, false, 0, 64],
    drawMask: () => [0, 0, 0, 16, 0, Float64Array.of(1), 0, null, 3],
    dilate: () => [0, 3, 1, 1],
    maxPool3x3: () => [...SIZES, 0, 64, 64, 64],
    upsampleAdd: () => [...SIZES, 2, 2, 0, 16, 64, 64, 64, 64],
    subsample: () => [...SIZES, 2, 0, 64, 64, 64],
    meanPool: () => [...SIZES, 0, 64, 64, 64],
    upsampleBilinear: () => [...SIZES, 2, 0, 16, 64, 64, 64, 64],
    groupNorm: () => [...SIZES, 2, true, floats(4), floats(4), 0, 64, 64, 64],
    roiAlign: () => [2, 0, 1, 128, 16, 1, ...SIZES, 4, 0, 64, 64, 64],
  };
  const oddities = fc.constantFrom<unknown>(raw, rawFilter, make(), Object.create(Program.prototype), Program);
  const argument = fc.oneof(numbers, arrays, objects, oddities, fc.anything());

  test('steps with any argument; runs with any argument', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...Object.keys(stepArguments)), fc.nat(30), argument, fc.boolean()), { maxLength: 3 }),
        fc.tuple(fc.nat(20), argument),
        async (steps, [at, wrong]) => {
          const program = make();
          let count = 0;
          for (const [op, index, value, sound] of steps) {
            const args = stepArguments[op]();
            if (!sound) args[index % args.length] = materialise(value);
            count += Number(quietly(() => program.addStep(op, 'step', null, ...args)));
          }
          quietly(() => program.giveInput(0, floats(64)));
          quietly(() => program.giveMask(1, Uint8Array.of(1, 1, 0, 1)));
          const args = [0, count, Float64Array.of(1), 0, true, Int32Array.of(0, 1), Int32Array.of(0)] as unknown[];
          if (at < args.length) args[at] = materialise(wrong);
          let running: Promise<unknown> | undefined;
          if (quietly(() => (running = program.run(...args)))) await running?.catch((error) => expect(error.message).toMatch(/^run: step/)); // biome-ignore format: a line
        },
      ),
      { numRuns: 400, seed: 4 },
    );
  });

  test('methods with any arguments, in any order, while it runs too', async () => {
    const methods = ['addSlot', 'addInput', 'addOutput', 'addStep', 'giveImage', 'giveInput', 'giveMask', 'refuse', 'run', 'stop'];
    // A slot of any size takes its memory at once.
    const small = fc.oneof(fc.integer({ min: -1, max: 20 }), arrays, objects, oddities, fc.anything());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...methods), fc.array(small, { maxLength: 8 })), { maxLength: 8 }),
        async (calls) => {
          const program = make();
          const running = program.run(0, 0, new Float64Array(0), 0, false, none, none);
          for (const [method, args] of calls) quietly(() => program[method](...args.map(materialise)), true);
          await running;
          const later: unknown[] = [];
          for (const [method, args] of calls) quietly(() => later.push(program[method](...args.map(materialise))), true);
          await Promise.allSettled(later);
          expect(program.bytes).toBeGreaterThanOrEqual(2048);
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });

  test('only its own programs are one', () => {
    const illegal = [
      () => Program(raw, 1, 0),
      () => new Program(rawFilter, 1, 0),
      () => new Program({}, 1, 0),
      () => Program.prototype.run.call(raw),
      () => Program.prototype.addStep.call({}),
      () => Object.create(Program.prototype).bytes,
      () => Object.setPrototypeOf(new Engine(engine.isa, 1), Program.prototype).stop(),
    ];
    for (const call of illegal) expect(call).toThrow();
  });

  /** Tells whether it went well; what it throws is an error of the addon. */
  function quietly(call: () => unknown, busy = false): boolean {
    try {
      call();
      return true;
    } catch (error) {
      expect(['TypeError', 'RangeError', ...(busy ? ['Error'] : [])]).toContain((error as Error).name);
      return false;
    }
  }
});
