import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { classColors } from '@stint/report';
import { fakeProject } from '../executor/fake-stint.ts';
import { writeCheckpoint } from '../run/checkpoint-file.ts';
import type { ShownPredictions } from '../task/segmentation/scoring.ts';
import { drawPredictions } from './predictions.ts';

const sharp = createRequire(require.resolve('@stint/report/package.json'))('sharp');

test('labels and predictions stand beside the image, a row an arm', async () => {
  const project = fakeProject('seeds: [1, 2]\n');
  expect(await drawPredictions(project.resolve(), project.folder)).toBeUndefined();
  const base64 = (data: Uint8Array) => Buffer.from(data).toString('base64');
  const [width, height] = [64, 32];
  const map = (label: number) => base64(new Uint8Array(width * height).fill(label));
  const shown: ShownPredictions = {
    classes: ['background', 'a', 'b'],
    images: [{ name: '1', width, height, rgb: base64(new Uint8Array(width * height * 3).fill(9)), truth: map(255), prediction: map(2) }],
  };
  for (const arm of ['rbf', 'zeros']) {
    fs.mkdirSync(path.join(project.folder, arm, 'seed1/predictions'), { recursive: true });
    fs.writeFileSync(path.join(project.folder, arm, 'seed1/predictions/shown.json'), JSON.stringify(shown));
  }
  const png = await drawPredictions(project.resolve(), project.folder);
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const margin = Math.ceil(7.5 * 'zeros'.length);
  const tile = 3 * width; // enlarged three times
  const pixel = (column: number, row: number) => {
    const [x, y] = [margin + 4 + column * (tile + 4) + 9, 18 + row * (3 * height + 4) + 40];
    return [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
  };
  const colours = [...classColors(3)[2]];
  for (const row of [0, 1]) expect([pixel(0, row), pixel(1, row), pixel(2, row)]).toEqual([[9, 9, 9], [0, 0, 0], colours]);
});

test("classes have the colours that the checkpoint has of the dataset; a damaged one leaves the report's own", async () => {
  const project = fakeProject();
  const folder = path.join(project.folder, project.resolve().runs[0].name);
  const fill = (value: number, channels: number) => Buffer.alloc(40 * 40 * channels, value).toString('base64');
  const image = { name: '1', width: 40, height: 40, rgb: fill(9, 3), truth: fill(1, 1), prediction: fill(0, 1) };
  fs.mkdirSync(path.join(folder, 'predictions'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'predictions/shown.json'), JSON.stringify({ classes: ['road', 'car'], images: [image] }));
  const painted = async () => {
    const { data } = await sharp(await drawPredictions(project.resolve(), project.folder))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const found = new Set<string>();
    for (let i = 0; i < data.length; i += 3) found.add(data.subarray(i, i + 3).join());
    return [[...classColors(2)[1]], [1, 2, 142], [128, 64, 128]].map((color) => found.has(color.join()));
  };
  expect(await painted()).toEqual([true, false, false]);
  const categories = [
    { id: 7, name: 'road', color: [128, 64, 128] },
    { id: 26, name: 'car', color: [1, 2, 142] },
  ];
  const backbone = { stem: { kind: 'small', widths: [4, 8] }, layers: [1], planes: [4], expansion: 1 };
  const file = path.join(folder, 'last.safetensors');
  writeCheckpoint(file, { description: { backbone, categories } as never, tensors: new Map() });
  expect(await painted()).toEqual([false, true, true]);
  fs.writeFileSync(file, 'broken');
  expect(await painted()).toEqual([true, false, false]);
});

test('images of unequal size are all shown, each at its own size', async () => {
  const project = fakeProject();
  const base64 = (data: Uint8Array) => Buffer.from(data).toString('base64');
  const images = [
    [64, 48, 11],
    [40, 72, 22],
    [120, 24, 33],
  ].map(([width, height, grey]) => {
    const rgb = base64(new Uint8Array(width * height * 3).fill(grey));
    return {
      name: String(grey),
      width,
      height,
      rgb,
      truth: base64(new Uint8Array(width * height)),
      prediction: base64(new Uint8Array(width * height)),
    };
  });
  const folder = path.join(project.folder, project.resolve().runs[0].name, 'predictions');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'shown.json'), JSON.stringify({ classes: ['a', 'b'], images } satisfies ShownPredictions));
  const { data, info } = await sharp(await drawPredictions(project.resolve(), project.folder))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (const { width, height, name } of images) {
    const pixels = Array.from({ length: info.width * info.height }, (_, i) => i).filter((i) => data[3 * i] === Number(name));
    expect(pixels).toHaveLength(4 * width * height); // all enlarged twice
    expect(pixels.at(-1)! - pixels[0]).toBe((2 * height - 1) * info.width + 2 * width - 1);
  }
});
