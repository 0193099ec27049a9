// The file itself, where parameters come from, and errors.
import type { ResNetConfig } from '@stint/backbones';
import { describeModel } from '../testing/compare.ts';
import { decodeModel } from '../testing/decode.ts';
import { runOnnx, testImage, testModel, toMap } from '../testing/run.ts';
import { type ExportOptions, exportOnnx, type ModelDescription, type Parameter } from './index.ts';
import { encodeModel } from './proto.ts';

const sampling = { integration: 'two-masks' as const, interval: 11, interpolation: { kind: 'rbf' as const, window: 7, sigma: 3 }, bias: 3 };
const backbone: ResNetConfig = { stem: { kind: 'small', widths: [4, 8] }, layers: [1, 1], planes: [4, 8], sampling };
const model = testModel(backbone, 1, { channels: 6 });
const description = describeModel(model);

test('header, names and shapes of a file', () => {
  const { irVersion, producerName, opsetImport, metadataProps, graph } = decodeModel(
    exportOnnx(description, model.named, { mode: 'masked' }),
  );
  expect({ irVersion, producerName, opsetImport }).toEqual({
    irVersion: 8,
    producerName: 'stint',
    opsetImport: [{ domain: '', version: 17 }],
  });
  expect(Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]))).toEqual({
    'stint.mode': 'masked',
    'stint.masks': 'inputs',
  });
  const shapes = [...graph.input, ...graph.output].map(({ name, type }) => {
    const dims = type.tensorType.shape.dim.map((dim) => Object.values(dim)[0]);
    return `${name} ${dims}`;
  });
  expect(shapes).toEqual([
    'image 1,3,H,W',
    'layer1.0.mask1 1,1,H4,W4',
    'layer1.0.mask2 1,1,H4,W4',
    'layer2.0.mask1 1,1,H4,W4',
    'layer2.0.mask2 1,1,H8,W8',
    'p2 1,6,H4,W4',
    'p3 1,6,H8,W8',
    'p4 1,6,H16,W16',
  ]);
});

test('attributes of value 0 are stored, lists of numbers are not packed: proto2, as onnx.proto', () => {
  const bytes = Buffer.from(exportOnnx(description, model.named, { mode: 'sampled' }));
  const attribute = (field: string) => bytes.includes(Buffer.from(field, 'hex'));
  expect(attribute('0a0461786973' + '1800' + 'a00102')).toBe(true); // name: "axis", i: 0, type: INT
  expect(attribute('0a047065726d' + '4000400240034001' + 'a00107')).toBe(true); // name: "perm", ints: 0 2 3 1, type: INTS
});

test('weights are stored as raw little-endian bytes, once', () => {
  const { initializer } = decodeModel(exportOnnx(description, model.named)).graph;
  const bias = initializer.find(({ name }) => name === 'inner_blocks.0.0.bias')!;
  expect(bias.dims).toEqual([6]);
  expect(new Float32Array(new Uint8Array(bias.rawData).buffer)).toEqual(model.named.get('backbone.fpn.inner_blocks.0.0.bias')!.data);
  expect(new Set(initializer.map(({ name }) => name)).size).toBe(initializer.length);
});

test("names: a detector's with other parts, a training checkpoint's, a bare backbone's; the same file", async () => {
  const prefixed = (prefix: string) => new Map([...model.named].map(([name, value]) => [prefix + name, value]));
  const head = new Map([['rpn.conv.weight', { shape: [1], data: new Float32Array(1) }]]);
  const want = exportOnnx(description, model.named);
  expect(Buffer.compare(exportOnnx(description, new Map([...model.named, ...head])), want)).toBe(0);
  expect(Buffer.compare(exportOnnx(description, prefixed('model.')), want)).toBe(0);
  const bare = new Map([...toMap(model.params), ...toMap(model.pyramidParams, 'fpn.')]);
  expect(Buffer.compare(exportOnnx(description, bare), want)).toBe(0);
});

test('outputs may be any groups', async () => {
  const got = await runOnnx(
    exportOnnx(description, model.named, { mode: 'sampled', masks: 'deterministic', outputs: ['masks', 'features', 'pyramid'] }),
    { image: testImage(32, 32, 1).onnx },
  );
  expect(Object.keys(got).sort()).toEqual(
    ['c2', 'c3', 'layer1.0.mask1', 'layer1.0.mask2', 'layer2.0.mask1', 'layer2.0.mask2', 'p2', 'p3', 'p4'].sort(),
  );
});

describe('errors name the values and the way out', () => {
  const attempt =
    (options: ExportOptions, described: ModelDescription = description, params: ReadonlyMap<string, Parameter> = model.named) =>
    () =>
      exportOnnx(described, params, options);

  test('options', () => {
    expect(attempt({ mode: 'sparse' as 'dense' })).toThrow("mode 'sparse'; give dense, masked or sampled");
    expect(attempt({ masks: 'random' as 'inputs' })).toThrow("masks 'random'; give inputs or deterministic");
    expect(attempt({ opset: 16 })).toThrow('opset 16; give a whole number from 17 to 26');
    expect(attempt({ inputSize: [0, 5] })).toThrow("inputSize [0,5]; give [height, width] in pixels or 'dynamic'");
    expect(attempt({ outputs: [] })).toThrow('no outputs');
    expect(attempt({ outputs: ['boxes' as 'masks'] })).toThrow("output 'boxes'; give features, pyramid, logits, masks");
    expect(attempt({ outputs: ['logits'] })).toThrow("output 'logits' needs classes");
    expect(attempt({ outputs: ['pyramid'] }, { backbone })).toThrow("output 'pyramid' needs an fpn");
    expect(attempt({ outputs: ['masks'], mode: 'masked' })).toThrow(
      "output 'masks' needs mode 'masked' or 'sampled' and masks 'deterministic'",
    );
  });

  test('models', () => {
    const dense: ResNetConfig = { ...backbone, sampling: { ...sampling, integration: 'dense' } };
    expect(attempt({ mode: 'sampled' }, { backbone: dense })).toThrow(
      "mode 'sampled' needs integration 'two-masks', but the backbone's sampling has integration 'dense'",
    );
    const mean = { ...sampling, interpolation: { ...sampling.interpolation, empty: 'mean' as const } };
    expect(attempt({ mode: 'masked' }, { backbone: { ...backbone, sampling: mean } })).toThrow('knows empty windows as zeros only');
    expect(attempt({}, { backbone: { ...backbone, planes: [4] } })).toThrow('layers [1,1] and planes [4]');
    expect(attempt({}, { backbone: { ...backbone, stem: { kind: 'small', widths: [4, 16] }, widths: { conv2: 9 } } })).toThrow(
      'layer1.0 adds its 9 input channels to 16',
    );
    expect(attempt({}, { ...description, fpn: { inChannels: [16, 31], channels: 6 } })).toThrow(
      'fpn.inChannels [16,31]; the backbone has [16,32]',
    );
    expect(attempt({}, { ...description, fpn: { ...description.fpn!, outputs: 3 } })).toThrow('fpn.outputs 3 of 2 levels');
    const even = { ...sampling, interpolation: { ...sampling.interpolation, window: 6 } };
    expect(attempt({ mode: 'masked' }, { backbone: { ...backbone, sampling: even } })).toThrow('window 6; give an odd number');
    const reuse = { ...sampling, interpolation: { ...sampling.interpolation, kind: 'reuse' as const } };
    const odd = testModel({ ...backbone, stem: { kind: 'small', widths: [4, 6] } }, 1);
    expect(attempt({ mode: 'masked' }, { backbone: { ...odd.backbone.config, sampling: reuse } }, odd.named)).toThrow(
      "'reuse' averages the 6 input channels of layer1.0 down to 4; give a divisor",
    );
  });

  test('parameters', () => {
    const without = (name: string) => new Map([...model.named].filter(([key]) => key !== name));
    const name = 'backbone.body.layer2.0.conv2.weight';
    expect(attempt({}, description, without(name))).toThrow(`parameter '${name}' [3,3,8,8] is missing`);
    const turned = { shape: [8, 8, 3, 3], data: new Float32Array(576) };
    expect(attempt({}, description, new Map([...model.named, [name, turned]]))).toThrow(
      `parameter '${name}' is [8,8,3,3] with 576 values, expected [3,3,8,8]; filters are HWIO`,
    );
    expect(attempt({}, description, without('backbone.body.conv1.weight'))).toThrow(
      "no parameter 'backbone.body.conv1.weight' or 'conv1.weight'",
    );
  });

  test('a file that protocol buffers cannot hold', () => {
    const tooLong = { name: 'w', dataType: 1, dims: [2 ** 29], rawData: { length: 2 ** 31 } as Uint8Array };
    const graph = { name: 'big', node: [], initializer: [tooLong], input: [], output: [] };
    expect(() => encodeModel({ irVersion: 8, producerName: 'stint', opsetImport: [], metadataProps: [], graph })).toThrow(
      /2147483648 bytes of weights; an ONNX file holds at most 2147483647/,
    );
  });
});
