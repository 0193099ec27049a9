/** @jest-environment <rootDir>/../../packages/onnx/testing/environment.cjs */
// import and export as commands: torchvision's networks in (fixtures 06 and 07 of the packages), ONNX out, onnxruntime beside our runtime.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compile, type ModelDescription } from '@stint/runtime';
import { readSafetensors, type SafeTensor, writeSafetensors } from '@stint/safetensors';
import { InferenceSession } from 'onnxruntime-node';
import { expectClose, readFixture } from '../../../../tools/jest/fixtures.ts';
import { hashed, hashedWeight } from '../../../../tools/jest/hashed.ts';
import { createNetwork } from '../run/network.ts';
import { main } from './index.ts';

const FIXTURES = path.join(__dirname, '../../../../packages/runtime/fixtures');
const SHIPPED = path.join(__dirname, '../../fixtures/embedded-rbf.safetensors');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-interop-'));
const at = (name: string) => path.join(folder, name);
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function stint(...args: string[]) {
  const [out, err]: string[][] = [[], []];
  const code = await main(args, { io: { out: (text) => out.push(text), err: (text) => err.push(text) } });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Fixture 06 as a state_dict of torchvision, with what PyTorch saves beside the weights. */
function tinyStateDict() {
  const { tensors, params } = readFixture(path.join(FIXTURES, '06_resnet_tiny_torchvision.safetensors'));
  const entries = Object.entries(tensors)
    .filter(([name]) => name.startsWith('param/'))
    .map(([name, { shape, dtype, data }]): [string, SafeTensor] => {
      const [short, floats] = [name.slice('param/'.length), dtype === 'F32'];
      return [short, { dtype: floats ? 'F32' : 'I32', shape, data } as SafeTensor];
    });
  return { entries, tensors, params };
}

const chw = ({ shape, data }: { shape: number[]; data: ArrayLike<number> }, image: number) => {
  const [, channels, height, width] = shape;
  const cells = height * width;
  const from = image * channels * cells;
  return {
    height,
    width,
    data: Float32Array.from({ length: channels * cells }, (_, i) => data[from + (i % channels) * cells + Math.floor(i / channels)]),
  };
};

test("import: a state_dict with torchvision's names; the checkpoint computes torchvision's numbers", async () => {
  const { entries, tensors } = tinyStateDict();
  writeSafetensors(at('tiny.safetensors'), entries);
  fs.writeFileSync(at('names.txt'), `${Array.from({ length: 10 }, (_, i) => `kind ${i}`).join('\n')}\n`);
  const { code, out } = await stint('import', at('tiny.safetensors'), '--out', at('deep/ours.safetensors'), '--classes', at('names.txt'));
  expect([code, out]).toEqual([0, expect.stringMatching(/ResNet-14 \[1,1,1,1\] of width \[8,16,24,32\], 0\.\d+ M values, 10 classes$/)]);
  const model = await compile(at('deep/ours.safetensors'), { threads: 1 });
  const { logits } = await model.run(chw(tensors.x, 0));
  model.close();
  expect(model.description.categories![3]).toEqual({ id: 3, name: 'kind 3' });
  expectClose(logits!, (tensors.logits.data as Float32Array).subarray(0, 10), { rtol: 1e-3, atol: 1e-4 }, 'logits');
});

test('import, export and check of ResNet-50 with the weights of fixture 07, as timm and torchvision name them', async () => {
  const { tensors, params } = readFixture(path.join(FIXTURES, '07_resnet_full_hash_weights.safetensors'));
  const state = params.state_dict as [string, number[]][];
  const entries = state.flatMap(([name, shape], t): [string, SafeTensor][] =>
    name.endsWith('num_batches_tracked') ? [] : [[name, { dtype: 'F32', shape, data: hashedWeight(name, shape, t) }]],
  );
  writeSafetensors(at('resnet50.safetensors'), entries);
  const imported = await stint('import', at('resnet50.safetensors'), '--out', at('r50.safetensors'), '--json');
  expect(JSON.parse(imported.out)).toMatchObject({ description: { backbone: { layers: [3, 4, 6, 3], classes: 1000 } } });
  const [, , height, width] = params.input_shape;
  const image = chw({ shape: params.input_shape, data: hashed(3 * height * width, params.input_index) }, 0);
  const model = await compile(at('r50.safetensors'), { threads: 1 });
  const { logits } = await model.run(image);
  model.close();
  expectClose(logits!.slice(0, 20), tensors.logits_first20.data, { rtol: 1e-3, atol: 1e-3 }, 'logits');
  const args = ['--checkpoint', at('r50.safetensors'), '--onnx', at('r50.onnx'), '--outputs', 'features,logits', '--size', '64x96'];
  const exported = await stint('export', ...args, '--check', '--json');
  const { check, opset } = JSON.parse(exported.out);
  expect([exported.code, opset, check.map(({ output }: { output: string }) => output)]).toEqual([
    0,
    17,
    ['c2', 'c3', 'c4', 'c5', 'logits'],
  ]);
});

test.each([
  [['--graph', 'dense'], ['image']],
  [
    ['--graph', 'masked'],
    ['image', 'layer1.0.mask1'],
  ],
  [
    ['--graph', 'sampled', '--size', '96x128', '--opset', '21'],
    ['image', 'layer1.0.mask1'],
  ],
  [['--graph', 'sampled', '--mask-source', 'deterministic', '--outputs', 'features,pyramid,masks'], ['image']],
])('export %j of a trained detector: equal to our runtime with the same masks', async (args, inputs) => {
  const { code, out } = await stint('export', '--checkpoint', SHIPPED, '--onnx', at('m.onnx'), ...args, '--check');
  expect([code, out]).toEqual([0, expect.stringMatching(/equal +p2 +\[1,48,\d+,\d+\] +greatest difference \d\.\de-\d/)]);
  expect(out).not.toMatch(/DIFFERS/);
  const session = await InferenceSession.create(at('m.onnx'));
  expect(session.inputNames.slice(0, inputs.length)).toEqual(inputs);
  expect(session.inputNames).toHaveLength(inputs.length === 1 ? 1 : 13);
});

test.each(['fpn-decoder', 'fcn'])(
  'a segmentation checkpoint (%s): exported and checked up to what its head reads',
  async (kind) => {
    const { tensors, metadata } = readSafetensors(SHIPPED);
    const { head: _, ...body } = JSON.parse(metadata['stint.model']);
    const description: ModelDescription = { ...body, head: { kind, classes: 3, channels: body.fpn.channels, strides: [4], width: 8 } };
    const own = createNetwork(description).parameters.filter(({ name }) => !name.startsWith('backbone.'));
    expect(own.length).toBeGreaterThan(2);
    const head = own.map(({ name, shape }): [string, SafeTensor] => {
      const data = new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(0.1);
      return [`model.${name}`, { dtype: 'F32', shape: [...shape], data }];
    });
    const stored = [...tensors].filter(([name]) => name.startsWith('model.backbone.'));
    writeSafetensors(at('seg.safetensors'), [...stored, ...head], { ...metadata, 'stint.model': JSON.stringify(description) });
    const { code, out, err } = await stint(
      'export',
      '--checkpoint',
      at('seg.safetensors'),
      '--onnx',
      at('seg.onnx'),
      '--graph',
      'sampled',
      '--check',
    );
    expect([code, err, out]).toEqual([0, '', expect.stringMatching(/equal +p2 +\[1,48,\d+,\d+\] +greatest difference \d\.\de-\d/)]);
  },
  60_000,
);

test('import with fresh masks: sampled at 95 %, exported sampled, and the check still holds', async () => {
  writeSafetensors(at('tiny.safetensors'), tinyStateDict().entries);
  const args = ['--sampling', 'two-masks', '--interpolation', 'convolution', '--interval', '0'];
  expect((await stint('import', at('tiny.safetensors'), '--out', at('sampled.safetensors'), ...args)).code).toBe(0);
  const model = await compile(at('sampled.safetensors'), { threads: 1 });
  const { densities } = await model.run({ data: new Uint8Array(128 * 128 * 3).fill(90), height: 128, width: 128 });
  model.close();
  expect(densities['layer1.0'].mask1).toBeCloseTo(1 / (1 + Math.exp(-3)), 1);
  const { code, out } = await stint(
    'export',
    '--checkpoint',
    at('sampled.safetensors'),
    '--onnx',
    at('s.onnx'),
    '--graph',
    'sampled',
    '--outputs',
    'features',
    '--check',
  );
  expect([code, out]).toEqual([0, expect.stringMatching(/equal +c5/)]);
});

test('the check can fail: another network in the file than the one beside it', async () => {
  const { checkOnnx } = await import('../interop/check-onnx.ts');
  const { planExport, writeGraph } = await import('../interop/export-onnx.ts');
  const { loadCheckpoint } = await import('@stint/runtime');
  const checkpoint = loadCheckpoint(SHIPPED);
  const plan = planExport(checkpoint, { mode: 'dense', masks: 'inputs', inputSize: 'dynamic', opset: 17 });
  const [name, tensor] = [...checkpoint.tensors].find(([each]) => each.endsWith('layer2.0.conv2.weight'))!;
  const other = {
    ...checkpoint,
    tensors: new Map(checkpoint.tensors).set(name, { ...tensor, data: tensor.data.map((value) => value * 1.01) }),
  };
  const checks = await checkOnnx(checkpoint, plan, writeGraph(other, plan), [64, 64]);
  expect(checks).toEqual([{ output: 'p2', shape: [1, 48, 16, 16], difference: expect.any(Number), ok: false }]);
  await expect(checkOnnx(checkpoint, plan, writeGraph(checkpoint, plan), [60, 64])).rejects.toThrow('multiples of 32, 60x64 was given');
});

test.each([
  [['export', '--checkpoint', SHIPPED, '--onnx', 'x', '--graph', 'sparse'], '--graph sparse is not known (known: dense, masked, sampled)'],
  [['export', '--checkpoint', SHIPPED, '--onnx', 'x', '--opset', '12'], '--opset 12: give a version from 17 to 26'],
  [['export', '--checkpoint', SHIPPED, '--onnx', 'x', '--outputs', 'logits'], 'has no classes; give features'],
  [
    ['export', '--checkpoint', SHIPPED, '--onnx', 'x', '--outputs', 'boxes'],
    '--outputs boxes is not known (known: features, pyramid, logits, masks)',
  ],
  [['export', '--checkpoint', SHIPPED, '--onnx', 'x', '--outputs', 'masks'], '--mask-source deterministic'],
  [['export', '--checkpoint', SHIPPED, '--onnx', 'x', '--check-size', '64x64'], 'give that too'],
  [['export', '--checkpoint', 'nowhere', '--onnx', 'x'], '--checkpoint nowhere does not exist'],
  [['calibrate', '--checkpoint', 'nowhere', '--images', 'x', '--budgets', '.5'], '--checkpoint nowhere does not exist'],
  [['import', SHIPPED, '--out', 'x'], 'is a checkpoint of Stint already'],
  [['import', 'nowhere.safetensors', '--out', 'x'], 'nowhere.safetensors does not exist'],
  [['import', SHIPPED, '--out', 'x', '--bias', '1'], '--bias 1 is of masks: give --sampling two-masks too'],
  [['import', SHIPPED, '--out', 'x', '--sampling', 'twomasks'], '(nearest: "two-masks")'],
])('wrong arguments %#: exit code 2, with the way out', async (args, message) => {
  const { code, err, out } = await stint(...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
});
