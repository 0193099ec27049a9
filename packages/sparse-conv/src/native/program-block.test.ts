// A whole sampled bottleneck block (paper, section 3.3, in inference order) as a program, against the same operations called by hand.
import { uniformValues } from '@stint/core-sampling';
import fc from 'fast-check';
import { expectClose } from '../../../../tools/jest/fixtures.ts';
import { outputSize } from '../positions.ts';
import {
  convolve,
  dilate,
  drawMask,
  interpolate,
  type MapShape,
  maskHeads,
  type NativeEngine,
  nativeEngine,
  nativeInfo,
  nativeProgram,
  type PackedFilter,
  packFilter,
  packMaskHeads,
  type Span,
} from './index.ts';

const engines = [...nativeInfo().available.map((isa) => nativeEngine({ isa })), nativeEngine({ threads: 2 })];
const random = (count: number, ...key: number[]) => uniformValues(count, key).map((value) => 2 * value - 1);

interface Block {
  shape: MapShape;
  planes: number;
  out: number;
  stride: number;
  /** Of both heads: -50 samples nothing, 50 everything. */
  bias: readonly [number, number];
  interval: number;
  window: number;
  key: number[];
  seed: number;
}

const side = fc.integer({ min: 1, max: 12 });
const channels = fc.constantFrom(3, 8, 17, 32);
const blocks: fc.Arbitrary<Block> = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 2 }), side, side, channels),
  planes: channels,
  out: channels,
  stride: fc.constantFrom(1, 2),
  bias: fc.tuple(fc.constantFrom(-50, -1, 0, 1, 50), fc.constantFrom(-50, -1, 0, 1, 50)),
  interval: fc.constantFrom(0, 3),
  window: fc.constantFrom(3, 7),
  key: fc.array(fc.nat(), { maxLength: 2 }),
  seed: fc.nat(),
});

function prepare(engine: NativeEngine, { shape, planes, out, stride, window, seed }: Block) {
  const [batch, height, width, inChannels] = shape;
  const filter = (kernel: number, from: number, to: number, key: number): PackedFilter => {
    const weights = random(kernel * kernel * from * to, seed, key).map((value) => value / Math.sqrt(kernel * kernel * from));
    return packFilter(engine, { weights, kernel, inChannels: from, outChannels: to, bias: random(to, seed, key, 1) });
  };
  return {
    x: random(batch * height * width * inChannels, seed, 1),
    heads: packMaskHeads(engine, random(9 * inChannels, seed, 2), random(9 * inChannels, seed, 3), inChannels),
    conv1: filter(1, inChannels, planes, 4),
    conv2: filter(3, planes, planes, 5),
    conv3: filter(1, planes, out, 6),
    shortcut: filter(1, inChannels, out, 7),
    inner: [batch, height, width, planes] as const,
    outer: [batch, outputSize(height, stride), outputSize(width, stride)] as const,
    fill: { kind: 'rbf', window, sigma: 1.2 } as const,
  };
}

const cellsOf = (shape: readonly number[]) => shape[0] * shape[1] * shape[2];

function byHand(engine: NativeEngine, block: Block) {
  const { x, heads, conv1, conv2, conv3, shortcut, inner, outer, fill } = prepare(engine, block);
  const { shape, stride, bias, interval, key, planes, out } = block;
  const { probability1, probability2 } = maskHeads(engine, { input: x, shape, heads, bias, stride });
  const sampler = (head: number) => ({ kind: 'stochastic' as const, key: [...key, 5, head], interval });
  const mask1 = drawMask(engine, { shape: [inner[0], inner[1], inner[2]], probability: probability1, sampler: sampler(1) });
  const mask2 = drawMask(engine, { shape: outer, probability: probability2, sampler: sampler(2) });
  const needed = dilate(engine, { positions: mask2.positions, shape: [inner[0], inner[1], inner[2]], stride });
  const f1 = convolve(engine, { input: x, shape, filter: conv1, positions: mask1.positions, relu: true });
  interpolate(engine, { features: f1, shape: inner, mask: mask1.mask, where: needed.mask, fill, output: f1 });
  const f2 = convolve(engine, { input: f1, shape: inner, filter: conv2, stride, positions: mask2.positions, relu: true });
  const f3 = convolve(engine, { input: f2, shape: [...outer, planes], filter: conv3, positions: mask2.positions });
  const residual = convolve(engine, { input: x, shape, filter: shortcut, stride });
  const y = interpolate(engine, { features: f3, shape: [...outer, out], mask: mask2.mask, fill, residual, relu: true });
  return { y, masks: [mask1.mask, mask2.mask, needed.mask] };
}

function asProgram(engine: NativeEngine, block: Block) {
  const { heads, conv1, conv2, conv3, shortcut, inner, outer, fill } = prepare(engine, block);
  const { shape, stride, bias, interval, planes, out } = block;
  let arena = 0;
  const span = (length: number): Span => {
    const offset = arena;
    arena += Math.ceil(length / 16) * 16;
    return { offset, length };
  };
  const x = span(cellsOf(shape) * shape[3]);
  const probabilities = [span(cellsOf(inner)), span(cellsOf(outer))] as const;
  const f1 = span(cellsOf(inner) * planes);
  const rows = span(cellsOf(outer) * planes);
  const f3 = span(cellsOf(outer) * out);
  const y = span(cellsOf(outer) * out);
  const wide: MapShape = [...outer, planes];
  const sampler = (head: number) => ({ kind: 'stochastic' as const, key: [5, head], interval });
  return nativeProgram(engine, {
    arena,
    masks: [[inner[0], inner[1], inner[2]], outer, [inner[0], inner[1], inner[2]]],
    inputs: [x],
    outputs: [y],
    steps: [
      { op: 'maskHeads', input: x, shape, heads, bias, stride: [1, stride], outputs: probabilities },
      { op: 'drawMask', probability: probabilities[0], mask: 0, sampler: sampler(1) },
      { op: 'drawMask', probability: probabilities[1], mask: 1, sampler: sampler(2) },
      { op: 'dilate', from: 1, mask: 2, kernel: 3, stride },
      { op: 'convolve', filter: conv1, input: x, shape, at: 0, relu: true, output: f1 },
      { op: 'interpolate', features: f1, shape: inner, mask: 0, where: 2, fill, output: f1 },
      { op: 'convolve', filter: conv2, input: f1, shape: inner, stride, at: 1, relu: true, outputRows: true, output: rows },
      { op: 'convolve', filter: shortcut, input: x, shape, stride, output: y },
      {
        ...{ op: 'convolve', filter: conv3, input: rows, shape: wide, at: 1, inputRows: true, output: f3 },
        whenFull: { residual: y, relu: true, output: y },
      },
      {
        ...{ op: 'interpolate', features: f3, shape: [...outer, out], mask: 1, fill, residual: y, relu: true, output: y },
        unlessFull: 1,
      },
    ],
  });
}

test('a bottleneck block equals the operations called by hand: same masks, same bits', async () => {
  await fc.assert(
    fc.asyncProperty(blocks, async (block) => {
      for (const engine of engines) {
        const { x } = prepare(engine, block);
        const program = asProgram(engine, block);
        const want = byHand(engine, block);
        // Twice: what is left of the first run may not matter.
        for (let i = 0; i < 2; i++) {
          const { outputs, masks, counts } = await program.run({ inputs: [x], key: block.key, want: [0, 1, 2] });
          expect(Object.values(masks)).toEqual(want.masks);
          expect([...counts]).toEqual(want.masks.map((mask) => mask.reduce((sum, value) => sum + value, 0)));
          expectClose(outputs[0], want.y, { rtol: 0, atol: 0 }, JSON.stringify(block));
        }
      }
    }),
    { numRuns: 15, seed: 7 },
  );
}); // with sanitizers
