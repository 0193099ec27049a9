// Files with torchvision's names against torchvision's own numbers (fixture 06).
import path from 'node:path';
import { type SafeTensor, serializeSafetensors } from '@stint/safetensors';
import { expectClose, readFixture, relayout } from '../../../tools/jest/fixtures.ts';
import tolerances from '../fixtures/tolerances.json';
import { compile } from './compile.ts';

const { tensors, params } = readFixture(path.join(__dirname, '../fixtures/06_resnet_tiny_torchvision.safetensors'));
const limits: Record<string, { rtol: number; atol: number }> = tolerances['06_resnet_tiny_torchvision'];

function stateDict(rename: (name: string) => string = (name) => name): Uint8Array {
  const entries = Object.entries(tensors)
    .filter(([name]) => name.startsWith('param/'))
    .map(([name, { shape, dtype, data }]): [string, SafeTensor] => {
      // num_batches_tracked are counters, and no parameters.
      const tensor = dtype === 'F32' ? { dtype: 'F32', shape, data } : { dtype: 'I32', shape, data };
      return [rename(name.slice('param/'.length)), tensor as SafeTensor];
    });
  return Buffer.concat(serializeSafetensors(entries));
}

test('a dense ResNet is recognised by its names; features and logits are those of torchvision', async () => {
  const model = await compile(stateDict(), { threads: 2, keepMaps: true });
  expect(model.description.backbone).toEqual({
    stem: { kind: 'imagenet', width: params.stem },
    layers: params.layers,
    planes: params.widths,
    expansion: 4,
    classes: params.num_classes,
  });
  const x = relayout(tensors.x, 'NHWC');
  const [count, height, width] = x.shape;
  const cells = height * width * 3;
  for (let n = 0; n < count; n++) {
    const picture = { data: (x.data as Float32Array).slice(n * cells, (n + 1) * cells), height, width };
    const { features, logits } = await model.run(picture, { wantMaps: true });
    features!.forEach(({ data }, s) => {
      const key = `c${s + 2}`;
      const want = relayout(tensors[key], 'NHWC').data;
      expectClose(data, want.slice(n * data.length, (n + 1) * data.length), limits[key], key);
    });
    expectClose(logits!, tensors.logits.data.slice(n * logits!.length, (n + 1) * logits!.length), limits.logits, 'logits');
  }
});

test('other names are refused with what is missing', async () => {
  await expect(compile(stateDict((name) => name.replace('conv3', 'conv4')))).rejects.toThrow(
    /layer1.0.conv3.weight is missing.*torchvision/,
  );
});
