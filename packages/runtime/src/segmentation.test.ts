// Segmentation heads, compiled, against the tfjs heads with the same masks: logits and, but for ties, labels, at any size.
import { resizeBilinear } from '@stint/segmentation-head';
import * as tf from '@tensorflow/tfjs-core';
import { image, maskBytes, model, padded, small } from '../testing/models.ts';
import { compile } from './compile.ts';
import type { ModelDescription } from './description.ts';
import type { BlockMasks } from './run.ts';

jest.setTimeout(60_000); // for machines under load
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const body = { backbone: small({ layers: [1, 1, 1], planes: [4, 6, 8] }), fpn: { channels: 8 } };
const common = { classes: 5, channels: 8, strides: [4, 8, 16, 32] };
const heads: Record<string, ModelDescription['head']> = {
  'decoder, group norm': { kind: 'fpn-decoder', ...common, width: 12 },
  'decoder without norm': { kind: 'fpn-decoder', ...common, width: 9, norm: 'none' },
  'FCN on the second level': { kind: 'fcn', ...common, level: 1, convs: 2, width: 12, groups: 3 },
  'FCN without convolutions': { kind: 'fcn', ...common, convs: 0 },
};

/** The second and the best logit of each pixel differ by it or less: either class is right. */
const TIE = 1e-3;

test.each(Object.entries(heads))('%s', async (_, head) => {
  const { backbone, pyramid, segmenter, checkpoint, body: params, neck, ...own } = model({ ...body, head }, 3);
  const compiled = await compile(checkpoint, { threads: 1 });
  for (const [height, width, output] of [
    [50, 83, undefined],
    [50, 83, [120, 131]],
    [70, 64, [33, 40]],
    [1, 200, [1, 200]],
  ] as const) {
    const picture = image(height, width, width);
    const { features, samples } = backbone.forward(params, padded(picture), {
      mode: 'inference',
      sampler: { kind: 'stochastic', interval: 5, key: [width] },
    });
    const masks: BlockMasks = Object.fromEntries(
      samples.map(({ name, mask1, mask2 }) => [name, { mask1: maskBytes(mask1), mask2: maskBytes(mask2) }]),
    );
    const { segmentation } = await compiled.run(picture, { masks, labelSize: output });
    const size = [height, width].map((side) => Math.ceil(side / 32) * 32) as [number, number];
    const levels = pyramid!.forward(neck, features);
    const inside = tf.slice(segmenter!.logits(own.params, levels, size), [0, 0, 0, 0], [1, height, width, 5]);
    const logits = output ? resizeBilinear(inside, output) : inside;
    const [want] = segmenter!.predict(own.params, levels, size, [{ height, width, output }]);
    expect([segmentation!.height, segmentation!.width]).toEqual([want.height, want.width]);
    // Not one class everywhere.
    if (height > 1) expect(new Set(want.data).size).toBeGreaterThan(1);
    const { values } = tf.topk(tf.reshape(logits, [-1, 5]), 2);
    const best = values.dataSync();
    const wrong = want.data.filter((label, i) => label !== segmentation!.data[i] && best[2 * i] - best[2 * i + 1] > TIE);
    expect(wrong).toHaveLength(0);
    expect(want.data.filter((label, i) => label !== segmentation!.data[i]).length).toBeLessThan(0.01 * want.data.length + 2);
  }
  compiled.close();
});

test('weights of the head that are missing, and settings that cannot work, are named', async () => {
  const { checkpoint } = model({ ...body, head: heads['decoder, group norm'] });
  const tensors = new Map([...checkpoint.tensors].filter(([name]) => name !== 'sem_seg_head.p3.0.norm.weight'));
  await expect(compile({ ...checkpoint, tensors })).rejects.toThrow('sem_seg_head.p3.0.norm.weight [12] is missing');
  const description = { ...checkpoint.description, head: { ...heads['decoder, group norm']!, width: 12, groups: 5 } } as ModelDescription;
  await expect(compile({ ...checkpoint, description })).rejects.toThrow('fpnDecoder: 5 groups do not divide width 12');
});
