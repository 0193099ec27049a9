import * as tf from '@tensorflow/tfjs-core';
import { expectedMacs } from './expected-macs.ts';
import { countMacs } from './macs.ts';
import { resnet } from './resnet.ts';
import type { BlockSamples, Integration, SamplingConfig } from './types.ts';

const network = (integration: Integration, sampling: Partial<SamplingConfig> = {}) =>
  resnet({
    stem: { kind: 'small', widths: [4, 8] },
    layers: [2, 1],
    planes: [8, 8],
    expansion: 2,
    sampling: { integration, interval: 5, interpolation: { kind: 'rbf', window: 7, sigma: 3 }, bias: -0.5, ...sampling },
  });
const VARIANTS = ['one-mask', 'two-masks', 'three-masks'] as const;
const size = [96, 128] as const;

/** Parameters whose mask heads see something. */
function parametersOf(backbone: ReturnType<typeof network>) {
  const params = backbone.initialise(4);
  for (const { name, shape, role } of backbone.parameters) {
    if (role === 'mask-weight') params[name] = tf.randomNormal(shape, 0, 0.1, 'float32', name.length);
  }
  return params;
}

describe.each(VARIANTS)('%s', (integration) => {
  const backbone = network(integration);
  const params = parametersOf(backbone);
  const images = tf.randomNormal([3, ...size, 3], 0, 1, 'float32', 5) as tf.Tensor4D;

  test('the mean cost of many draws', () => {
    const draws = 30;
    let [total, conditional] = [0, 0];
    let expected: { total: number; conditional: number } | undefined;
    for (let draw = 0; draw < draws; draw++) {
      tf.tidy(() => {
        const { samples } = backbone.forward(params, images, {
          mode: 'inference',
          sampler: { kind: 'stochastic', interval: 5, key: [draw] },
        });
        for (let n = 0; n < 3; n++) {
          const share = (mask: tf.Tensor4D) => tf.mean(tf.slice(mask, [n, 0, 0, 0], [1, -1, -1, -1])).dataSync()[0];
          const densities = Object.fromEntries(
            samples.map(({ name, mask1, mask2, mask3 }) => [
              name,
              { mask1: share(mask1), mask2: share(mask2), ...(mask3 && { mask3: share(mask3) }) },
            ]),
          );
          const report = countMacs(backbone, size, densities);
          total += report.total.direct / (3 * draws);
          conditional += report.conditional / (3 * draws);
        }
        const got = expectedMacs(backbone, size, samples);
        expected ??= { total: got.total.dataSync()[0], conditional: got.conditional.dataSync()[0] };
      });
    }
    // Random cells of a grid along a map's edge have fewer windows, and samples are not independent where the heads agree.
    const tolerance = integration === 'one-mask' ? 0.02 : 0.01;
    expect(Math.abs(expected!.total / total - 1)).toBeLessThan(tolerance);
    expect(Math.abs(expected!.conditional / conditional - 1)).toBeLessThan(tolerance);
  });

  test('without masks nothing is left out: pi = 1 costs what the dense network and its mask heads cost', () => {
    tf.tidy(() => {
      const { samples } = backbone.forward(params, images, { mode: 'inference', sampler: { kind: 'dense', interval: 0 } });
      const ones = samples.map((block) =>
        Object.fromEntries(Object.entries(block).map(([key, value]) => [key, typeof value === 'string' ? value : tf.onesLike(value)])),
      ) as unknown as BlockSamples[];
      const { total, conditional, denseTotal, denseConditional } = expectedMacs(backbone, size, ones);
      const full = countMacs(backbone, size, 1);
      expect(denseTotal).toBe(full.denseTotal);
      expect(denseConditional).toBe(full.conditional);
      expect(total.dataSync()[0] / full.total.direct).toBeCloseTo(1, 5);
      expect(conditional.dataSync()[0] / full.conditional).toBeCloseTo(1, 5);
    });
  });

  test('its gradient by finite differences', () => {
    tf.tidy(() => {
      const bias = tf.scalar(0);
      const cost = (shift: tf.Tensor) => {
        const moved = Object.fromEntries(
          Object.entries(params).map(([name, value]) => [name, name.endsWith('_mask.bias') ? tf.add(value, shift) : value]),
        );
        const { samples } = backbone.forward(moved, images, { mode: 'train', key: [1] });
        const { total, denseTotal } = expectedMacs(backbone, size, samples);
        return tf.div(total, denseTotal) as tf.Scalar;
      };
      const gradient = tf.grad(cost)(bias).dataSync()[0];
      const at = (shift: number) => cost(tf.scalar(shift)).dataSync()[0];
      expect(gradient).toBeCloseTo((at(0.02) - at(-0.02)) / 0.04, 3);
      expect(gradient).toBeGreaterThan(0);
    });
  });
});

test('samples of other blocks are refused', () => {
  expect(() => expectedMacs(network('two-masks'), size, [])).toThrow("no samples of block 'layer1.0'");
});
