// Segmentation checkpoints through the whole command: a tiny network trained here, on scenes and odd images, against the evaluation of a run and
// against what sharp reads from the files.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CITYSCAPES_TRAINED_IDS, denormalise, encodeLabelPng } from '@stint/datasets';
import { startEngine } from '@stint/engine';
import { BUDGET_KEY, loadCheckpoint, type ModelDescription } from '@stint/runtime';
import { readSafetensors, writeSafetensors } from '@stint/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { writeCheckpoint } from '../run/checkpoint-file.ts';
import { evaluateModel } from '../run/evaluate.ts';
import { executeRun } from '../run/index.ts';
import { createModel } from '../run/model.ts';
import { tinyRun } from '../run/tiny-run.ts';
import { openData } from '../task/index.ts';
import type { SegmentationBatch } from '../task/segmentation/data.ts';
import { tinyClassification, tinySegmentation } from '../task/tiny.ts';
import { main } from './index.ts';

jest.setTimeout(120_000); // for machines under load

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-predict-seg-'));
const at = (name: string) => path.join(folder, name);
const checkpoint = at('run/last.safetensors');
const config = tinySegmentation({ evaluate: { batchSize: 1, sampler: 'dense' } });

beforeAll(async () => {
  await startEngine({ threads: 1, quiet: true });
  const run = tinyRun({ ...config, pretrain: null });
  await executeRun(run, at('run'), { root: folder, resume: false, stream: { write: () => true } });
  // The evaluation images as files, under the names that the dataset has for them.
  fs.mkdirSync(at('scenes'));
  const data = await openData(config.data, folder);
  for await (const { images, truth } of data.valBatches(1) as AsyncIterable<SegmentationBatch>) {
    const [{ name, label }] = truth!;
    await picture(`scenes/${name}.png`, denormalise(images), label.width, label.height);
  }
  fs.mkdirSync(at('odd'));
  const scene = () => sharp(at('scenes/scene-1.png'));
  await scene().resize(151, 97, { fit: 'fill' }).png().toFile(at('odd/a.png'));
  await scene().resize(70, 1, { fit: 'fill' }).png().toFile(at('odd/b.png'));
  await scene().resize(40, 90, { fit: 'fill' }).withMetadata({ orientation: 6 }).jpeg().toFile(at('odd/c.jpg'));
  fs.writeFileSync(at('odd/d.png'), 'no image');
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const picture = (name: string, data: Uint8Array, width: number, height: number) =>
  sharp(Buffer.from(data), { raw: { width, height, channels: 3 } })
    .png()
    .toFile(at(name));

async function stint(...args: string[]) {
  const [out, err]: string[][] = [[], []];
  const code = await main(args, { io: { out: (text) => out.push(text), err: (text) => err.push(text) } });
  return { code, out, err: err.join('\n'), lines: out.flatMap((line) => (line.startsWith('{"image"') ? [JSON.parse(line)] : [])) };
}
const predict = (...args: string[]) => stint('predict', ...args, ...(args.includes('--checkpoint') ? [] : ['--checkpoint', checkpoint]));

/** Samples as they are stored. */
async function grey(file: string) {
  const { channels, width, height, depth } = await sharp(file).metadata();
  const { data } = await sharp(file)
    .toColourspace(depth === 'ushort' ? 'grey16' : 'b-w')
    .raw({ depth })
    .toBuffer({ resolveWithObject: true });
  const values = depth === 'ushort' ? new Uint16Array(new Uint8Array(data).buffer) : new Uint8Array(data);
  return { channels, width, height, depth, values };
}

/** A copy of the checkpoint with other categories. */
function withCategories(name: string, change: (category: { id: number; name: string }, label: number) => object): string {
  const { tensors, metadata } = readSafetensors(checkpoint);
  const model = JSON.parse(metadata['stint.model']);
  model.categories = model.categories.map(change);
  writeSafetensors(at(name), tensors, { ...metadata, 'stint.model': JSON.stringify(model) });
  return at(name);
}

test("tfjs: the labels of a run's evaluation; sharp reads them from the PNG, and the line has their shares", async () => {
  const data = await openData(config.data, folder);
  const model = createModel(config.model, data.categories, 1);
  for (const [name, { shape, data }] of loadCheckpoint(checkpoint).tensors)
    tf.tidy(() => model.params[name].assign(tf.tensor(data, [...shape])));
  const { files } = await evaluateModel({ config, model, data });
  model.dispose();
  const { code, lines } = await predict(at('scenes'), '--engine', 'tfjs', '--sampler', 'dense', '--out', at('same'));
  expect([code, lines.length]).toEqual([0, 5]);
  for (const { image, segments, pictures, macs, denseMacs } of lines) {
    const name = path.basename(image, '.png');
    expect(pictures).toEqual([at(`same/${name}.png`), at(`same/${name}.labels.png`)]);
    fs.writeFileSync(at('expected.png'), files[`predictions/${name}.png`]);
    const found = await grey(at(`same/${name}.labels.png`));
    expect(found).toEqual(await grey(at('expected.png')));
    expect(found).toMatchObject({ channels: 1, depth: 'uchar', width: 64, height: 64 });
    for (const { label, category, categoryId, share } of segments) {
      expect([category, categoryId]).toEqual([data.categories[label].name, data.categories[label].id]);
      expect(share).toBeCloseTo(found.values.filter((id) => id === categoryId).length / 4096, 5);
    }
    expect(segments.reduce((sum: number, { share }: { share: number }) => sum + share, 0)).toBeCloseTo(1, 4);
    expect(macs).toBe(denseMacs);
  }
});

test('odd images: labels in their own size from both engines, the same but for ties; a bad one is named', async () => {
  const run = (engine: string, ...more: string[]) => predict(at('odd'), '--engine', engine, '--seed', '3', '--out', at(engine), ...more);
  for (const more of [[], ['--short-side', '48', '--max-side', '128']]) {
    const [compiled, tfjs] = [await run('compiled', ...more), await run('tfjs', ...more)];
    expect([compiled.code, tfjs.code, compiled.lines.length]).toEqual([1, 1, 4]);
    expect(compiled.err).toMatch(/d\.png: the file is damaged or no image/);
    expect(compiled.err).toMatch(/\[2\/4\] .*b\.png: \S.* %.*; \d+\.\d ms, .* MACs \(.*b\.labels\.png, .*b\.masks\.png/);
    for (const [name, width, height] of [
      ['a', 151, 97],
      ['b', 70, 1],
      ['c', 90, 40],
    ] as const) {
      const [one, other] = [await grey(at(`compiled/${name}.labels.png`)), await grey(at(`tfjs/${name}.labels.png`))];
      expect([one.width, one.height, other.width, other.height]).toEqual([width, height, width, height]);
      expect(one.values.filter((id, i) => id !== other.values[i]).length).toBeLessThanOrEqual(0.002 * width * height);
    }
    compiled.lines.slice(0, 3).forEach((line, i) => {
      expect([line.engine, Object.keys(line.density).length]).toEqual(['compiled', 4]);
      expect(line.density).toEqual(tfjs.lines[i].density);
      expect(line.macs).toBeCloseTo(tfjs.lines[i].macs, -1);
    });
  }
  expect(new Set((await grey(at('compiled/a.labels.png'))).values).size).toBeGreaterThan(1);
  const stored = await predict(at('odd/c.jpg'), '--stored-orientation');
  expect([stored.lines[0].width, stored.lines[0].height, stored.code]).toEqual([40, 90, 0]);
});

test('the picture: the classes in the colours of the dataset over the photo, enlarged, the legend below', async () => {
  const { categories } = loadCheckpoint(checkpoint).description as Required<ModelDescription>;
  expect([categories[0].color, categories[13]]).toEqual([[60, 60, 60], { id: 13, name: 'outline', color: [230, 60, 230] }]);
  await predict(at('scenes/scene-2.png'), '--out', at('painted'), '--masks', 'none');
  const photo = await sharp(at('scenes/scene-2.png')).removeAlpha().raw().toBuffer();
  const { values } = await grey(at('painted/scene-2.labels.png'));
  const { data, info } = await sharp(at('painted/scene-2.png')).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height > 512]).toEqual([512, true]);
  for (const pixel of [0, 777, 2080, 4095]) {
    const [x, y] = [(pixel % 64) * 8 + 3, Math.floor(pixel / 64) * 8 + 5];
    for (const c of [0, 1, 2]) {
      const mixed = 0.45 * photo[3 * pixel + c] + 0.55 * categories[values[pixel]].color![c];
      expect(Math.abs(data[(y * info.width + x) * 3 + c] - mixed)).toBeLessThanOrEqual(0.51);
    }
  }
});

test("labels have the dataset's ids: Cityscapes' for `evaluate cityscapes`, 16 bits for large ones, and none that no PNG can hold", async () => {
  const frame = 'ulm_000001_000019';
  fs.mkdirSync(at('city'));
  fs.copyFileSync(at('odd/a.png'), at(`city/${frame}_leftImg8bit.png`));
  const ids = CITYSCAPES_TRAINED_IDS;
  const model = withCategories('city.safetensors', (category, k) => ({ ...category, id: ids[k] }));
  const { code, lines } = await predict(at('city'), '--checkpoint', model, '--out', at('predicted'));
  const { values, width, height } = await grey(at(`predicted/${frame}_leftImg8bit.labels.png`));
  expect([code, [...new Set(values)].every((id) => ids.includes(id))]).toEqual([0, true]);
  expect(new Set(lines[0].segments.map(({ categoryId }: { categoryId: number }) => categoryId))).toEqual(new Set(values));
  fs.mkdirSync(at('truth'));
  fs.writeFileSync(at(`truth/${frame}_gtFine_labelIds.png`), await encodeLabelPng({ width, height, data: values }));
  const { out, err } = await stint('evaluate', 'cityscapes', '--labels', at('truth'), '--predictions', at('predicted'), '--json');
  expect([JSON.parse(out.join('\n')).trainId.mIoU, err]).toEqual([1, expect.stringContaining('instance-level scores are left out')]);

  const large = withCategories('large.safetensors', (category, k) => ({ ...category, id: 1000 * k + 7 }));
  await predict(at('odd/a.png'), '--checkpoint', large, '--out', at('large'));
  const wide = await grey(at('large/a.labels.png'));
  expect(wide.depth).toBe('ushort');
  expect([...wide.values]).toEqual([...values].map((id) => 1000 * ids.indexOf(id) + 7));
  const below = withCategories('below.safetensors', (category) => ({ ...category, id: -1 }));
  const refused = await predict(at('odd/a.png'), '--checkpoint', below, '--out', at('below'));
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('category id -1 does not fit into a label image')]);
});

/** Share of the dense network's MACs, mean over the scenes. */
async function share(...args: string[]) {
  const { lines } = await predict(at('scenes'), ...args);
  return lines.reduce((sum, line) => sum + line.macs / line.denseMacs, 0) / lines.length;
}

test('calibrate and the budget; shift and samplers', async () => {
  const out = at('dialled.safetensors');
  const args = ['--checkpoint', checkpoint, '--images', at('scenes'), '--budgets', '0.95', '--out', out, '--json'];
  const { code, out: text } = await stint('calibrate', ...args);
  expect([code, JSON.parse(text.join('\n')).points[0].budget]).toEqual([0, expect.closeTo(0.95, 2)]);
  expect(await share('--checkpoint', out, '--budget', String(JSON.parse(text.join('\n')).points[0].budget))).toBeCloseTo(0.95, 1);
  expect(await share('--shift', '-4')).toBeLessThan(await share());
  const { lines } = await predict(at('scenes/scene-1.png'), '--sampler', 'uniform', '--density', '0.25', '--interval', '0');
  for (const density of Object.values(lines[0].density)) expect(density).toBeCloseTo(0.25, 1);
  expect((await predict(at('scenes/scene-1.png'), '--budget', '0.5')).err).toMatch(/is not calibrated; once: stint calibrate/);
});

test.each(['--coco', '--ground-truth', '--score'])('%s is for detectors: exit code 2, with what to do instead', async (option) => {
  const values = { '--coco': ['r.json'], '--ground-truth': ['g.json', '--coco', 'r.json'], '--score': ['0.5'] } as Record<string, string[]>;
  if (option === '--ground-truth') fs.writeFileSync(at('g.json'), JSON.stringify({ images: [], annotations: [], categories: [] }));
  const [first, ...rest] = values[option];
  const { code, out, err } = await predict(at('scenes'), option, option === '--ground-truth' ? at(first) : first, ...rest);
  expect([code, out]).toEqual([2, []]);
  expect(err).toMatch(/--\S+ \S+ is for detectors, and this is a segmentation network: leave it out; --out DIR writes its labels as PNG/);
});

test('a classifier: both engines say the same, calibrated too; what is for detectors is refused', async () => {
  const { model: settings, data } = tinyClassification();
  const { categories } = await openData(data, folder);
  const { network, params, description, dispose } = createModel(settings, categories, 5);
  const tensors = new Map(network.parameters.map(({ name, shape }) => [name, { shape, data: params[name].dataSync() as Float32Array }]));
  const file = at('classifier.safetensors');
  writeCheckpoint(file, { description, tensors });
  dispose();
  const run = (...args: string[]) => predict(at('odd/a.png'), '--checkpoint', file, ...args);
  const [[compiled], [tfjs]] = [(await run('--engine', 'compiled')).lines, (await run('--engine', 'tfjs')).lines];
  type Found = { category: string; probability: number };
  expect(tfjs.classes.map(({ category }: Found) => category)).toEqual(compiled.classes.map(({ category }: Found) => category));
  tfjs.classes.forEach(({ probability }: Found, i: number) => {
    expect(probability).toBeCloseTo(compiled.classes[i].probability, 4);
  });
  expect((await stint('calibrate', '--checkpoint', file, '--images', at('scenes'), '--budgets', '0.95')).code).toBe(0);
  expect(await share('--checkpoint', file, '--budget', String(budgetIn(file)))).toBeCloseTo(0.95, 1);
  expect((await run('--coco', 'r.json')).err).toMatch(
    /this is a classification network: leave it out; the lines on stdout have its classes/,
  );
});

const budgetIn = (file: string): number => JSON.parse(readSafetensors(file).metadata[BUDGET_KEY]).points[0].budget;
