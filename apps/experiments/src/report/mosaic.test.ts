import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fakeProject } from '../executor/fake-stint.ts';
import type { Overlay } from '../run/overlay.ts';
import { drawMosaic } from './mosaic.ts';

const sharp = createRequire(require.resolve('@stint/report/package.json'))('sharp');

interface Kind {
  side: number;
  masks: number;
  stages?: number;
}

/** An overlay of one grey image whose block of stage s samples cell s of mask 1, s + 4 of mask 2, s + 8 of mask 3. */
function overlayOf({ side, masks, stages = 2 }: Kind): Overlay {
  const all = Array.from({ length: stages }, (_, s) =>
    Array.from({ length: masks }, (__, k) => ({
      block: `layer${s + 1}.0`,
      mask: (k + 1) as 1 | 2 | 3,
      height: 4,
      width: 4,
      stride: side / 4,
      bits: Array.from({ length: 16 }, (___, i) => (i === s + 4 * k ? '1' : '0')).join(''),
    })),
  );
  return { images: [{ id: 1, width: side, height: side, rgb: Buffer.alloc(side * side * 3, 100).toString('base64'), masks: all.flat() }] };
}

/** What the mosaic shows: for each row its tiles' columns, sizes, and the cell with the dot (-1: the image; null: nothing there). */
async function shownBy(kinds: Record<string, Kind>, columnCount: number) {
  const names = Object.keys(kinds);
  const project = fakeProject(
    names
      .slice(2)
      .map((name) => `  ${name}:\n`)
      .join(''),
  );
  for (const [arm, kind] of Object.entries(kinds)) {
    const [folder] = project
      .resolve()
      .runs.filter((run) => run.arm === arm)
      .map(({ name }) => path.join(project.folder, name, 'masks'));
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'masks.json'), JSON.stringify(overlayOf(kind)));
  }
  const png = await drawMosaic(project.resolve(), project.folder);
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const widest = Math.max(...Object.values(kinds).map(({ side }) => side));
  const factor = Math.floor(240 / widest);
  const column = widest * factor + 4;
  const left = Math.ceil(7.5 * Math.max(...names.map((name) => name.length))) + 4;
  let top = 18;
  return names.map((name) => {
    const side = kinds[name].side * factor;
    const at = (x: number, y: number) => data[(y * info.width + x) * 3];
    const tiles = Array.from({ length: columnCount }, (_, c) => {
      if (left + c * column + side > info.width) return null;
      const brightness = Array.from({ length: 16 }, (__, i) =>
        at(left + c * column + Math.floor(((i % 4) + 0.5) * (side / 4)), top + Math.floor((Math.floor(i / 4) + 0.5) * (side / 4))),
      );
      if (brightness.every((value) => value === 255)) return null;
      return brightness.every((value) => value === 100) ? -1 : brightness.indexOf(255);
    });
    top += side + 4;
    return tiles;
  });
}

test('arms with one, two and three masks a block: each mask under its own name, gaps where an arm has none', async () => {
  const shown = await shownBy({ rbf: { side: 120, masks: 1 }, zeros: { side: 120, masks: 2 }, three: { side: 120, masks: 3 } }, 7);
  // layer1.0 mask 1, 2, 3, layer2.0 mask 1, 2, 3.
  expect(shown).toEqual([
    [-1, 0, null, null, 1, null, null],
    [-1, 0, 4, null, 1, 5, null],
    [-1, 0, 4, 8, 1, 5, 9],
  ]);
});

test('arms of another depth, and images of another size', async () => {
  const shown = await shownBy({ rbf: { side: 120, masks: 2, stages: 3 }, zeros: { side: 60, masks: 2, stages: 1 } }, 7);
  expect(shown).toEqual([
    [-1, 0, 4, 1, 5, 2, 6],
    [-1, 0, 4, null, null, null, null],
  ]);
});

test('a large image is shrunk, its dots stay where they were sampled', async () => {
  const project = fakeProject();
  const [folder] = project.resolve().runs.map(({ name }) => path.join(project.folder, name, 'masks'));
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'masks.json'), JSON.stringify(overlayOf({ side: 1280, masks: 1, stages: 1 })));
  const { data, info } = await sharp(await drawMosaic(project.resolve(), project.folder))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.height, info.width]).toEqual([18 + 640 + 8, Math.ceil(7.5 * 3) + 4 + 2 * 644]);
  const left = Math.ceil(7.5 * 3) + 4 + 644;
  const dot = (x: number, y: number) => data[((18 + y) * info.width + left + x) * 3];
  expect([dot(80, 80), dot(240, 80), dot(80, 240)]).toEqual([255, 55, 55]);
});
