// Masks that the compiled model draws itself are those of the tfjs model with the same key.
import { uniformValues } from '@stint/core-sampling';
import * as tf from '@tensorflow/tfjs-core';
import { image, maskBytes, model, padded, sampling, small } from '../testing/models.ts';
import { compile } from './compile.ts';
import type { SamplerOptions } from './sampler.ts';

const picture = image(64, 96);
const network = model({ backbone: small() });
afterAll(() => network.dispose());

test.each<SamplerOptions>([
  { kind: 'stochastic', key: [3, 9] },
  { kind: 'deterministic' },
  { kind: 'blue-noise', key: [3, 9] },
  { kind: 'random', density: 0.3, key: [4] },
  { kind: 'uniform', density: 0.3 },
])('$kind', async (options) => {
  const { backbone, checkpoint, body } = network;
  const sampler = { ...options, kind: options.kind as Exclude<SamplerOptions['kind'], 'given'>, interval: options.interval ?? 5 };
  const compiled = await compile(checkpoint, { sampler: options, threads: 1 });
  const { masks } = await compiled.run(picture, { wantMasks: true });
  const samples = tf.tidy(() =>
    backbone
      .forward(body, padded(picture), { mode: 'inference', sampler })
      .samples.map(({ name, mask1, mask2, probability1, probability2 }) => ({
        name,
        drawn: [maskBytes(mask1), maskBytes(mask2)],
        probabilities: [probability1.dataSync(), probability2.dataSync()],
      })),
  );
  samples.forEach(({ name, drawn, probabilities }, index) => {
    const own = [masks![name].mask1, masks![name].mask2];
    own.forEach((mask, i) => {
      const noise = options.kind === 'stochastic' ? uniformValues(mask.length, [...options.key!, index, i + 1]) : undefined;
      // Both sides round a probability differently in its last bits: only a draw on that edge may differ.
      const differ = [...mask.keys()].filter((cell) => mask[cell] !== drawn[i][cell]);
      for (const cell of differ) {
        const edge = noise ? noise[cell] : 0.5;
        expect(Math.abs(probabilities[i][cell] - edge)).toBeLessThan(1e-4);
      }
      expect(differ.length).toBeLessThan(3);
    });
  });
});

test.each(['one-mask', 'three-masks'] as const)('%s: every mask is drawn with the key of its head', async (integration) => {
  const other = model({ backbone: small({ sampling: sampling('rbf', { integration }) }) });
  const compiled = await compile(other.checkpoint, { sampler: { kind: 'stochastic', key: [3, 9] }, threads: 1 });
  const { masks } = await compiled.run(picture, { wantMasks: true });
  const drawn = tf.tidy(() =>
    other.backbone
      .forward(other.body, padded(picture), { mode: 'inference', sampler: { kind: 'stochastic', interval: 5, key: [3, 9] } })
      .samples.map(({ name, mask1, mask2, mask3 }) => [name, [mask1, mask2, mask3].map((mask) => mask && maskBytes(mask))] as const),
  );
  for (const [name, [mask1, mask2, mask3]] of drawn) {
    for (const [got, want] of [
      [masks![name].mask1, mask1],
      [masks![name].mask2, mask2],
      [masks![name].mask3, mask3],
    ]) {
      expect(got?.length).toBe(want?.length);
      // A draw on the edge of a probability may fall either way.
      expect([...(got ?? [])].filter((value, cell) => value !== want![cell]).length).toBeLessThan(3);
    }
  }
  compiled.close();
  other.dispose();
});

test("a run's key names its masks, whatever ran before", async () => {
  const compiled = await compile(network.checkpoint, { threads: 1 });
  const masksOf = async (key?: number[]) => (await compiled.run(picture, { key, wantMasks: true })).masks;
  const first = await masksOf([1]);
  expect(await masksOf([2])).not.toEqual(first);
  expect(await masksOf([1])).toEqual(first);
  expect(await masksOf()).toEqual(await masksOf([0]));
});

test('a shift moves the density; far enough, everything or only the grid is sampled', async () => {
  const compiled = await compile(network.checkpoint, { threads: 1 });
  const densityAt = async (shift: number) => (await compiled.run(picture, { shift })).densities['layer1.0'].mask1;
  const densities = [await densityAt(-40), await densityAt(-1), await densityAt(0), await densityAt(1), await densityAt(40)];
  expect([...densities].sort((a, b) => a - b)).toEqual(densities);
  expect(densities[0]).toBeCloseTo((Math.ceil(16 / 5) * Math.ceil(24 / 5)) / (16 * 24), 6);
  expect(densities[4]).toBe(1);
});
