// A program's runs: given masks, keys, segments, steps left out, being stopped, one at a time, and how long things live.
import v8 from 'node:v8';
import vm from 'node:vm';
import { uniformValues } from '@stint/core-sampling';
import { binding } from './binding.ts';
import {
  convolve,
  drawMask,
  maskHeads,
  nativeEngine,
  nativeProgram,
  type PackedFilter,
  type ProgramOptions,
  type ProgramStep,
  packFilter,
  packMaskHeads,
  type Span,
} from './index.ts';

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc') as () => void;

const engine = nativeEngine({ threads: 2 });
const random = (count: number, ...key: number[]) => uniformValues(count, key).map((value) => 2 * value - 1);
const SHAPE = [1, 8, 8, 16] as const;
const MAP = 1024;
const SPAN: Span[] = Array.from({ length: 4 }, (_, i) => ({ offset: i * MAP, length: MAP }));
const filterOf = (seed: number): PackedFilter =>
  packFilter(engine, { weights: random(9 * 16 * 16, seed), kernel: 3, inChannels: 16, outChannels: 16 });
const [first, second] = [filterOf(1), filterOf(2)];
const x = random(MAP, 3);
const dense = (filter: PackedFilter, input: Float32Array, on = engine) => convolve(on, { input, shape: SHAPE, filter });

function chain(filters: PackedFilter[], on = engine) {
  const steps = filters.map(
    (filter, i): ProgramStep => ({ op: 'convolve', label: `conv${i}`, filter, input: SPAN[i], shape: SHAPE, output: SPAN[i + 1] }),
  );
  return nativeProgram(on, { arena: 4 * MAP, inputs: [SPAN[0]], outputs: [SPAN[filters.length]], steps });
}

/** Seconds of work: whatever the test does next happens during the run. One thread, which waits for no other when it is to stop. */
const alone = nativeEngine({ threads: 1 });
function endless() {
  const size = 64 * 64 * 16;
  const [even, odd] = [0, size].map((offset): Span => ({ offset, length: size }));
  const step: ProgramStep = { op: 'convolve', filter: first, input: even, shape: [1, 64, 64, 16], output: odd };
  return nativeProgram(alone, { arena: 2 * size, steps: Array(10_000).fill(step) });
}

const draws: ProgramOptions = {
  arena: 4 * MAP,
  masks: [
    [1, 8, 8],
    [1, 8, 8],
  ],
  inputs: [{ offset: 0, length: 64 }, SPAN[1]],
  outputs: [SPAN[2]],
  steps: [
    { op: 'drawMask', probability: { offset: 0, length: 64 }, mask: 0, sampler: { kind: 'stochastic', key: [3, 1] } },
    { op: 'dilate', from: 0, mask: 1, kernel: 3, stride: 1 },
    { op: 'convolve', label: 'body', filter: first, input: SPAN[1], shape: SHAPE, at: 0, output: SPAN[2], unlessFull: 1 },
  ],
};
const probability = uniformValues(64, [4]).map((value) => value / 4);

test('bytes are those of the arena and of the slots: a byte and an index a cell', () => {
  expect(nativeProgram(engine, draws).bytes).toBe(4 * MAP * 4 + 2 * 64 * 5);
});

test('what is given is copied at the call; results are copies; the arena stays between runs', async () => {
  const program = chain([first, second]);
  const input = x.slice();
  const running = program.run({ inputs: [input] });
  input.fill(Number.NaN);
  const { outputs, counts } = await running;
  const want = dense(second, dense(first, x));
  expect(outputs).toEqual([want]);
  expect(counts).toHaveLength(0);
  outputs[0].fill(0);
  expect((await program.run()).outputs).toEqual([want]);
  expect((await program.run({ inputs: [undefined], wantOutputs: [] })).outputs).toEqual([]);
});

test('masks and images are copied at the call too', async () => {
  const image = new Uint8Array(8 * 8 * 3).fill(9);
  const mask = new Uint8Array(64).fill(1);
  const program = nativeProgram(engine, {
    arena: MAP,
    images: 1,
    masks: [[1, 8, 8]],
    outputs: [{ offset: 0, length: 192 }],
    steps: [{ op: 'image', image: 0, shape: [1, 8, 8, 3], mean: [1, 1, 1], std: [2, 2, 2], output: { offset: 0, length: 192 } }],
  });
  const running = program.run({ images: [{ data: image, height: 8, width: 8 }], masks: { 0: mask }, want: [0] });
  image.fill(0);
  structuredClone(mask.buffer, { transfer: [mask.buffer] });
  const { outputs, masks } = await running;
  expect(outputs[0]).toEqual(new Float32Array(192).fill(4));
  expect(masks[0]).toEqual(new Uint8Array(64).fill(1));
  // Given once, not for ever.
  await expect(program.run()).rejects.toThrow('run: step 0: image 0 is not given');
});

test("keys: the run's is the beginning, the sampler's the end", async () => {
  const program = nativeProgram(engine, draws);
  for (const key of [[], [5], [5, 2 ** 50]]) {
    const { masks, counts } = await program.run({ inputs: [probability, x], key, want: [0] });
    const want = drawMask(engine, { shape: [1, 8, 8], probability, sampler: { kind: 'stochastic', key: [...key, 3, 1] } });
    expect(masks[0]).toEqual(want.mask);
    expect(counts[0]).toBe(want.positions.length);
  }
});

test('given masks take the place of draws and of dilations, for one run', async () => {
  const program = nativeProgram(engine, draws);
  const drawn = await program.run({ inputs: [probability, x], want: [0, 1] });
  const mask = Uint8Array.from({ length: 64 }, (_, i) => (i % 5 === 0 ? 255 : 0));
  const given = await program.run({ masks: { 0: mask, 1: new Uint8Array(64) }, want: [0, 1] });
  expect(given.masks[0]).toEqual(mask.map((value) => value && 1));
  expect([...given.counts]).toEqual([13, 0]);
  const positions = Int32Array.from({ length: 13 }, (_, i) => 5 * i);
  const output = drawn.outputs[0].slice();
  expect(given.outputs[0]).toEqual(convolve(engine, { input: x, shape: SHAPE, filter: first, positions, output }));
  expect((await program.run({ want: [0, 1] })).masks).toEqual(drawn.masks);
});

test('shift moves the logits of all heads of a run', async () => {
  const heads = packMaskHeads(engine, random(144, 5), random(144, 6), 16);
  const outputs = [SPAN[1], SPAN[2]] as const;
  const program = nativeProgram(engine, {
    ...{ arena: 4 * MAP, inputs: [SPAN[0]] },
    outputs: outputs.map(({ offset }) => ({ offset, length: 64 })),
    steps: [{ op: 'maskHeads', input: SPAN[0], shape: SHAPE, heads, bias: [0.25, -1], outputs }],
  });
  for (const shift of [0, -2.5, 4]) {
    const want = maskHeads(engine, { input: x, shape: SHAPE, heads, bias: [0.25 + shift, -1 + shift] });
    expect((await program.run({ inputs: [x], shift })).outputs).toEqual([want.probability1, want.probability2]);
  }
});

test('steps that are skipped where a mask is full take nothing and leave everything', async () => {
  const program = nativeProgram(engine, draws);
  const full = new Uint8Array(64).fill(1);
  const masks = { 0: full, 1: full };
  const { outputs, counts } = await program.run({ inputs: [probability, x], masks });
  expect([...counts]).toEqual([64, 64]);
  expect(outputs[0]).toEqual(new Float32Array(MAP));
  expect((await program.run({ masks: { ...masks, 1: new Uint8Array(64) } })).outputs[0]).toEqual(dense(first, x));
});

test('in parts: arena and slots stay, and a run from the first step forgets the slots', async () => {
  const program = nativeProgram(engine, draws);
  const whole = await program.run({ inputs: [probability, x], want: [0, 1] });
  const none = await program.run({ to: 0, want: [1] });
  expect([...none.counts]).toEqual([-1, -1]);
  expect(none.masks).toEqual({ 1: new Uint8Array(64) });
  const [part, rest] = [await program.run({ to: 1 }), await program.run({ from: 1, want: [0, 1], profile: true })];
  expect([...part.counts]).toEqual([whole.counts[0], -1]);
  expect(rest).toEqual({ ...whole, ms: expect.any(Object) });
  expect(rest.ms).toHaveLength(3);
  expect(rest.ms![0]).toBe(0);
  expect(rest.ms!.every((ms) => ms >= 0)).toBe(true);
  await program.run({ to: 0 });
  await expect(program.run({ from: 2 })).rejects.toThrow(
    "run: step 2 (body): mask 1 is not set: an earlier step or the run's masks must set it",
  );
});

test('aborted before it begins: nothing is taken; during: it ends soon, and the engine is free', async () => {
  const program = endless();
  const reason = new Error('enough');
  await expect(program.run({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  for (let i = 0; i < 3; i++) {
    const stop = new AbortController();
    const running = program.run({ signal: stop.signal });
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(dense(first, x, alone)).toHaveLength(MAP);
  }
  // A signal that comes too late, or not at all, changes nothing.
  const late = new AbortController();
  const { outputs } = await chain([first], alone).run({ inputs: [x], signal: late.signal });
  late.abort();
  expect(outputs[0]).toEqual(dense(first, x));
});

test('one run at a time on an engine; operations throw meanwhile; afterwards everything works', async () => {
  const [long, short] = [endless(), chain([first], alone)];
  const stop = new AbortController();
  const running = long.run({ signal: stop.signal });
  const busy = 'a program is running on this engine; wait for it, or take another engine';
  const refused = [long.run(), short.run({ inputs: [x] }), short.run()];
  for (const run of refused) await expect(run).rejects.toThrow(`run: ${busy}`);
  expect(() => dense(first, x, alone)).toThrow(`convolve: ${busy}`);
  expect(() => drawMask(alone, { shape: [1, 8, 8], probability, sampler: { kind: 'deterministic' } })).toThrow(`drawMask: ${busy}`);
  // Nothing of it is used, so another engine's work goes on, and programs may be planned.
  expect(dense(first, x)).toHaveLength(MAP);
  const planned = chain([second], alone);
  stop.abort();
  await expect(running).rejects.toThrow('aborted');
  expect((await short.run({ inputs: [x] })).outputs[0]).toEqual(dense(first, x));
  expect((await planned.run({ inputs: [x] })).outputs[0]).toEqual(dense(second, x));
});

test('a refused run takes back what it was given', async () => {
  const raw = new (binding().Program)(new (binding().Engine)(engine.isa, 1), 64, 1);
  raw.addSlot(1, 2, 2, 1);
  raw.giveMask(0, Uint8Array.of(1, 0, 0, 1));
  raw.giveImage(0, 1, 1, Uint8Array.of(1, 2, 3));
  expect(() => raw.run(0, 1, new Float64Array(0), 0, false, new Int32Array(0), new Int32Array(0))).toThrow('run: to is not a whole number');
  raw.refuse();
  const result = await raw.run(0, 0, new Float64Array(0), 0, false, Int32Array.of(0), new Int32Array(0));
  expect(result).toEqual({ outputs: [], masks: [new Uint8Array(4)], counts: Int32Array.of(-1) });
});

/** Objects of the addon are freed in a task of their own after the collection. */
async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a program keeps its filters and its engine, a run its program', async () => {
  const want = dense(second, dense(first, x));
  const make = () => {
    const own = nativeEngine({ isa: engine.isa, threads: 2 });
    const filters = [1, 2].map((seed) =>
      packFilter(own, { weights: random(9 * 16 * 16, seed), kernel: 3, inChannels: 16, outChannels: 16 }),
    );
    const steps = filters.map((filter, i): ProgramStep => ({ op: 'convolve', filter, input: SPAN[i], shape: SHAPE, output: SPAN[i + 1] }));
    return nativeProgram(own, { arena: 4 * MAP, inputs: [SPAN[0]], outputs: [SPAN[2]], steps });
  };
  const program = make();
  await collect();
  // What would take the place of weights that were freed.
  packFilter(engine, { weights: new Float32Array(9 * 16 * 16).fill(Number.NaN), kernel: 3, inChannels: 16, outChannels: 16 });
  expect((await program.run({ inputs: [x] })).outputs[0]).toEqual(want);
  const running = make().run({ inputs: [x] });
  await collect();
  expect((await running).outputs[0]).toEqual(want);
});
