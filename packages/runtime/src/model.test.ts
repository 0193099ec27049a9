// What a compiled model promises beside its numbers: concurrency, abort, sizes, profile, messages.
import { image, model, oneStageHead, sampling, small } from '../testing/models.ts';
import { type CompiledModel, type CompileOptions, compile } from './compile.ts';

const network = model({ backbone: small(), fpn: { channels: 8, outputs: 1 }, head: oneStageHead() });
afterAll(() => network.dispose());
const open = (options: CompileOptions = {}) => compile(network.checkpoint, { threads: 1, ...options });

const pictures = Array.from({ length: 8 }, (_, i) => image(40 + 16 * (i % 3), 64, i));
const all = (compiled: CompiledModel) => Promise.all(pictures.map((picture, i) => compiled.run(picture, { key: [i], wantMasks: true })));

test('images under way together give what they give alone, in any number of lanes and threads', async () => {
  const alone = await open();
  const expected = [];
  for (const [i, picture] of pictures.entries()) expected.push(await alone.run(picture, { key: [i], wantMasks: true }));
  expect(await all(await open())).toEqual(expected);
  expect(await all(await open({ concurrency: 3 }))).toEqual(expected);
  expect(await all(await open({ concurrency: 2, threads: 2, sizes: 1 }))).toEqual(expected);
});

test('every instruction set finds the same within rounding', async () => {
  const reference = await all(await open());
  const other = await all(await open({ isa: process.arch === 'x64' ? 'baseline' : 'neon' }));
  other.forEach(({ detections }, i) => {
    expect(Math.abs(detections!.scores[0] - reference[i].detections!.scores[0])).toBeLessThan(1e-4);
  });
});

test('memory does not grow from image to image, and is freed by close', async () => {
  const compiled = await open();
  await all(compiled);
  const bytes = compiled.bytes();
  for (let round = 0; round < 5; round++) await all(compiled);
  expect(compiled.bytes()).toBe(bytes);
  compiled.close();
  expect(compiled.bytes()).toBe(0);
  await expect(compiled.run(pictures[0])).rejects.toThrow('closed');
});

test('the bytes of an image are normalised as the description says', async () => {
  const bytes = { data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 37) % 256), height: 64, width: 64 };
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ];
  const floats = { ...bytes, data: Float32Array.from(bytes.data, (byte, i) => (byte / 255 - mean[i % 3]) / std[i % 3]) };
  const compiled = await open();
  const [a, b] = [await compiled.run(bytes), await compiled.run(floats)];
  expect([...a.detections!.labels]).toEqual([...b.detections!.labels]);
  a.detections!.scores.forEach((score, i) => {
    expect(score).toBeCloseTo(b.detections!.scores[i], 4);
  });
  expect(await compiled.run({ ...bytes, data: new Uint8ClampedArray(bytes.data) })).toEqual(a);
});

test('abort: before, while waiting, and under way', async () => {
  const compiled = await open();
  const stopped = AbortSignal.abort(new Error('no longer wanted'));
  await expect(compiled.run(pictures[0], { signal: stopped })).rejects.toThrow('no longer wanted');
  const controller = new AbortController();
  const first = compiled.run(pictures[0]);
  const waiting = compiled.run(pictures[1], { signal: controller.signal });
  const third = compiled.run(pictures[2]);
  controller.abort(new Error('changed my mind'));
  await expect(waiting).rejects.toThrow('changed my mind');
  await Promise.all([first, third]);
  // Under way: the lane is free again afterwards.
  const late = new AbortController();
  const large = compiled.run(image(640, 640), { signal: late.signal });
  setImmediate(() => late.abort(new Error('too slow')));
  await expect(large).rejects.toThrow('too slow');
  await compiled.run(pictures[0]);
});

test('a profile has a row for each step, with densities, MACs and speed', async () => {
  const compiled = await open();
  const { profile, macs, densities } = await compiled.run(pictures[0], { profile: true });
  const row = (name: string) => profile!.rows.find((candidate) => candidate.name === name)!;
  expect(row('layer1.0.conv2').density).toBe(densities['layer1.0'].mask2);
  const counted = (name: string) => macs.layers.find((layer) => layer.name === name)!.macs;
  for (const name of ['conv1', 'layer1.0.conv1', 'layer1.0.conv2', 'layer2.0.downsample.0'])
    expect(row(name).macs).toBeCloseTo(counted(name), 3);
  expect(row('layer1.0.masks').macs).toBe(counted('layer1.0.conv1_mask') + counted('layer1.0.conv2_mask'));
  expect(row('conv1').gflops).toBeGreaterThan(0);
  expect(profile!.total).toBeCloseTo(
    profile!.rows.reduce((sum, { ms }) => sum + ms, 0),
    6,
  );
});

test('nothing of TensorFlow is loaded', () => {
  jest.isolateModules(() => {
    jest.doMock('@tensorflow/tfjs-core', () => {
      throw new Error('a tensor library');
    });
    expect(() => require('./index.ts')).not.toThrow();
  });
});

test.each<[string, CompileOptions, string]>([
  ['device', { device: 'gpu' as 'cpu' }, "device 'gpu'"],
  ['threads', { threads: 0 }, 'threads is 0'],
  ['concurrency', { concurrency: 1.5 }, 'concurrency is 1.5'],
  ['sampler', { sampler: { kind: 'clever' as 'random' } }, "unknown sampler 'clever'"],
  ['density', { sampler: { kind: 'random' } }, "sampler 'random' needs a density"],
  ['isa', { isa: 'mmx' as 'avx2' }, "isa is 'mmx'"],
])('a wrong option is named: %s', async (_, options, message) => {
  await expect(open(options)).rejects.toThrow(message);
});

test('empty windows that get the mean are refused: the kernels would give zeros', async () => {
  const interpolation = { kind: 'rbf' as const, window: 7, sigma: 3, empty: 'mean' as const };
  const other = model({ backbone: small({ sampling: sampling('rbf', { interpolation }) }) });
  await expect(compile(other.checkpoint, { threads: 1 })).rejects.toThrow(
    "layer1.0: the kernels know empty windows as zeros only, not as 'mean'",
  );
  other.dispose();
});

test('wrong images and masks are named', async () => {
  const compiled = await open();
  await expect(compiled.run({ ...pictures[0], height: 0 })).rejects.toThrow("image's height is 0");
  await expect(compiled.run({ ...pictures[0], width: 65 })).rejects.toThrow('has 7800 values (RGB), the data has 7680');
  await expect(compiled.run({ ...pictures[0], data: [1, 2] as unknown as Uint8Array })).rejects.toThrow('Uint8Array of RGB bytes');
  const cells = new Uint8Array(7);
  await expect(compiled.run(pictures[0], { masks: { 'layer1.0': { mask1: cells, mask2: cells } } })).rejects.toThrow(
    'mask1 of layer1.0 has 7 cells; it is 16 x 16',
  );
  await expect(compiled.run(pictures[0], { masks: { layer9: { mask1: cells, mask2: cells } } })).rejects.toThrow("masks for 'layer9'");
  const given = await open({ sampler: { kind: 'given' } });
  await expect(given.run(pictures[0])).rejects.toThrow('compiled for given masks; mask1 of layer1.0 is missing');
});

test('weights that do not fit are listed', async () => {
  const { tensors } = network.checkpoint;
  const name = 'backbone.body.conv1.weight';
  const with_ = (entry: { shape: number[]; data: Float32Array }) => ({ ...network.checkpoint, tensors: new Map(tensors).set(name, entry) });
  await expect(compile(with_({ shape: [1], data: new Float32Array(1) }))).rejects.toThrow(`${name} is [1], expected [3,3,3,5]`);
  const { shape, data } = tensors.get(name)!;
  await expect(compile(with_({ shape: [...shape], data: data.map(() => Number.NaN) }))).rejects.toThrow('not finite');
  const without = new Map(tensors);
  without.delete(name);
  await expect(compile({ ...network.checkpoint, tensors: without })).rejects.toThrow(`${name} [3,3,3,5] is missing`);
});
