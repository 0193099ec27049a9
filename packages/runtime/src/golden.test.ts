// Planned networks against the golden numbers: the authors' block in inference order (fixture 04), torchvision's ResNet-50 (fixture 07).
import path from 'node:path';
import { blockParameters, convertTorchWeights, resnetLayout, type TorchTensor } from '@stint/backbones/plain';
import { nativeEngine, nativeProgram } from '@stint/sparse-conv/native';
import { expectClose, readFixture, relayout } from '../../../tools/jest/fixtures.ts';
import { hashed, hashedWeight } from '../../../tools/jest/hashed.ts';
import tolerances from '../fixtures/tolerances.json';
import { compile } from './compile.ts';
import { planBlock } from './plan/block.ts';
import { planBuilder } from './plan/builder.ts';
import { weightsOf } from './plan/weights.ts';

const read = (name: string) => readFixture(path.join(__dirname, `../fixtures/${name}.safetensors`));
const limitsOf = (name: keyof typeof tolerances): Record<string, { rtol: number; atol: number }> => tolerances[name];

describe.each(['04_block_s1', '04_block_s2'] as const)('%s, the block of the paper', (name) => {
  const { tensors, params } = read(name);
  const { inplanes, planes, stride, downsample } = params;
  const sampling = {
    integration: 'two-masks' as const,
    interval: 11,
    bias: 3,
    interpolation: { kind: 'rbf' as const, window: 7, sigma: 3 },
  };
  const widths = { inChannels: inplanes, planes, planes2: planes, outChannels: 4 * planes };
  const block = { name: 'block', stage: 1, index: 0, stride, downsample, sampling, ...widths };
  const entries = new Map<string, TorchTensor>(
    Object.entries(tensors)
      .filter(([key]) => key.startsWith('param/'))
      .map(([key, tensor]) => [key.replace('param/', 'block.'), tensor]),
  );
  const parameters = convertTorchWeights(entries, blockParameters(block));
  const map = (key: string) => relayout(tensors[key], 'NHWC');
  const x = map('x');
  const [count, height, width] = x.shape;

  /** The block of each image; masks given, or drawn where pi >= 1/2. */
  async function run(masks?: { m1: string; m2: string }) {
    const engine = nativeEngine();
    const plan = planBuilder();
    const input = { span: plan.buffer(height * width * inplanes), height, width, channels: inplanes };
    const checkpoint = { description: { backbone: resnetLayoutOf() }, tensors: parameters, metadata: {}, source: name };
    const weights = weightsOf(engine, checkpoint, '', new Map());
    const { output, slots } = planBlock(plan, weights, block, input, { kind: masks ? 'given' : 'deterministic', interval: 11 });
    const program = nativeProgram(engine, plan.finish({ images: 0, inputs: [input.span], outputs: [output.span] }).program);
    const { mask1, mask2 } = slots!.masks;
    return Promise.all(
      Array.from({ length: count }, (_, n) => n).map((n) => {
        const part = (values: ArrayLike<number>) =>
          Float32Array.from(values).slice((n * values.length) / count, ((n + 1) * values.length) / count);
        const given = masks && { [mask1]: Uint8Array.from(part(map(masks.m1).data)), [mask2]: Uint8Array.from(part(map(masks.m2).data)) };
        // One at a time runs on an engine.
        return { inputs: [part(x.data)], masks: given, want: [mask1, mask2] };
      }),
    ).then(async (runs) => {
      const results = [];
      for (const options of runs) results.push(await program.run(options));
      return {
        y: Float32Array.from(results.flatMap(({ outputs }) => [...outputs[0]])),
        mask1: results.flatMap(({ masks }) => [...masks[mask1]]),
        mask2: results.flatMap(({ masks }) => [...masks[mask2]]),
      };
    });
  }

  test('drawn where the probability is one half or more', async () => {
    const { y, mask1, mask2 } = await run();
    expect(mask1).toEqual([...map('test_det/m1').data]);
    expect(mask2).toEqual([...map('test_det/m2').data]);
    expectClose(y, map('test_det/y_intended').data, limitsOf(name)['test_det/y_intended'], 'y');
  });

  test('stochastic masks, given', async () => {
    const { y } = await run({ m1: 'test_binary/m1', m2: 'test_binary/m2' });
    expectClose(y, map('test_binary/y_intended').data, limitsOf(name)['test_binary/y_intended'], 'y');
  });
});

/** A description is needed, but nothing of it is read here. */
const resnetLayoutOf = () => resnetLayout({ stem: { kind: 'small', widths: [1, 1] }, layers: [1], planes: [1] }).config;

test('07, ResNet-50 of torchvision with hashed weights', async () => {
  const { tensors, params } = read('07_resnet_full_hash_weights');
  const backbone = { stem: { kind: 'imagenet' as const, width: 64 }, layers: [3, 4, 6, 3], planes: [64, 128, 256, 512], classes: 1000 };
  const entries = new Map<string, TorchTensor>();
  params.state_dict.forEach(([name, shape]: [string, number[]], t: number) => {
    if (!name.endsWith('num_batches_tracked')) entries.set(name, { shape, data: hashedWeight(name, shape, t) });
  });
  const weights = convertTorchWeights(entries, resnetLayout(backbone).parameters);
  const model = await compile({ description: { backbone }, tensors: weights, metadata: {}, source: '07' }, { keepMaps: true });
  const [, channels, height, width] = params.input_shape;
  const nchw = hashed(channels * height * width, params.input_index);
  const data = Float32Array.from(nchw, (_, i) => nchw[(i % 3) * height * width + Math.floor(i / 3)]);
  const { features, logits } = await model.run({ data, height, width }, { wantMaps: true });
  const limits = limitsOf('07_resnet_full_hash_weights');
  features!.forEach((map, s) => {
    const cells = map.height * map.width;
    const got = Array.from(tensors[`c${s + 2}_index`].data, (i) => map.data[(i % cells) * map.channels + Math.floor(i / cells)]);
    expectClose(got, tensors[`c${s + 2}_values`].data, limits[`c${s + 2}_values`], `c${s + 2}`);
  });
  expectClose(logits!.slice(0, 20), tensors.logits_first20.data, limits.logits_first20, 'logits');
});
