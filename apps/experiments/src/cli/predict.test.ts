// The shipped checkpoint on made scenes and on broken files, through the whole command.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { emojiScenes } from '@stint/datasets';
import { readSafetensors, writeSafetensors } from '@stint/safetensors';
import sharp from 'sharp';
import { main } from './index.ts';

const CHECKPOINT = path.join(__dirname, '../../fixtures/embedded-rbf.safetensors');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-predict-'));
const at = (name: string) => path.join(folder, name);
let truth: string;

beforeAll(async () => {
  const scenes = await emojiScenes({ cacheDir: at('cache'), split: 'val', count: 12, seed: 5 });
  fs.mkdirSync(at('scenes/ünï 😀'), { recursive: true });
  const names = new Map<number, string>();
  for (let i = 0; i < scenes.length; i++) {
    const { id, image, width, height } = await scenes.get(i);
    const name = i === 0 ? 'ünï 😀/first.png' : `scene ${i}.png`;
    names.set(id, name);
    await sharp(Buffer.from(image), { raw: { width, height, channels: 3 } })
      .png()
      .toFile(at(`scenes/${name}`));
  }
  const { images, ...rest } = scenes.groundTruth();
  truth = at('truth.json');
  fs.writeFileSync(truth, JSON.stringify({ ...rest, images: images.map((image) => ({ ...image, file_name: names.get(image.id) })) }));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function stint(...args: string[]) {
  const [out, err]: string[][] = [[], []];
  const code = await main(args, { io: { out: (text) => out.push(text), err: (text) => err.push(text) } });
  return { code, out, err: err.join('\n'), lines: out.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : [])) };
}

const predict = (...args: string[]) => stint('predict', ...args, ...(args.includes('--checkpoint') ? [] : ['--checkpoint', CHECKPOINT]));

test('a folder: a line an image, pictures of objects and masks, MACs below the dense ones', async () => {
  const { code, lines, err } = await predict(at('scenes'), '--out', at('out'));
  expect([code, lines.length]).toEqual([0, 12]);
  for (const line of lines) {
    expect(line).toMatchObject({ width: 160, height: 160, denseMacs: 152678400, engine: 'compiled', seed: 0 });
    expect(line.macs).toBeLessThan(0.6 * line.denseMacs);
    expect(Object.keys(line.density)).toHaveLength(12);
    for (const file of line.pictures) expect((await sharp(file).metadata()).width).toBeGreaterThanOrEqual(480);
  }
  const unicode = lines.find((line) => line.image.includes('ünï 😀'));
  expect(unicode.pictures).toEqual([at('out/ünï 😀/first.png'), at('out/ünï 😀/first.masks.png')]);
  expect(lines.flatMap((line) => line.objects).length).toBeGreaterThan(12);
  expect(err).toMatch(/kernels, 1 thread\n[\s\S]*\[12\/12\] [\s\S]*MACs \(\d+\.\d %\)[\s\S]*12 of 12 images \(compiled\)\nmedian \d/);
});

test('a box is drawn where it was found, in the enlarged picture', async () => {
  const { lines } = await predict(at('scenes/scene 1.png'), '--out', at('drawn'), '--masks', 'none', '--score', '0.5');
  const [{ objects, pictures }] = lines;
  expect(pictures).toEqual([at('drawn/scene 1.png')]);
  const plain = await sharp(at('scenes/scene 1.png')).resize(480, 480, { kernel: 'nearest' }).removeAlpha().raw().toBuffer();
  const drawn = await sharp(pictures[0]).removeAlpha().raw().toBuffer();
  const [x, y, width, height] = objects[0].bbox.map((value: number) => value * 3);
  const changed = (px: number, py: number) =>
    [0, 1, 2].some(
      (c) => plain[(Math.round(py) * 480 + Math.round(px)) * 3 + c] !== drawn[(Math.round(py) * 480 + Math.round(px)) * 3 + c],
    );
  expect(changed(x, y + height / 2)).toBe(true);
  expect(changed(x + width, y + height / 2)).toBe(true);
  expect(changed(x + width / 2, y + height / 2)).toBe(false);
});

test('a bad image is named and the others are done: exit code 1', async () => {
  fs.writeFileSync(at('text.jpg'), 'no image');
  fs.writeFileSync(at('cut.png'), fs.readFileSync(at('scenes/scene 2.png')).subarray(0, 900));
  const { code, lines, err } = await predict(at('text.jpg'), at('gone.png'), at('scenes/scene 3.png'), at('cut.png'), at('*.nothing'));
  expect(code).toBe(1);
  expect(lines.map(({ image, error }) => [path.basename(image), error === undefined])).toEqual([
    ['text.jpg', false],
    ['gone.png', false],
    ['scene 3.png', true],
    ['cut.png', false],
    ['*.nothing', false],
  ]);
  expect(err).toMatch(/stint: .*text\.jpg: the file is damaged or no image/);
  expect(err).toMatch(/stint: .*gone\.png: the file is missing/);
  expect(err).toMatch(/1 of 5 images \(compiled\), 4 could not be read/);
});

test('both engines find the same objects with the same masks', async () => {
  const images = [at('scenes/scene 4.png'), at('scenes/scene 5.png')];
  const [compiled, tfjs] = [await predict(...images, '--seed', '3'), await predict(...images, '--seed', '3', '--engine', 'tfjs')];
  expect(tfjs.err).toMatch(/TensorFlow 2\.\d+/);
  tfjs.lines.forEach((line, i) => {
    const other = compiled.lines[i];
    expect(line.density).toEqual(other.density);
    expect(line.macs).toBeCloseTo(other.macs, -1);
    expect(line.objects.map(({ category }: { category: string }) => category)).toEqual(
      other.objects.map(({ category }: { category: string }) => category),
    );
    line.objects.forEach(({ score, bbox }: { score: number; bbox: number[] }, k: number) => {
      expect(score).toBeCloseTo(other.objects[k].score, 3);
      for (const [c, value] of bbox.entries()) expect(value).toBeCloseTo(other.objects[k].bbox[c], 2);
    });
  });
});

test('what the compiled runtime does not know is computed in TensorFlow, and said', async () => {
  const { tensors, metadata } = readSafetensors(CHECKPOINT);
  const model = JSON.parse(metadata['stint.model']);
  model.backbone.sampling.interpolation.empty = 'mean';
  writeSafetensors(at('mean.safetensors'), tensors, { ...metadata, 'stint.model': JSON.stringify(model) });
  const args = [at('scenes/scene 4.png'), '--checkpoint', at('mean.safetensors')];
  const { code, lines, err } = await predict(...args);
  expect([code, lines[0].engine]).toEqual([0, 'tfjs']);
  expect(err).toMatch(/the compiled runtime does not take this model: .*mean[\s\S]*going on with TensorFlow/);
  expect((await predict(...args, '--engine', 'compiled')).code).toBe(1);
  const activation = await predict(at('scenes/scene 4.png'), '--sampler', 'activation', '--density', 'matched');
  expect([activation.code, activation.lines[0].engine]).toEqual([0, 'tfjs']);
});

test('the budget dial, the shift, samplers and seeds', async () => {
  const share = async (...args: string[]) => {
    const { code, lines } = await predict(at('scenes'), ...args);
    expect(code).toBe(0);
    return lines.reduce((sum, line) => sum + line.macs / line.denseMacs, 0) / lines.length;
  };
  expect(await share('--budget', '0.5')).toBeCloseTo(0.5, 1);
  expect(await share('--budget', '0.72')).toBeCloseTo(0.72, 1);
  expect(await share('--shift', '-3')).toBeLessThan((await share()) - 0.05);
  expect(await share('--sampler', 'dense')).toBe(1);
  const { lines } = await predict(at('scenes/scene 1.png'), '--sampler', 'random', '--density', '0.4', '--interval', '0');
  for (const density of Object.values(lines[0].density)) expect(density).toBeCloseTo(0.4, 0);
  const masks = async (seed: string) => (await predict(at('scenes/scene 1.png'), '--seed', seed)).lines[0].density;
  expect(await masks('1')).toEqual(await masks('1'));
  expect(await masks('1')).not.toEqual(await masks('2'));
});

test('COCO results with the ids of an instances file score as the network does', async () => {
  const results = at('results/dt.json');
  const args = ['--coco', results, '--ground-truth', truth, '--sampler', 'dense', '--quiet'];
  const { code, err } = await predict(at('scenes'), ...args);
  expect([code, err]).toEqual([0, '']);
  const { out } = await stint('evaluate', 'coco', '--ground-truth', truth, '--detections', results, '--json');
  expect(JSON.parse(out[0]).metrics.AP50).toBeGreaterThan(0.7);
  // Resized and scaled back, boxes stay where they are.
  await predict(at('scenes'), ...args, '--short-side', '192');
  const bigger = await stint('evaluate', 'coco', '--ground-truth', truth, '--detections', results, '--json');
  expect(JSON.parse(bigger.out[0]).metrics.AP50).toBeGreaterThan(0.5);
  const stranger = await predict(at('text.jpg'), at('scenes/scene 1.png'), ...args);
  expect(stranger.code).toBe(1);
});

test('an EXIF orientation is applied, unless the stored pixels are asked for', async () => {
  await sharp(at('scenes/scene 1.png')).resize(96, 160, { fit: 'fill' }).withMetadata({ orientation: 6 }).jpeg().toFile(at('turned.jpg'));
  const size = async (...args: string[]) => (await predict(at('turned.jpg'), ...args)).lines.map(({ width, height }) => [width, height])[0];
  expect(await size()).toEqual([160, 96]);
  expect(await size('--stored-orientation')).toEqual([96, 160]);
});

test.each([
  [['--engine', 'fast'], '--engine fast is not known (known: auto, compiled, tfjs)'],
  [['--sampler', 'stochastc'], '--sampler stochastc is not known (nearest: "stochastic")'],
  [['--density', '0.5'], '--density 0.5 needs a sampler that takes one: --sampler random, uniform, activation'],
  [['--sampler', 'uniform'], '--sampler uniform needs --density'],
  [['--sampler', 'random', '--density', 'matched', '--engine', 'compiled'], 'give --engine tfjs'],
  [['--budget', '0.5', '--shift', '1'], 'give one of them'],
  [['--budget', '0.05'], 'is calibrated from 0.250 to 0.901; give one between'],
  [['--max-side', '100'], 'give a --short-side of at most 100'],
  [['--ground-truth', 'x.json'], 'give that too'],
  [['--masks', 'all'], 'give that too'],
  [['--coco', 'r.json', '--ground-truth', 'nowhere.json'], '--ground-truth nowhere.json: ENOENT'],
  [['--score', '2'], '--score 2: must be from 0 to 1'],
  [['--seed', '1.5'], '--seed 1.5: must be a whole number'],
  [['--shift', 'x'], '--shift x: must be a number'],
])('wrong arguments %j: exit code 2, with the way out', async (args, message) => {
  const { code, err, out } = await predict(at('scenes'), ...args);
  expect([code, out]).toEqual([2, []]);
  expect(err).toContain(message);
});

describe('calibrate', () => {
  const calibrate = (...args: string[]) => stint('calibrate', '--checkpoint', CHECKPOINT, '--images', at('scenes'), ...args);

  test('finds the shifts and writes them into a copy; predict then takes the budget', async () => {
    const out = at('dial/dialled.safetensors');
    const { code, out: text } = await calibrate('--budgets', '0.6,0.35', '--out', out);
    expect([code, text[0]]).toEqual([0, expect.stringMatching(/0\.350 +0\.3[45]\d* +-?\d[\s\S]*0\.600 +0\.(599|60)[\s\S]*on 12 images/)]);
    const { lines } = await predict(at('scenes'), '--checkpoint', out, '--budget', '0.45');
    expect(lines.reduce((sum, line) => sum + line.macs / line.denseMacs, 0) / 12).toBeCloseTo(0.45, 1);
    const again = await calibrate('--budgets', '0.5', '--out', out, '--limit', '3', '--json');
    expect(JSON.parse(again.out[0])).toMatchObject({ checkpoint: out, images: 3, points: [{ budget: expect.closeTo(0.5, 2) }] });
    expect((await predict(at('scenes'), '--checkpoint', out, '--budget', '0.45')).err).toMatch(/calibrated from 0\.5\d* to 0\.5/);
  });

  test('budgets that cannot be met, no images, the checkpoint as its own copy', async () => {
    expect((await calibrate('--budgets', '0.05', '--out', at('x.safetensors'))).err).toMatch(/budget 0\.05 cannot be met/);
    expect((await calibrate('--budgets', 'x')).err).toMatch(/give shares of the dense network's MACs/);
    expect((await calibrate('--budgets', '0.5', '--out', CHECKPOINT)).err).toMatch(/is the checkpoint itself/);
    const none = await stint(
      'calibrate',
      '--checkpoint',
      CHECKPOINT,
      '--images',
      at('text.jpg'),
      '--budgets',
      '0.5',
      '--out',
      at('x.safetensors'),
    );
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/text\.jpg: [\s\S]*none of the images could be read/)]);
  });
});
