// Blocks and their widths by the same rules as @stint/backbones, whose configurations are exported.
import { type ResNetConfig, resnet } from '@stint/backbones';
import fc from 'fast-check';
import { maskInputs } from './index.ts';
import { blocksOf, sizeAt, stemWidths } from './network.ts';

const width = fc.integer({ min: 1, max: 9 });
const configs: fc.Arbitrary<ResNetConfig> = fc
  .record({
    stem: fc.oneof(
      fc.record({ kind: fc.constant('imagenet' as const), width }),
      fc.record({ kind: fc.constant('small' as const), widths: fc.tuple(width, width) }),
    ),
    stages: fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), width), { minLength: 1, maxLength: 4 }),
    expansion: fc.constantFrom(undefined, 1, 2),
    pruned: fc.dictionary(fc.constantFrom('conv1', 'layer1.0.conv1', 'layer1.0.conv2', 'layer2', 'layer2.0.conv2'), width),
  })
  .map(({ stem, stages, expansion, pruned }) => ({
    stem,
    layers: stages.map(([count]) => count),
    planes: stages.map(([, planes]) => planes),
    expansion,
    widths: Object.fromEntries(Object.entries(pruned).filter(([name]) => !name.startsWith('layer2') || stages.length > 1)),
  }));

test('blocks equal those of resnet(), or neither accepts the configuration', () => {
  fc.assert(
    fc.property(configs, (config) => {
      const attempt = <T>(make: () => T): T | 'refused' => {
        try {
          return make();
        } catch {
          return 'refused';
        }
      };
      const want = attempt(() => resnet(config).blocks);
      const got = attempt(() => blocksOf(config).map(({ inStride, outStride, ...block }) => block));
      expect(got).toEqual(want);
      if (want === 'refused') return;
      const shapes = new Map(resnet(config).parameters.map(({ name, shape }) => [name, shape]));
      expect(stemWidths(config)).toEqual(['conv1', 'conv2'].flatMap((name) => shapes.get(`${name}.weight`)?.[3] ?? []));
      expect(blocksOf(config).map(({ outStride }) => outStride)).toEqual(want.map(({ stage }) => 2 ** (stage + 1)));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('sizes round up at every halving', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(2, 4, 8, 16, 32, 64), (size, stride) => {
      let [halved, left] = [size, stride];
      for (; left > 1; left /= 2) halved = Math.ceil(halved / 2);
      expect(sizeAt([size, size], stride)).toEqual([halved, halved]);
    }),
    { seed: 2 },
  );
  expect(sizeAt('dynamic', 1)).toEqual(['H', 'W']);
  expect(sizeAt('dynamic', 8)).toEqual(['H8', 'W8']);
});

test('mask inputs: names and shapes, head 1 at the resolution of the input', () => {
  const sampling = {
    integration: 'two-masks' as const,
    interval: 11,
    interpolation: { kind: 'rbf' as const, window: 7, sigma: 3 },
    bias: 3,
  };
  const backbone: ResNetConfig = { stem: { kind: 'small', widths: [4, 8] }, layers: [1, 1], planes: [4, 8], sampling };
  expect(maskInputs({ backbone }, [33, 50])).toEqual([
    { name: 'layer1.0.mask1', shape: [1, 1, 9, 13] },
    { name: 'layer1.0.mask2', shape: [1, 1, 9, 13] },
    { name: 'layer2.0.mask1', shape: [1, 1, 9, 13] },
    { name: 'layer2.0.mask2', shape: [1, 1, 5, 7] },
  ]);
  expect(() => maskInputs({ backbone: { ...backbone, sampling: undefined } }, [33, 50])).toThrow('sampling is not given');
});
