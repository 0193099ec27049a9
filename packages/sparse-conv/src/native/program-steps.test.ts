// Each kind of step against the synchronous operation, bit by bit.
import { uniformValues } from '@stint/core-sampling';
import { expectClose } from '../../../../tools/jest/fixtures.ts';
import {
  convolve,
  dilate,
  drawMask,
  interpolate,
  type MapShape,
  maskHeads,
  maxPool3x3,
  meanPool,
  type NativeEngine,
  type NativeFill,
  type NativeSampler,
  nativeEngine,
  nativeInfo,
  nativeProgram,
  normaliseImage,
  type ProgramOptions,
  type ProgramRun,
  type ProgramStep,
  packFilter,
  packMaskHeads,
  roiAlign,
  type Span,
  subsample,
  upsampleAdd,
} from './index.ts';

const engines = nativeInfo().available.flatMap((isa) => [1, 2].map((threads) => nativeEngine({ isa, threads })));
const named = engines.map((engine) => [`${engine.isa}, ${engine.threads} threads`, engine] as const);
const random = (count: number, ...key: number[]) => uniformValues(count, key).map((value) => 2 * value - 1);
const expectSame = (got: ArrayLike<number>, want: ArrayLike<number>, label?: string) => expectClose(got, want, { rtol: 0, atol: 0 }, label);
const positionsOf = (mask: Uint8Array) => Int32Array.from([...mask.keys()].filter((i) => mask[i]));
const drawn = (cells: number, density: number, seed: number) => Uint8Array.from(uniformValues(cells, [seed]), (u) => Number(u < density));

/** Spans one after another. */
function layout() {
  let end = 0;
  return {
    span(length: number): Span {
      const offset = end;
      end += Math.ceil(length / 16) * 16;
      return { offset, length };
    },
    size: () => end,
  };
}

interface OneStep {
  inputs?: Float32Array[];
  /** Lengths. */
  outputs: number[];
  masks?: ProgramOptions['masks'];
  images?: number;
  step(inputs: Span[], outputs: Span[]): ProgramStep;
  run?: ProgramRun;
}

/** What a program of one step gives. Its outputs hold 7 before. */
async function single(engine: NativeEngine, { inputs = [], outputs, masks, images, step, run }: OneStep) {
  const memory = layout();
  const [from, to] = [inputs.map(({ length }) => memory.span(length)), outputs.map((length) => memory.span(length))];
  const program = nativeProgram(engine, {
    arena: memory.size(),
    masks,
    images,
    inputs: [...from, ...to],
    outputs: to,
    steps: [step(from, to)],
  });
  return program.run({ ...run, inputs: [...inputs, ...outputs.map((length) => new Float32Array(length).fill(7))] });
}

const SHAPE: MapShape = [2, 9, 7, 20];
const CELLS = 126;
const x = random(CELLS * 20, 1);

describe.each(named)('%s: a step equals the operation', (_name, engine) => {
  const filter = packFilter(engine, { weights: random(9 * 20 * 35, 2), kernel: 3, inChannels: 20, outChannels: 35, bias: random(35, 3) });
  const pointwise = packFilter(engine, { weights: random(20 * 35, 4), kernel: 1, inChannels: 20, outChannels: 35 });

  test('image', async () => {
    const image = { data: Uint8Array.from(uniformValues(5 * 6 * 3, [1]), (u) => 256 * u), height: 5, width: 6 };
    const options = { shape: [1, 6, 9, 3] as const, mean: [120, 110, 100] as const, std: [57, 58, 59] as const };
    const { outputs } = await single(engine, {
      outputs: [162],
      images: 2,
      step: (_inputs, [output]) => ({ op: 'image', image: 1, ...options, output }),
      run: { images: [{ ...image, data: image.data.map(() => 0) }, image] },
    });
    expectSame(outputs[0], normaliseImage(engine, { image, ...options }));
  });

  test.each([0, 0.3, 1])('convolve at density %d, with its fields for a full mask', async (density) => {
    const mask = drawn(2 * 5 * 4, density, 5);
    const positions = positionsOf(mask);
    const [residual, other] = [random(40 * 35, 6), random(40 * 35, 7)];
    const { outputs, counts } = await single(engine, {
      inputs: [x, residual, other],
      outputs: [40 * 35, 40 * 35],
      masks: [[2, 5, 4]],
      step: ([input, r, o], [output, ofFull]) => ({
        ...{ op: 'convolve', filter, input, shape: SHAPE, stride: 2, at: 0, residual: r, relu: true, output },
        whenFull: { residual: o, relu: false, output: ofFull },
      }),
      run: { masks: { 0: mask } },
    });
    expect(counts).toEqual(Int32Array.of(positions.length));
    const [used, untouched] = density === 1 ? [1, 0] : [0, 1];
    expect(outputs[untouched].every((value) => value === 7)).toBe(true);
    const options = density === 1 ? { residual: other } : { residual, relu: true };
    const output = new Float32Array(40 * 35).fill(7);
    expectSame(outputs[used], convolve(engine, { input: x, shape: SHAPE, filter, stride: 2, positions, ...options, output }));
  });

  test('convolve everywhere; rows out and rows in', async () => {
    const dense = await single(engine, {
      inputs: [x],
      outputs: [CELLS * 35],
      step: ([input], [output]) => ({ op: 'convolve', filter, input, shape: SHAPE, relu: true, output }),
    });
    expectSame(dense.outputs[0], convolve(engine, { input: x, shape: SHAPE, filter, relu: true }));
    const mask = drawn(CELLS, 0.4, 8);
    const positions = positionsOf(mask);
    const rows = await single(engine, {
      inputs: [x],
      outputs: [CELLS * 35],
      masks: [[2, 9, 7]],
      step: ([input], [output]) => ({
        op: 'convolve',
        filter: pointwise,
        input,
        shape: SHAPE,
        at: 0,
        ...{ inputRows: true, outputRows: true },
        output,
      }),
      run: { masks: { 0: mask } },
    });
    const input = x.slice(0, positions.length * 20);
    const options = { input, shape: SHAPE, filter: pointwise, positions, inputRows: true, outputRows: true };
    expectSame(rows.outputs[0].subarray(0, positions.length * 35), convolve(engine, options));
    expect(rows.outputs[0].subarray(positions.length * 35).every((value) => value === 7)).toBe(true);
  });

  const fills: NativeFill[] = [
    { kind: 'rbf', window: 7, sigma: 0.8 },
    { kind: 'average', window: 3 },
    { kind: 'convolution', window: 5, filter: random(25 * 20, 9) },
    { kind: 'zeros' },
  ];

  test.each(fills)('interpolate by $kind: everywhere with residual and ReLU; only where, in place', async (fill) => {
    const [mask, where] = [drawn(CELLS, 0.3, 10), drawn(CELLS, 0.5, 11)];
    const residual = random(CELLS * 20, 12);
    const { outputs } = await single(engine, {
      inputs: [x, residual],
      outputs: [CELLS * 20],
      masks: [[2, 9, 7]],
      step: ([features, r], [output]) => ({ op: 'interpolate', features, shape: SHAPE, mask: 0, fill, residual: r, relu: true, output }),
      run: { masks: { 0: mask } },
    });
    expectSame(outputs[0], interpolate(engine, { features: x, shape: SHAPE, mask, fill, residual, relu: true }));
    const inPlace = async (sampled: Uint8Array) => {
      const memory = layout();
      const features = memory.span(CELLS * 20);
      const step: ProgramStep = { op: 'interpolate', features, shape: SHAPE, mask: 0, where: 1, fill, output: features };
      const masks = [[2, 9, 7] as const, [2, 9, 7] as const];
      const options = { arena: memory.size(), masks, inputs: [features], outputs: [features], steps: [step] };
      return (await nativeProgram(engine, options).run({ inputs: [x], masks: { 0: sampled, 1: where } })).outputs[0];
    };
    const output = x.slice();
    expectSame(await inPlace(mask), interpolate(engine, { features: output, shape: SHAPE, mask, where, fill, output }));
    expectSame(await inPlace(new Uint8Array(CELLS).fill(1)), x);
  });

  test('maskHeads: shift is added to both biases', async () => {
    const heads = packMaskHeads(engine, random(180, 13), random(180, 14), 20);
    for (const shift of [undefined, -1.7]) {
      const { outputs } = await single(engine, {
        inputs: [x],
        outputs: [CELLS, 40],
        step: ([input], [one, two]) => ({
          op: 'maskHeads',
          input,
          shape: SHAPE,
          heads,
          bias: [3, 0.1],
          stride: [1, 2],
          outputs: [one, two],
        }),
        run: { shift },
      });
      const bias = [3 + (shift ?? 0), 0.1 + (shift ?? 0)] as const;
      const want = maskHeads(engine, { input: x, shape: SHAPE, heads, bias, stride: 2 });
      expectSame(outputs[0], want.probability1);
      expectSame(outputs[1], want.probability2);
    }
  });

  test('drawMask: the key is that of the run and then the sampler', async () => {
    const tile = { ranks: Int32Array.from({ length: 16 }, (_, i) => (i * 7) % 16), size: 4 };
    const probability = uniformValues(CELLS, [15]);
    const samplers: NativeSampler[] = [
      { kind: 'stochastic', key: [4, 1], interval: 3 },
      { kind: 'stochastic' },
      { kind: 'random', key: [5], density: 0.4 },
      { kind: 'deterministic', interval: 2 },
      { kind: 'blue-noise', key: [2, 2], tile },
    ];
    for (const sampler of samplers) {
      for (const key of [undefined, [], [2 ** 40, -3]]) {
        const { masks, counts } = await single(engine, {
          inputs: sampler.kind === 'random' ? [] : [probability],
          outputs: [],
          masks: [[2, 9, 7]],
          step: ([p]) => ({ op: 'drawMask', probability: p, mask: 0, sampler }),
          run: { key, want: [0] },
        });
        const whole = { ...sampler, key: [...(key ?? []), ...(sampler.key ?? [])] };
        const want = drawMask(engine, { shape: [2, 9, 7], probability, sampler: whole });
        expectSame(masks[0], want.mask, JSON.stringify(whole));
        expect(counts).toEqual(Int32Array.of(want.positions.length));
      }
    }
  });

  test('dilate', async () => {
    const mask = drawn(2 * 5 * 4, 0.2, 16);
    const { masks, counts } = await single(engine, {
      outputs: [],
      masks: [
        [2, 5, 4],
        [2, 9, 7],
      ],
      step: () => ({ op: 'dilate', from: 0, mask: 1, kernel: 3, stride: 2 }),
      run: { masks: { 0: mask }, want: [1, 0] },
    });
    const want = dilate(engine, { positions: positionsOf(mask), shape: [2, 9, 7], kernel: 3, stride: 2 });
    expectSame(masks[1], want.mask);
    expectSame(masks[0], mask);
    expect(counts).toEqual(Int32Array.of(positionsOf(mask).length, want.positions.length));
  });

  test('maxPool3x3, subsample, meanPool, upsampleAdd', async () => {
    const input = { inputs: [x], outputs: [40 * 20] };
    const pooled = await single(engine, { ...input, step: ([input], [output]) => ({ op: 'maxPool3x3', input, shape: SHAPE, output }) });
    expectSame(pooled.outputs[0], maxPool3x3(engine, { input: x, shape: SHAPE }));
    const taken = await single(engine, {
      ...input,
      step: ([input], [output]) => ({ op: 'subsample', input, shape: SHAPE, stride: 2, output }),
    });
    expectSame(taken.outputs[0], subsample(engine, { input: x, shape: SHAPE, stride: 2 }));
    const means = await single(engine, {
      ...input,
      outputs: [40],
      step: ([input], [output]) => ({ op: 'meanPool', input, shape: SHAPE, output }),
    });
    expectSame(means.outputs[0], meanPool(engine, { input: x, shape: SHAPE }));
    const coarse = random(2 * 5 * 4 * 20, 17);
    const sums = await single(engine, {
      inputs: [coarse, x],
      outputs: [CELLS * 20],
      step: ([coarse, fine], [output]) => ({ op: 'upsampleAdd', coarse, coarseSize: [5, 4], fine, shape: SHAPE, output }),
    });
    expectSame(sums.outputs[0], upsampleAdd(engine, { coarse, coarseSize: [5, 4], fine: x, shape: SHAPE }));
  });

  test('roiAlign of as many RoIs as there are', async () => {
    const levels = [8, 16].map((stride) => {
      const side = 320 / stride;
      return { input: random(side * side * 5, stride), shape: [1, side, side, 5] as const, stride };
    });
    const rois = Float32Array.from(uniformValues(6 * 4, [18]), (u, i) => (i % 4 < 2 ? 100 * u : 110 + 200 * u));
    const { outputs } = await single(engine, {
      inputs: [rois, ...levels.map(({ input }) => input)],
      outputs: [6 * 9 * 5],
      masks: [[1, 1, 6]],
      step: ([r, ...maps], [output]) => ({
        ...{ op: 'roiAlign', rois: r, at: 0, size: 3, samplingRatio: 2, output },
        levels: levels.map((level, i) => ({ ...level, input: maps[i] })),
      }),
      run: { masks: { 0: Uint8Array.of(1, 1, 1, 1, 0, 0) } },
    });
    const want = roiAlign(engine, { levels, rois: rois.slice(0, 16), size: 3, samplingRatio: 2 });
    expectSame(outputs[0].subarray(0, want.length), want);
    expect(outputs[0].subarray(want.length).every((value) => value === 7)).toBe(true);
  });
});
