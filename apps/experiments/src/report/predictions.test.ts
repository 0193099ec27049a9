import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { classColors } from '@stint/report';
import { fakeProject } from '../executor/fake-stint.ts';
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
