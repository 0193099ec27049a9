// The compiled convolution against the reference in tfjs, on every instruction set of the machine, with one thread and several.
import { uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expectClose } from '../../../../tools/jest/fixtures.ts';
import { outputSize } from '../positions.ts';
import { sampledConv2d } from '../sampled-conv2d.ts';
import { convolve, type NativeEngine, nativeEngine, nativeInfo, packFilter } from './index.ts';

const engines = nativeInfo().available.flatMap((isa) => [1, 3].map((threads) => nativeEngine({ isa, threads })));
const named = engines.map((engine) => [`${engine.isa}, ${engine.threads} threads`, engine] as const);

const random = (count: number, ...key: number[]) => uniformValues(count, key).map((value) => 2 * value - 1);
/** Each position with the probability `density`. */
const draw = (cells: number, density: number, seed: number) =>
  Int32Array.from(Array.from(uniformValues(cells, [seed, 9]).entries()).flatMap(([i, u]) => (u < density ? [i] : [])));

const expectSame = (got: Float32Array, want: Float32Array) => expectClose(got, want, { rtol: 0, atol: 0 });

interface Case {
  shape: [number, number, number, number];
  out: number;
  kernel: number;
  stride: number;
  density: number;
  bias: boolean;
  residual: boolean;
  relu: boolean;
  seed: number;
}

// Channels around the widths of the vectors: tails of every kind, dot products, one and two vectors.
const channels = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 18, 19, 31, 32, 33, 35, 48, 50, 64, 67));
const side = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 11 }));
const cases: fc.Arbitrary<Case> = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 2 }), side, side, channels) as fc.Arbitrary<Case['shape']>,
  out: channels,
  kernel: fc.constantFrom(1, 3, 7),
  stride: fc.constantFrom(1, 2),
  density: fc.constantFrom(0, 0.1, 0.35, 0.7, 1),
  bias: fc.boolean(),
  residual: fc.boolean(),
  relu: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

function build({ shape, out, kernel, stride, density, bias, residual, seed }: Case) {
  const [n, h, w, c] = shape;
  const outShape: Case['shape'] = [n, outputSize(h, stride), outputSize(w, stride), out];
  const cells = outShape[0] * outShape[1] * outShape[2];
  return {
    outShape,
    cells,
    input: random(n * h * w * c, seed, 1),
    weights: random(kernel * kernel * c * out, seed, 2).map((value) => value / Math.sqrt(kernel * kernel * c)),
    bias: bias ? random(out, seed, 3) : undefined,
    residual: residual ? random(cells * out, seed, 4) : undefined,
    positions: draw(cells, density, seed),
  };
}

/** relu(sampledConv2d + residual) at the positions, `elsewhere` at the others. */
function reference(example: Case, data: ReturnType<typeof build>, elsewhere: number): Float32Array {
  return tf.tidy(() => {
    const { shape, kernel, out, stride } = example;
    const mask = new Float32Array(data.cells);
    for (const position of data.positions) mask[position] = 1;
    const y = sampledConv2d(
      tf.tensor4d(data.input, shape),
      tf.tensor4d(data.weights, [kernel, kernel, shape[3], out]),
      tf.tensor4d(mask, [...data.outShape.slice(0, 3), 1] as Case['shape']),
      { stride, bias: data.bias && tf.tensor1d(data.bias) },
    ).dataSync();
    return Float32Array.from(y, (value, i) => {
      if (!mask[Math.floor(i / out)]) return elsewhere;
      const sum = value + (data.residual?.[i] ?? 0);
      return example.relu ? Math.max(0, sum) : sum;
    });
  });
}

function pack(engine: NativeEngine, { kernel, shape, out }: Case, { weights, bias }: ReturnType<typeof build>) {
  return packFilter(engine, { weights, kernel, inChannels: shape[3], outChannels: out, bias });
}

test('equals sampledConv2d at the positions and writes nowhere else', () => {
  fc.assert(
    fc.property(cases, (example) => {
      const data = build(example);
      const want = reference(example, data, 7);
      for (const engine of engines) {
        const output = new Float32Array(want.length).fill(7);
        const { input, positions, residual } = data;
        const { shape, stride, relu } = example;
        const got = convolve(engine, { input, shape, filter: pack(engine, example, data), stride, positions, residual, relu, output });
        expect(got).toBe(output);
        expectClose(got, want, { rtol: 1e-5, atol: 1e-5 }, `${engine.isa} ${JSON.stringify(example)}`);
      }
    }),
    { numRuns: 120, seed: 5 },
  );
});

describe.each(named)('%s', (_name, engine) => {
  const example: Case = {
    shape: [2, 31, 33, 20],
    out: 53,
    kernel: 3,
    stride: 1,
    density: 0.6,
    bias: true,
    residual: true,
    relu: true,
    seed: 3,
  };
  const data = build(example);
  const filter = pack(engine, example, data);
  const { input, positions, residual } = data;
  const common = { input, shape: example.shape, filter, relu: true };

  test('many positions: several blocks, windows over all borders', () => {
    const got = convolve(engine, { ...common, positions, residual });
    expectClose(got, reference(example, data, 0), { rtol: 1e-5, atol: 1e-5 });
  });

  test('without positions: the dense convolution', () => {
    const all = Int32Array.from({ length: data.cells }, (_, i) => i);
    expectSame(convolve(engine, { ...common, residual }), convolve(engine, { ...common, residual, positions: all }));
    const want = tf.tidy(() => {
      const [x, w] = [tf.tensor4d(input, example.shape), tf.tensor4d(data.weights, [3, 3, 20, 53])];
      return tf.relu(tf.add(tf.conv2d(x, w, 1, 'same'), tf.tensor1d(data.bias!))).dataSync();
    });
    expectClose(convolve(engine, common), want, { rtol: 1e-5, atol: 1e-5 });
  });

  test('positions in any order, and twice', () => {
    const shuffled = Int32Array.from(positions).reverse();
    const twice = Int32Array.from([...shuffled, ...positions.slice(0, 40)]);
    expectSame(convolve(engine, { ...common, positions: twice }), convolve(engine, { ...common, positions }));
  });

  test('the residual may be the output', () => {
    const want = convolve(engine, { ...common, positions, residual });
    const output = residual!.slice();
    convolve(engine, { ...common, positions, residual: output, output });
    const sampled = new Set(positions);
    expectClose(
      output,
      want.map((value, i) => (sampled.has(Math.floor(i / 53)) ? value : residual![i])),
      { rtol: 0, atol: 0 },
    );
  });

  test('rows in, rows out: two convolutions at the same positions', () => {
    const second = packFilter(engine, { weights: random(53 * 20, 8), kernel: 1, inChannels: 53, outChannels: 20 });
    const shape = [2, 31, 33, 53] as const;
    const map = convolve(engine, { ...common, positions });
    const want = convolve(engine, { input: map, shape, filter: second, positions, residual: input });
    const rows = convolve(engine, { ...common, positions, outputRows: true });
    expect(rows).toHaveLength(positions.length * 53);
    expectSame(convolve(engine, { input: rows, shape, filter: second, positions, residual: input, inputRows: true }), want);
  });

  test('inputs outside every window are not read', () => {
    const x = Float32Array.from([1, 2, Number.NaN, 3]);
    const ones = packFilter(engine, { weights: new Float32Array(9).fill(1), kernel: 3, inChannels: 1, outChannels: 1 });
    const positions = Int32Array.from([0]);
    expect(Array.from(convolve(engine, { input: x, shape: [1, 1, 4, 1], filter: ones, positions }))).toEqual([3, 0, 0, 0]);
  });

  test('what is not a number stays so, through the ReLU too', () => {
    const input = new Float32Array(40).fill(1).fill(Number.NaN, 0, 1);
    const weights = random(40 * 37, 6);
    const filter = packFilter(engine, { weights, kernel: 1, inChannels: 40, outChannels: 37 });
    const got = convolve(engine, { input, shape: [1, 1, 1, 40], filter, relu: true });
    expect(got.every(Number.isNaN)).toBe(true);
  });
});

test('the number of threads does not change a bit of the result', () => {
  const example: Case = {
    shape: [1, 40, 30, 24],
    out: 130,
    kernel: 3,
    stride: 2,
    density: 0.5,
    bias: true,
    residual: false,
    relu: false,
    seed: 4,
  };
  const data = build(example);
  for (const isa of nativeInfo().available) {
    const results = [1, 2, 5, 40].map((threads) => {
      const engine = nativeEngine({ isa, threads });
      const { input, positions } = data;
      return convolve(engine, { input, shape: example.shape, filter: pack(engine, example, data), stride: 2, positions });
    });
    for (const result of results) expectSame(result, results[0]);
  }
});
