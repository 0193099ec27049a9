// The blocks of one and three masks against the definition in integration.ts composed by hand: convolutions from tfjs-core, batch norm as its
// formula, interpolation and the reads of a strided convolution as loops in float64.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { blockForward, denseBlock, maskedBlock } from './block.ts';
import { initialise } from './initialise.ts';
import { fillings, maskHeads, readShare, readsOnly } from './integration.ts';
import { blockParameters } from './layout.ts';
import { countMacs } from './macs.ts';
import { readBy } from './masks.ts';
import { resnet } from './resnet.ts';
import type { BlockSpec, ForwardContext, Integration, InterpolationKind, Params, SamplingConfig } from './types.ts';

type Sampled = Exclude<Integration, 'dense'>;
const VARIANTS: Sampled[] = ['one-mask', 'two-masks', 'three-masks'];
const KINDS: InterpolationKind[] = ['rbf', 'average', 'convolution', 'zeros', 'reuse'];

const samplingOf = (integration: Integration, kind: InterpolationKind = 'rbf'): SamplingConfig => ({
  integration,
  interval: 4,
  interpolation: { kind, window: 5, sigma: 1.2 },
  bias: 0,
});

function blockOf(integration: Integration, kind: InterpolationKind = 'rbf', stride = 1, planes2 = 4): BlockSpec {
  const widths = { inChannels: stride === 1 ? 16 : 8, planes: 4, planes2, outChannels: 16 };
  return { name: 'block', stage: 1, index: 0, ...widths, stride, downsample: stride > 1, sampling: samplingOf(integration, kind) };
}

/** A block with non-trivial statistics and mask heads, and an input of odd height. */
function setUp(block: BlockSpec): { params: Params; x: tf.Tensor4D } {
  const specs = blockParameters(block);
  const params = initialise(specs, 3, block.sampling);
  specs.forEach(({ name, shape, role }, i) => {
    const normal = () => tf.randomNormal(shape, 0, 0.3, 'float32', 50 + i);
    if (role === 'mask-weight' || role === 'norm-shift' || role === 'norm-mean') params[name] = normal();
    if (role === 'norm-variance' || role === 'norm-scale') params[name] = tf.add(1, tf.abs(normal()));
    if (role === 'sigma') params[name] = tf.fill(shape, 1 + 0.2 * i);
    if (role === 'filter') params[name] = normal();
  });
  return { params, x: tf.randomNormal([2, 9, 12, block.inChannels], 0, 1, 'float32', 11) };
}

const randomMask = (h: number, w: number, seed: number, soft = false): tf.Tensor4D => {
  const values = tf.randomUniform([2, h, w, 1], 0, 1, 'float32', seed) as tf.Tensor4D;
  return soft ? values : (tf.cast(tf.less(values, 0.4), 'float32') as tf.Tensor4D);
};

/** relu(BN(conv x)), or without relu. */
function unit(params: Params, i: 1 | 2 | 3 | 'downsample', x: tf.Tensor4D, stride: number, relu: boolean): tf.Tensor4D {
  const [conv, norm] = i === 'downsample' ? ['downsample.0', 'downsample.1'] : [`conv${i}`, `bn${i}`];
  const of = (part: string) => params[`block.${norm}.${part}`];
  const filter = params[`block.${conv}.weight`] as tf.Tensor4D;
  const pad = filter.shape[0] >> 1;
  const [none, sides]: [number, number][] = [
    [0, 0],
    [pad, pad],
  ];
  const framed = tf.pad(x, [none, sides, sides, none]);
  const z = tf.conv2d(framed, filter, stride, 'valid');
  const y = tf.add(tf.mul(tf.div(tf.sub(z, of('running_mean')), tf.sqrt(tf.add(of('running_var'), 1e-5))), of('weight')), of('bias'));
  return (relu ? tf.relu(y) : y) as tf.Tensor4D;
}

/** M F + (1 - M) Fhat, Fhat the mean of the window's samples weighted by exp(-s^2/2 d^2) s^2/(2 pi), or their sum with a learned filter, or `other`. */
function fill(params: Params, block: BlockSpec, head: number, features: tf.Tensor4D, mask: tf.Tensor4D, other?: tf.Tensor4D): tf.Tensor4D {
  const [n, h, w, c] = features.shape;
  const { kind, window } = block.sampling!.interpolation;
  const radius = window >> 1;
  const [f, m, o] = [features.dataSync(), mask.dataSync(), other?.dataSync()];
  const s = kind === 'rbf' ? params[`block.conv${head}_sigma`].dataSync()[0] : 0;
  const filter = kind === 'convolution' ? params[`block.conv${head}_filter`].dataSync() : undefined;
  const weight = (dy: number, dx: number, k: number) => {
    if (filter) return filter[((dy + radius) * window + dx + radius) * c + k];
    return kind === 'rbf' ? ((s * s) / (2 * Math.PI)) * Math.exp((-s * s * (dy * dy + dx * dx)) / 2) : 1;
  };
  const out = new Float32Array(f.length);
  for (let i = 0; i < out.length; i++) {
    const k = i % c;
    const cell = (i - k) / c;
    const [x, y] = [cell % w, Math.floor(cell / w) % h];
    let [sum, norm] = [0, filter ? 1 : 1e-5];
    if (kind === 'zeros' || kind === 'reuse') [sum, norm] = [kind === 'reuse' && o ? o[i] : 0, 1];
    else {
      for (let yy = Math.max(0, y - radius); yy <= Math.min(h - 1, y + radius); yy++) {
        for (let xx = Math.max(0, x - radius); xx <= Math.min(w - 1, x + radius); xx++) {
          const at = cell + (yy - y) * w + xx - x;
          sum += weight(yy - y, xx - x, k) * m[at] * f[at * c + k];
          if (!filter) norm += weight(yy - y, xx - x, k) * m[at];
        }
      }
    }
    out[i] = m[cell] * f[i] + (1 - m[cell]) * (sum / norm);
  }
  return tf.tensor4d(out, [n, h, w, c]);
}

/** Means over groups of neighbouring channels. */
function groupMeans(x: tf.Tensor4D, groups: number): tf.Tensor4D {
  const size = x.shape[3] / groups;
  const parts = Array.from({ length: groups }, (_, g) => tf.mean(tf.slice(x, [0, 0, 0, g * size], [-1, -1, -1, size]), 3, true));
  return tf.concat(parts, 3) as tf.Tensor4D;
}

type Masks = [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

/** The block by its definition; `early`: the residual branch is filled in before conv3. */
function composed(params: Params, block: BlockSpec, x: tf.Tensor4D, [m1, m2, m3]: Masks, early = false): tf.Tensor4D {
  const { stride, planes, planes2, downsample, sampling } = block;
  const three = sampling!.integration === 'three-masks';
  let h = unit(params, 1, x, 1, true);
  if (!(sampling!.integration === 'one-mask' && stride === 2)) h = fill(params, block, 1, h, m1, groupMeans(x, planes));
  const given = stride === 1 ? h : tf.stridedSlice(h, [0, 0, 0, 0], [2, 9, 12, planes], [1, stride, stride, 1]);
  h = unit(params, 2, h, stride, true);
  if (three) h = fill(params, block, 2, h, m2, groupMeans(given as tf.Tensor4D, planes2));
  if (early) h = fill(params, block, 2, h, m2);
  h = unit(params, 3, h, 1, false);
  if (!early) h = fill(params, block, three ? 3 : 2, h, three ? m3 : m2);
  return tf.relu(tf.add(h, downsample ? unit(params, 'downsample', x, stride, false) : x)) as tf.Tensor4D;
}

const cases = VARIANTS.flatMap((variant) => [1, 2].flatMap((stride) => KINDS.map((kind) => [variant, stride, kind] as const)));

describe.each(cases)('%s, stride %i, %s', (variant, stride, kind) => {
  const block = blockOf(variant, kind, stride);
  const [h, w] = [Math.ceil(9 / stride), Math.ceil(12 / stride)];
  const shared = variant === 'one-mask';
  const masksOf = (soft: boolean): Masks => {
    const m2 = randomMask(h, w, 22, soft);
    return [shared ? (stride === 1 ? m2 : readBy(m2, 2, [2, 9, 12, 1])) : randomMask(9, 12, 21, soft), m2, randomMask(h, w, 23, soft)];
  };

  test('is its definition, with hard masks and with soft ones; what is not sampled is not needed', () => {
    tf.tidy(() => {
      const { params, x } = setUp(block);
      for (const soft of [false, true]) {
        const [mask1, mask2, mask3] = masksOf(soft);
        const want = composed(params, block, x, [mask1, mask2, mask3]);
        const masks = { mask1, mask2, mask3 };
        expectEqual(maskedBlock(params, block, x, masks, { order: 'inference' }), want);
        if (!soft) expectEqual(maskedBlock(params, block, x, masks, { order: 'inference', compute: 'sampled' }), want);
        const early = (kind === 'rbf' || kind === 'average') && variant !== 'three-masks';
        if (early) {
          expectEqual(maskedBlock(params, block, x, masks, { order: 'training' }), composed(params, block, x, [mask1, mask2, mask3], true));
        }
        if (variant === 'three-masks') expectEqual(maskedBlock(params, block, x, masks, { order: 'training' }), want);
      }
    });
  });

  test('with full masks it is the dense block', () => {
    tf.tidy(() => {
      const { params, x } = setUp(block);
      const [mask1, mask2] = [tf.ones([2, 9, 12, 1]) as tf.Tensor4D, tf.ones([2, h, w, 1]) as tf.Tensor4D];
      const got = maskedBlock(params, block, x, { mask1, mask2, mask3: mask2 }, { order: 'inference' });
      expectEqual(got, denseBlock(params, block, x));
    });
  });

  test('gradients in training, by finite differences', () => {
    tf.tidy(() => {
      const { params, x } = setUp(block);
      const upstream = tf.randomNormal([2, h, w, 16], 0, 1, 'float32', 31);
      const specs = blockParameters(block).filter(({ trainable }) => trainable);
      const loss = (input: tf.Tensor, values: Params) => {
        const { y } = blockForward({ ...params, ...values }, block, input as tf.Tensor4D, { mode: 'train', temperature: 1, key: [1, 2] });
        // Smooth in y, and large where y is: kinks of relu and roundings weigh little.
        return tf.mean(tf.mul(tf.square(y), upstream)) as tf.Scalar;
      };
      const names = specs.map(({ name }) => name);
      const ofNames = (values: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
      const all = [x, ...names.map((name) => params[name])];
      const gradients = tf.grads((input: tf.Tensor, ...values: tf.Tensor[]) => loss(input, ofNames(values)))(all);
      all.forEach((value, which) => {
        const direction = tf.randomNormal(value.shape, 0, 1, 'float32', 90 + which);
        const step = 2e-4;
        const at = (sign: number) => {
          const moved = all.map((each, i) => (i === which ? tf.add(each, tf.mul(direction, sign * step)) : each));
          return loss(moved[0], ofNames(moved.slice(1))).dataSync()[0];
        };
        const numeric = (at(1) - at(-1)) / (2 * step);
        const analytic = tf.sum(tf.mul(gradients[which], direction)).dataSync()[0];
        const name = which === 0 ? 'x' : names[which - 1];
        const size = Math.max(0.05, Math.abs(analytic));
        if (!(Math.abs(numeric - analytic) < 0.03 * size)) throw new Error(`${name}: ${analytic}, by differences ${numeric}`);
        expect(tf.max(tf.abs(gradients[which])).dataSync()[0]).toBeGreaterThan(0);
      });
    });
  });
});

test('parameters: a head for each mask, an interpolation where something is left out', () => {
  const sampled = (integration: Sampled, stride: number) =>
    blockParameters(blockOf(integration, 'rbf', stride, 3))
      .filter(({ role }) => role.startsWith('mask-w') || role === 'sigma')
      .map(({ name }) => name.slice('block.'.length));
  expect(sampled('one-mask', 1)).toEqual(['conv1_mask.weight', 'conv1_sigma', 'conv2_sigma']);
  expect(sampled('one-mask', 2)).toEqual(['conv1_mask.weight', 'conv2_sigma']);
  expect(sampled('two-masks', 2)).toEqual(['conv1_mask.weight', 'conv2_mask.weight', 'conv1_sigma', 'conv2_sigma']);
  const three = ['conv1_mask.weight', 'conv2_mask.weight', 'conv3_mask.weight', 'conv1_sigma', 'conv2_sigma', 'conv3_sigma'];
  expect(sampled('three-masks', 2)).toEqual(three);
  const filters = (integration: Sampled) =>
    blockParameters(blockOf(integration, 'convolution', 1, 3)).flatMap(({ role, shape }) => (role === 'filter' ? [shape[2]] : []));
  expect([filters('one-mask'), filters('three-masks')]).toEqual([
    [4, 16],
    [4, 3, 16],
  ]);
  expect([maskHeads(blockOf('dense')), fillings(blockOf('dense'))]).toEqual([[], []]);
});

test('samples: mask k is where convolution k is computed; draws follow the key of their head', () => {
  for (const stride of [1, 2]) {
    const ctx: ForwardContext = { mode: 'inference', sampler: { kind: 'stochastic', interval: 4, key: [9] } };
    const one = setUp(blockOf('one-mask', 'rbf', stride));
    const samples = blockForward(one.params, blockOf('one-mask', 'rbf', stride), one.x, ctx).samples!;
    expect(samples.probability1).toBe(samples.probability2);
    expect('mask3' in samples).toBe(false);
    expect(samples.mask1.shape).toEqual([2, 9, 12, 1]);
    if (stride === 1) expect(samples.mask1).toBe(samples.mask2);
    else expect(tf.mean(samples.mask1).dataSync()[0]).toBeGreaterThan(tf.mean(samples.mask2).dataSync()[0]);
    const three = setUp(blockOf('three-masks', 'rbf', stride));
    const { mask2, mask3, probability3, logits3 } = blockForward(three.params, blockOf('three-masks', 'rbf', stride), three.x, ctx)
      .samples!;
    expect([mask3!.shape, probability3!.shape, logits3!.shape]).toEqual([mask2.shape, mask2.shape, mask2.shape]);
    expect(Array.from(mask3!.dataSync())).not.toEqual(Array.from(mask2.dataSync()));
  }
});

test('what a strided 3x3 convolution reads, against loops; the expected share of it by draws', () => {
  fc.assert(
    fc.property(
      fc.record({
        h: fc.integer({ min: 1, max: 9 }),
        w: fc.integer({ min: 1, max: 9 }),
        stride: fc.constantFrom(1, 2, 3),
        seed: fc.nat(99),
      }),
      ({ h, w, stride, seed }) => {
        tf.tidy(() => {
          const [oh, ow] = [Math.ceil(h / stride), Math.ceil(w / stride)];
          const mask = randomMask(oh, ow, seed);
          const bits = mask.dataSync();
          const got = readBy(mask, stride, [2, h, w, 1]).dataSync();
          got.forEach((value, i) => {
            const [x, y, n] = [i % w, Math.floor(i / w) % h, Math.floor(i / (w * h))];
            let want = 0;
            for (let p = 0; p < oh; p++) {
              for (let q = 0; q < ow; q++) {
                if (Math.abs(p * stride - y) <= 1 && Math.abs(q * stride - x) <= 1) want = Math.max(want, bits[(n * oh + p) * ow + q]);
              }
            }
            expect(value).toBe(want);
          });
        });
      },
    ),
    { numRuns: 40, seed: 2 },
  );
  for (const density of [0, 0.2, 0.6, 1]) {
    const mask = tf.cast(tf.less(tf.randomUniform([1, 200, 200, 1], 0, 1, 'float32', 4), density), 'float32') as tf.Tensor4D;
    expect(tf.mean(readBy(mask, 2, [1, 400, 400, 1])).dataSync()[0]).toBeCloseTo(readShare(density), 2);
  }
});

describe('MACs', () => {
  const network = (integration: Integration, kind: InterpolationKind = 'rbf') =>
    resnet({
      stem: { kind: 'small', widths: [4, 8] },
      layers: [1, 1],
      planes: [8, 8],
      expansion: 2,
      sampling: { ...samplingOf(integration, kind), interpolation: { kind, window: 7, sigma: 3 } },
    });
  // 64x64 pixels: stage 1 at 16x16 throughout, stage 2 from 16x16 to 8x8. Widths 8 or 16 -> 8 -> 8 -> 16.
  const parts = (integration: Integration, densities: Parameters<typeof countMacs>[2]) =>
    Object.fromEntries(countMacs(network(integration), [64, 64], densities).layers.map(({ name, macs }) => [name, macs]));
  const [before, after] = [256, 64];

  test('one mask: one head, conv1 where it is read', () => {
    const d = { 'layer1.0': { mask1: 0.3, mask2: 0.3 }, 'layer2.0': { mask1: 0.5, mask2: 0.25 } };
    const rows = parts('one-mask', d);
    expect(Object.keys(rows).filter((name) => /mask|interpolation/.test(name))).toEqual([
      'layer1.0.conv1_mask',
      'layer1.0.interpolation1',
      'layer1.0.interpolation2',
      'layer2.0.conv1_mask',
      'layer2.0.interpolation2',
    ]);
    expect(rows['layer1.0.conv1_mask']).toBe(9 * 8 * before);
    expect(rows['layer2.0.conv1_mask']).toBe(9 * 16 * after);
    expect(rows['layer2.0.conv1']).toBeCloseTo(16 * 8 * before * 0.5, 6);
    expect(rows['layer2.0.conv3']).toBeCloseTo(8 * 16 * after * 0.25, 6);
    expect(rows['layer1.0.interpolation1']).toBeCloseTo(49 * 8 * before * 0.3 * 0.7, 6);
    const number = parts('one-mask', 0.25);
    expect(number['layer2.0.conv1']).toBeCloseTo(16 * 8 * before * readShare(0.25), 6);
    expect(number['layer1.0.conv1']).toBeCloseTo(8 * 8 * before * 0.25, 6);
  });

  test('three masks: a head and an interpolation for each', () => {
    const own = { mask1: 0.5, mask2: 0.25, mask3: 0.125 };
    const rows = parts('three-masks', { 'layer1.0': own, 'layer2.0': own });
    expect(rows['layer2.0.conv1_mask']).toBe(9 * 16 * before);
    expect([rows['layer2.0.conv2_mask'], rows['layer2.0.conv3_mask']]).toEqual([9 * 16 * after, 9 * 16 * after]);
    expect(rows['layer2.0.conv2']).toBeCloseTo(9 * 8 * 8 * after * 0.25, 6);
    expect(rows['layer2.0.conv3']).toBeCloseTo(8 * 16 * after * 0.125, 6);
    expect(rows['layer2.0.interpolation2']).toBeCloseTo(49 * 8 * after * 0.25 * 0.75, 6);
    expect(rows['layer2.0.interpolation3']).toBeCloseTo(49 * 16 * after * 0.125 * 0.875, 6);
    expect(() => parts('three-masks', { 'layer1.0': { mask1: 1, mask2: 1 }, 'layer2.0': own })).toThrow(
      "no density for block 'layer1.0'; give {mask1, mask2, mask3}",
    );
  });

  test('at equal densities a mask less is cheaper where it is one', () => {
    const totals = VARIANTS.map((variant) => countMacs(network(variant, 'zeros'), [64, 64], 1).total.direct);
    expect(totals[0]).toBeLessThan(totals[1]);
    expect(totals[1]).toBeLessThan(totals[2]);
  });
});

test('errors name the block and the way out', () => {
  const block = blockOf('three-masks');
  const { params, x } = setUp(block);
  const mask = tf.ones([2, 9, 12, 1]) as tf.Tensor4D;
  expect(() => maskedBlock(params, block, x, { mask1: mask, mask2: mask }, { order: 'inference' })).toThrow('block: mask3 is missing');
  const stem = { kind: 'small' as const, widths: [4, 8] as [number, number] };
  const of = (sampling: SamplingConfig) => () => resnet({ stem, layers: [1], planes: [8], sampling, widths: { 'layer1.0.conv2': 3 } });
  expect(of(samplingOf('four-masks' as Integration))).toThrow("unknown integration 'four-masks'; give dense, one-mask, two-masks");
  expect(of(samplingOf('three-masks', 'reuse'))).toThrow('8 channels that layer1.0.conv2 is given down to 3; give a divisor');
});

test('readsOnly is for one mask at stride 2', () => {
  expect(VARIANTS.flatMap((variant) => [1, 2].map((stride) => readsOnly(blockOf(variant, 'rbf', stride))))).toEqual([
    false,
    true,
    false,
    false,
    false,
    false,
  ]);
});

function expectEqual(got: tf.Tensor, want: tf.Tensor): void {
  expect(got.shape).toEqual(want.shape);
  expect(tf.max(tf.abs(tf.sub(got, want))).dataSync()[0]).toBeLessThanOrEqual(1e-4);
}
