import * as tf from '@tensorflow/tfjs-core';
import { golden } from '../testing/golden.ts';
import { type BlockMasks, blockForward, denseBlock, maskedBlock } from './block.ts';
import { initialise } from './initialise.ts';
import { blockParameters } from './layout.ts';
import type { BlockSpec, ForwardContext, InterpolationKind, Params, SamplingConfig } from './types.ts';

const samplingOf = (kind: InterpolationKind): SamplingConfig => ({
  integration: 'two-masks',
  interval: 11,
  interpolation: { kind, window: 7, sigma: 3 },
  bias: 3,
});

type Shape = { inplanes: number; planes: number; stride: number; downsample: boolean };

function blockOf({ inplanes, planes, stride, downsample }: Shape, kind: InterpolationKind = 'rbf'): BlockSpec {
  const shape = { inChannels: inplanes, planes, planes2: planes, outChannels: 4 * planes, stride, downsample };
  return { name: 'block', stage: 1, index: 0, ...shape, sampling: samplingOf(kind) };
}

describe.each(['04_block_s1', '04_block_s2'])("%s, the paper's block", (name) => {
  const fixture = golden(name);
  const block = blockOf(fixture.params);
  const params = fixture.weights(blockParameters(block), 'block.');
  const x = fixture.features('x');
  const noise: ForwardContext['noise'] = (_, head) => ({
    u: fixture.features(`noise/u${head}`),
    v: fixture.features(`noise/u${head}_prime`),
  });
  const masksOf = (run: string): BlockMasks => ({ mask1: fixture.features(`${run}/m1`), mask2: fixture.features(`${run}/m2`) });

  test('training: output, probabilities, masks', () => {
    const { y, samples } = blockForward(params, block, x, { mode: 'train', temperature: fixture.params.tau_train, noise });
    fixture.expectFeatures(y, 'train/y');
    fixture.expectFeatures(samples!.probability1, 'train/pi1');
    fixture.expectFeatures(samples!.probability2, 'train/pi2');
    fixture.expectFeatures(samples!.mask1, 'train/m1');
    fixture.expectFeatures(samples!.mask2, 'train/m2');
  });

  test('training: gradients of every parameter and of the input', () => {
    const upstream = fixture.features('upstream');
    const names = blockParameters(block)
      .filter(({ trainable }) => trainable)
      .map((spec) => spec.name);
    const loss = (x: tf.Tensor, ...values: tf.Tensor[]) => {
      const varied = { ...params, ...Object.fromEntries(names.map((key, i) => [key, values[i]])) };
      const { y, samples } = blockForward(varied, block, x as tf.Tensor4D, { mode: 'train', temperature: fixture.params.tau_train, noise });
      const sparse = tf.add(tf.mul(tf.mean(samples!.probability1), 0.25), tf.mul(tf.mean(samples!.probability2), 0.75));
      return tf.add(tf.sum(tf.mul(y, upstream)), tf.mul(sparse, fixture.params.gamma)) as tf.Scalar;
    };
    const [dx, ...gradients] = tf.grads(loss)([x, ...names.map((key) => params[key])]);
    fixture.expectFeatures(dx, 'train/dx');
    const checked = names.map((key, i) => {
      const golden = `train/grad/${key.slice('block.'.length)}`;
      fixture.expectParameter(gradients[i], golden);
      return golden;
    });
    expect(checked.sort()).toEqual(fixture.keys.filter((key) => key.startsWith('train/grad/')).sort());
  });

  test.each(['binary', 'det'] as const)('test, %s masks: masks exact, both orders, masked and sampled computation', (kind) => {
    const sampler = kind === 'det' ? { sampler: { kind: 'deterministic' as const, interval: 11 } } : { noise };
    for (const compute of ['masked', 'sampled'] as const) {
      const intended = blockForward(params, block, x, { mode: 'inference', compute, ...sampler });
      fixture.expectFeatures(intended.samples!.mask1, `test_${kind}/m1`);
      fixture.expectFeatures(intended.samples!.mask2, `test_${kind}/m2`);
      fixture.expectFeatures(intended.y, `test_${kind}/y_intended`);
      const official = blockForward(params, block, x, { mode: 'inference', order: 'training', compute, ...sampler });
      fixture.expectFeatures(official.y, `test_${kind}/y`);
    }
  });

  test("the official code's half-soft test masks, given from outside", () => {
    fixture.expectFeatures(maskedBlock(params, block, x, masksOf('test_official'), { order: 'training' }), 'test_official/y');
  });
});

const small = { inplanes: 8, planes: 4, stride: 2, downsample: true };

describe('every kind of interpolation', () => {
  const kinds: InterpolationKind[] = ['rbf', 'average', 'convolution', 'zeros', 'reuse'];

  test.each(kinds)('%s: with full masks the block is the dense block', (kind) => {
    const { block, params, x } = setUp(kind);
    const masks = { mask1: tf.ones([2, 9, 12, 1]) as tf.Tensor4D, mask2: tf.ones([2, 5, 6, 1]) as tf.Tensor4D };
    const dense = denseBlock(params, block, x);
    for (const order of ['training', 'inference'] as const)
      expectEqual(maskedBlock(params, { ...block }, x, masks, { order: kind === 'convolution' ? 'inference' : order }), dense, 1e-4);
  });

  test.each(['convolution', 'zeros', 'reuse'] as const)('%s: training at hard masks is the tested network', (kind) => {
    const { block, params, x } = setUp(kind);
    // At a temperature near 0 the soft masks are hard.
    const draw = tf.randomUniform([2, 9, 12, 1], 0, 1, 'float32', 7) as tf.Tensor4D;
    const noise: ForwardContext['noise'] = (_, head) =>
      head === 1 ? { u: draw, v: tf.sub(1, draw) } : { u: tf.slice(draw, 0, [2, 5, 6, 1]), v: tf.sub(1, tf.slice(draw, 0, [2, 5, 6, 1])) };
    const trained = blockForward(params, block, x, { mode: 'train', temperature: 1e-6, noise });
    const tested = blockForward(params, block, x, { mode: 'inference', noise });
    expect(tf.mean(tested.samples!.mask2).dataSync()[0]).toBeLessThan(0.9);
    expectEqual(trained.y, tested.y, 1e-4);
    expectEqual(tested.y, blockForward(params, block, x, { mode: 'inference', noise, compute: 'sampled' }).y, 1e-4);
  });

  test.each(['zeros', 'reuse'] as const)('%s: an unsampled point of the output is the shortcut', (kind) => {
    const { block, params, x } = setUp(kind, { ...small, inplanes: 16, stride: 1, downsample: false });
    const none = { mask1: tf.zeros([2, 9, 12, 1]) as tf.Tensor4D, mask2: tf.zeros([2, 9, 12, 1]) as tf.Tensor4D };
    expectEqual(maskedBlock(params, block, x, none, { order: 'inference' }), tf.relu(x), 1e-6);
  });

  test('reuse: after conv1 an unsampled point holds the means of groups of input channels', () => {
    const { block, params, x } = setUp('reuse', { ...small, inplanes: 16, stride: 1, downsample: false });
    const masks = { mask1: tf.zeros([2, 9, 12, 1]) as tf.Tensor4D, mask2: tf.ones([2, 9, 12, 1]) as tf.Tensor4D };
    const still = blockParameters(block).filter(({ role }) => role === 'norm-shift');
    const pass = { ...params, ...Object.fromEntries(still.map(({ name, shape }) => [name, tf.zeros(shape)])) };
    for (let c = 0; c < 4; c++) {
      const means = tf.mean(tf.slice(x, [0, 0, 0, 4 * c], [2, 9, 12, 4]), 3, true);
      // conv2 reads channel c of h1 only, at its centre; conv3 hands it on.
      const centre = tf.buffer([3, 3, 4, 4]);
      centre.set(1, 1, 1, c, 0);
      const out = tf.buffer([1, 1, 4, 16]);
      out.set(1, 0, 0, 0, 0);
      const probe = { ...pass, 'block.conv2.weight': centre.toTensor(), 'block.conv3.weight': out.toTensor() };
      const y = maskedBlock(probe, block, x, masks, { order: 'inference' });
      const wanted = tf.relu(tf.add(tf.relu(means), tf.slice(x, [0, 0, 0, 0], [2, 9, 12, 1])));
      expectEqual(tf.slice(y, [0, 0, 0, 0], [2, 9, 12, 1]), wanted, 1e-4);
    }
  });

  test.each(kinds)('%s: gradients reach every trainable parameter', (kind) => {
    const { block, params, x } = setUp(kind);
    const names = blockParameters(block)
      .filter(({ trainable }) => trainable)
      .map((spec) => spec.name);
    const gradients = tf.grads((...values: tf.Tensor[]) => {
      const varied = { ...params, ...Object.fromEntries(names.map((key, i) => [key, values[i]])) };
      return tf.sum(tf.square(blockForward(varied, block, x, { mode: 'train', temperature: 0.7, key: [1, 2] }).y)) as tf.Scalar;
    })(names.map((key) => params[key]));
    const silent = names.filter((_, i) => tf.max(tf.abs(gradients[i])).dataSync()[0] === 0);
    expect(silent).toEqual([]);
  });
});

test.each(['rbf', 'average'] as const)('%s: training can take the order of inference', (kind) => {
  const { block, params, x } = setUp(kind);
  const ctx: ForwardContext = { mode: 'train', temperature: 0.7, key: [1, 2] };
  const usual = blockForward(params, block, x, ctx);
  const { y, samples } = blockForward(params, block, x, { ...ctx, order: 'inference' });
  expectEqual(y, maskedBlock(params, block, x, samples!, { order: 'inference' }), 1e-6);
  expectEqual(usual.y, maskedBlock(params, block, x, samples!, { order: 'training' }), 1e-6);
  // An average over 7x7 cells of this map has no empty window, and then the orders agree.
  if (kind === 'rbf') expect(tf.max(tf.abs(tf.sub(y, usual.y))).dataSync()[0]).toBeGreaterThan(1e-4);
});

test("with empty windows at the samples' mean the two orders are one", () => {
  const { block, params, x } = setUp('rbf');
  const interpolation = { ...block.sampling!.interpolation, empty: 'mean' as const };
  const filled = { ...block, sampling: { ...block.sampling!, interpolation } };
  const sampler = { kind: 'stochastic' as const, interval: 0, key: [3] };
  const [inference, training] = (['inference', 'training'] as const).map(
    (order) => blockForward(params, filled, x, { mode: 'inference', shift: -3, sampler, order }).y,
  );
  expectEqual(inference, training, 1e-4);
  const [a, b] = (['inference', 'training'] as const).map(
    (order) => blockForward(params, block, x, { mode: 'inference', shift: -3, sampler, order }).y,
  );
  expect(tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]).toBeGreaterThan(0.01);
});

test('a shift is added to the logits of every mask, at inference', () => {
  const { block, params, x } = setUp('rbf');
  const sampler = { kind: 'deterministic' as const, interval: 0 };
  const [plain, shifted] = [undefined, -1.5].map((shift) => blockForward(params, block, x, { mode: 'inference', sampler, shift }).samples!);
  for (const head of [1, 2] as const) {
    expectEqual(shifted[`logits${head}`], tf.sub(plain[`logits${head}`], 1.5), 1e-6);
    expectEqual(shifted[`probability${head}`], tf.sigmoid(shifted[`logits${head}`]), 1e-6);
    expectEqual(shifted[`mask${head}`], tf.cast(tf.greaterEqual(shifted[`logits${head}`], 0), 'float32'), 0);
  }
});

test('activation sampling keeps the positions where the block input is largest', () => {
  const { block, params, x } = setUp('rbf');
  const sampler = { kind: 'activation' as const, interval: 0, density: 0.25 };
  const { mask1, mask2 } = blockForward(params, block, x, { mode: 'inference', sampler }).samples!;
  const values = x.arraySync();
  const norm = (n: number, y: number, c: number) => Math.hypot(...values[n][y][c]);
  for (const [mask, stride] of [
    [mask1, 1],
    [mask2, 2],
  ] as const) {
    mask.arraySync().forEach((rows, n) => {
      const cells = rows.flatMap((row, i) => row.map(([bit], j) => ({ bit, norm: norm(n, i * stride, j * stride) })));
      expect(cells.filter(({ bit }) => bit === 1)).toHaveLength(Math.round(0.25 * cells.length));
      const least = Math.min(...cells.filter(({ bit }) => bit === 1).map((cell) => cell.norm));
      expect(cells.every((cell) => cell.bit === 1 || cell.norm <= least + 1e-5)).toBe(true);
    });
  }
});

test('a block in mode dense, or without masks, draws nothing', () => {
  const { block, params, x } = setUp('rbf');
  const sampled = blockForward(params, block, x, { mode: 'dense' });
  const plain = blockForward(params, { ...block, sampling: undefined }, x, { mode: 'train' });
  expect([sampled.samples, plain.samples]).toEqual([undefined, undefined]);
  expectEqual(sampled.y, plain.y, 0);
});

test('errors say what is missing and how to give it', () => {
  const { block, params, x } = setUp('rbf');
  expect(() => blockForward(params, block, x, { mode: 'train' })).toThrow("mode 'train' needs a noise key, such as key: [seed, step]");
  expect(() => blockForward(params, block, x, { mode: 'inference' })).toThrow("mode 'inference' needs a sampler");
  const { 'block.conv1_sigma': _, ...rest } = params;
  expect(() => blockForward(rest, block, x, { mode: 'train', key: [1] })).toThrow("parameter 'block.conv1_sigma' is missing");
  const masks = { mask1: tf.ones([2, 9, 12, 1]) as tf.Tensor4D, mask2: tf.ones([2, 5, 6, 1]) as tf.Tensor4D };
  const batchNorm = { mode: 'train' as const, momentum: 0.1, update: () => {} };
  expect(() => maskedBlock(params, block, x, masks, { order: 'inference', compute: 'sampled', batchNorm })).toThrow(
    'needs frozen batch norm',
  );
});

/** A block with non-trivial statistics and mask heads, and an input of odd height. */
function setUp(kind: InterpolationKind, shape: Shape = small): { block: BlockSpec; params: Params; x: tf.Tensor4D } {
  const block = blockOf(shape, kind);
  const specs = blockParameters(block);
  const params = initialise(specs, 3, block.sampling);
  specs.forEach(({ name, shape, role }, i) => {
    if (role === 'mask-weight' || role === 'norm-shift') params[name] = tf.randomNormal(shape, 0, 0.3, 'float32', 50 + i);
    if (role === 'mask-bias') params[name] = tf.fill(shape, 0.2);
  });
  return { block, params, x: tf.randomNormal([2, 9, 12, block.inChannels], 0, 1, 'float32', 11) };
}

function expectEqual(got: tf.Tensor, want: tf.Tensor, tolerance: number): void {
  expect(got.shape).toEqual(want.shape);
  expect(tf.max(tf.abs(tf.sub(got, want))).dataSync()[0]).toBeLessThanOrEqual(tolerance);
}
