// Folders that are made here: images and labels of a few pixels whose values are known.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { encodePng } from '../../testing/png.ts';
import { loadBatch } from '../batch/load.ts';
import { normalise } from '../transforms/colour.ts';
import { CITYSCAPES_TRAINED_IDS, cityscapes, cityscapesLabelIds } from './cityscapes.ts';
import { filesIn } from './files.ts';
import { type LabelFolderOptions, labelFolders } from './label-folders.ts';
import { encodeLabelPng } from './label-png.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-segmentation-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function write(file: string, bytes: Uint8Array | string): string {
  const full = path.join(folder, file);
  fs.mkdirSync(path.dirname(full), { recursive: true });
  fs.writeFileSync(full, bytes);
  return full;
}

/** A PNG picture whose red channel counts the pixels. */
const picture = (width: number, height: number) =>
  sharp(
    Uint8Array.from({ length: width * height * 3 }, (_, i) => (i % 3 === 0 ? i / 3 : 9)),
    { raw: { width, height, channels: 3 } },
  )
    .png()
    .toBuffer();
const grey = (width: number, values: number[]) => encodeLabelPng({ width, height: values.length / width, data: Uint8Array.from(values) });
const at = (file: string) => path.join(folder, file);

describe('labelFolders', () => {
  let options: LabelFolderOptions;
  beforeEach(async () => {
    write('images/b.png', await picture(3, 2));
    write(
      'images/sub/a.jpg',
      await sharp(await picture(3, 2))
        .jpeg()
        .toBuffer(),
    );
    write('images/notes.txt', 'not an image');
    write('labels/b.png', await grey(3, [0, 1, 2, 11, 255, 0]));
    write(
      'labels/sub/a.png',
      encodePng({ width: 3, height: 2, depth: 4, colour: 3, samples: [2, 2, 1, 1, 0, 11], extra: [['PLTE', new Uint8Array(48).fill(7)]] }),
    );
    write('classes.json', JSON.stringify({ classes: ['sky', 'road', 'car'], ignoreIndex: 11, note: 'void is 11' }));
    options = { images: at('images'), labels: at('labels'), classes: at('classes.json') };
  });

  test('pairs by name, in subfolders too; ignored values become 255; palette images give their indices', async () => {
    const dataset = await labelFolders(options);
    expect(dataset).toMatchObject({ name: 'images', classes: ['sky', 'road', 'car'], length: 2, names: ['b', 'sub/a'] });
    const [b, a] = [await dataset.get(0), await dataset.get(1)];
    expect([...b.segmentation]).toEqual([0, 1, 2, 255, 255, 0]);
    expect([...b.image].filter((_, i) => i % 3 === 0)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(b).toMatchObject({ id: 1, width: 3, height: 2, boxes: new Float32Array(0) });
    expect([...a.segmentation]).toEqual([2, 2, 1, 1, 0, 255]);
    await expect(dataset.get(2)).rejects.toThrow('images: no image at 2, there are 2');
  });

  test('labels that stint predict wrote are labels, and the pictures beside them are not', async () => {
    for (const name of ['b', 'sub/a']) {
      fs.renameSync(at(`labels/${name}.png`), at(`labels/${name}.labels.png`));
      for (const extra of ['', '.masks']) write(`labels/${name}${extra}.png`, await picture(3, 2));
    }
    const dataset = await labelFolders(options);
    expect([dataset.names, [...(await dataset.get(0)).segmentation]]).toEqual([
      ['b', 'sub/a'],
      [0, 1, 2, 255, 255, 0],
    ]);
  });

  test('colours of the classes are read, and checked', async () => {
    const colors = [[0, 0, 255], [9, 9, 9], [255, 0, 0]]; // biome-ignore format: a line
    write('classes.json', JSON.stringify({ classes: ['sky', 'road', 'car'], ignoreIndex: 11, colors }));
    expect((await labelFolders(options)).colors).toEqual(colors);
    for (const wrong of [colors.slice(1), [...colors.slice(1), [0, 0, 256]], 'red']) {
      write('classes.json', JSON.stringify({ classes: ['sky', 'road', 'car'], ignoreIndex: 11, colors: wrong }));
      await expect(labelFolders(options)).rejects.toThrow('classes.json: colors must be 3 triples [red, green, blue] of 0..255, found');
    }
  });

  test('a batch of them', async () => {
    const dataset = await labelFolders({ ...options, name: 'toy', cacheBytes: 1000 });
    const batch = await loadBatch(dataset, [1, 0], (sample) => normalise(sample), { multiple: 4 });
    expect(batch).toMatchObject({ shape: [2, 4, 4, 3], ids: [2, 1] });
    expect([...batch.segmentation!.subarray(0, 8)]).toEqual([2, 2, 1, 255, 1, 0, 255, 255]);
  });

  test('the cache keeps what fits and no more', async () => {
    const dataset = await labelFolders({ ...options, cacheBytes: 24 }); // one image of 18 bytes and its labels of 6
    const [first, second] = [await dataset.get(0), await dataset.get(1)];
    expect(await dataset.get(0)).toBe(first);
    const again = await dataset.get(1);
    expect(again).not.toBe(second);
    expect(again).toEqual(second);
  });

  test('classes in the program instead of a file', async () => {
    const dataset = await labelFolders({ ...options, classes: { classes: Array.from({ length: 12 }, (_, k) => `class ${k}`) } });
    expect([...(await dataset.get(0)).segmentation]).toEqual([0, 1, 2, 11, 255, 0]);
  });

  test('images and labels without a partner are named, five at most', async () => {
    fs.rmSync(at('labels/b.png'));
    for (let i = 0; i < 7; i++) write(`labels/x${i}.png`, '');
    const more = [0, 1, 2, 3, 4].map((i) => at(`labels/x${i}.png`)).join(', ');
    await expect(labelFolders(options)).rejects.toThrow(
      `labelFolders: no label image for ${at('images/b.png')}; no image for ${more} and 2 more`,
    );
  });

  test('two images of one name, no images, no folder', async () => {
    write('images/b.jpg', '');
    await expect(labelFolders(options)).rejects.toThrow(`${at('images/b.jpg')} and ${at('images/b.png')} have the same name`);
    await expect(labelFolders({ ...options, images: at('none') })).rejects.toThrow(`labelFolders: the folder ${at('none')} is missing`);
    await expect(labelFolders({ ...options, images: at('classes.json') })).rejects.toThrow('cannot be read (ENOTDIR)');
    fs.mkdirSync(at('empty'));
    await expect(labelFolders({ ...options, images: at('empty'), labels: at('empty') })).rejects.toThrow('holds no images');
  });

  test('a value that is no class, a size that does not fit, a damaged file: named with the file', async () => {
    const dataset = await labelFolders(options);
    const file = write('labels/b.png', await grey(3, [0, 1, 2, 0, 7, 0]));
    await expect(dataset.get(0)).rejects.toThrow(`labelFolders: ${file}: value 7 at x 1, y 1 is none of the 3 classes, and not ignored`);
    write('labels/b.png', await grey(2, [0, 1, 2, 0]));
    await expect(dataset.get(0)).rejects.toThrow(`labelFolders: ${at('images/b.png')}: the file is 3x2, its label image ${file} says 2x2`);
    write('labels/b.png', 'text');
    await expect(dataset.get(0)).rejects.toThrow(`${file}: the file is no PNG`);
  });

  test.each<[unknown, string]>([
    ['{"classes": []}', 'classes must be a list of 1 to 255 names, found []'],
    ['[]', 'classes must be a list of 1 to 255 names, found undefined'],
    ['{"classes": ["a", "a"]}', 'class "a" is there twice'],
    ['{"classes": ["a"], "ignoreIndex": 0}', 'ignoreIndex 0 must be a whole number from 1'],
    ['{', 'is not valid JSON'],
  ])('classes %s', async (text, message) => {
    await expect(labelFolders({ ...options, classes: write('classes.json', text as string) })).rejects.toThrow(message);
  });

  test('no classes file', async () => {
    await expect(labelFolders({ ...options, classes: at('none.json') })).rejects.toThrow(
      `labelFolders: ${at('none.json')}: the file is missing`,
    );
    await expect(labelFolders({ ...options, classes: at('images') })).rejects.toThrow('cannot be read (EISDIR)');
  });
});

describe('cityscapes', () => {
  const frame = 'ulm_000001_000019';
  const all = Array.from({ length: 34 }, (_, id) => id);
  beforeEach(async () => {
    write(`leftImg8bit/val/ulm/${frame}_leftImg8bit.png`, await picture(34, 1));
    write(`gtFine/val/ulm/${frame}_gtFine_labelIds.png`, await grey(34, all));
    write(`gtFine/val/ulm/${frame}_gtFine_color.png`, '');
    const instances = Uint16Array.from(all, (id) => (id >= 24 ? id * 1000 + 3 : id));
    write(`gtFine/val/ulm/${frame}_gtFine_instanceIds.png`, await encodeLabelPng({ width: 34, height: 1, data: instances }));
  });

  test('train ids, as cityscapesScripts has them', async () => {
    const file = path.join(__dirname, '../../../metrics/fixtures/cityscapes/a_all_classes/expected.json');
    const { id_to_trainId: trainIds, names } = JSON.parse(fs.readFileSync(file, 'utf8'));
    const dataset = await cityscapes({ root: folder, split: 'val' });
    expect(dataset).toMatchObject({ name: 'cityscapes-val', length: 1, names: [frame] });
    const { segmentation } = await dataset.get(0);
    expect([...segmentation]).toEqual(all.map((id) => trainIds[id]));
    expect(dataset.classes).toEqual(CITYSCAPES_TRAINED_IDS.map((id) => names[id]));
    expect(dataset.ids).toEqual(CITYSCAPES_TRAINED_IDS);
    // labels.py of cityscapesScripts: road, sky and bicycle.
    expect([0, 10, 18].map((k) => dataset.colors?.[k])).toEqual([[128, 64, 128], [70, 130, 180], [119, 11, 32]]); // biome-ignore format: a line
    const whole = await cityscapes({ root: folder, split: 'val', labels: 'all' });
    expect(whole.classes).toEqual(all.map((id) => names[id]));
    expect([...(await whole.get(0)).segmentation]).toEqual(all);
  });

  test('255, no label, is ignored whichever labels are asked for; 34 is an error that names the pixel', async () => {
    const file = `gtFine/val/ulm/${frame}_gtFine_labelIds.png`;
    write(file, await grey(34, [...all.slice(0, 33), 255]));
    for (const labels of ['train', 'all'] as const) {
      const { segmentation } = await (await cityscapes({ root: folder, split: 'val', labels })).get(0);
      expect([segmentation[32], segmentation[33]]).toEqual([labels === 'all' ? 32 : 17, 255]);
    }
    write(file, await grey(34, [...all.slice(0, 33), 34]));
    await expect((await cityscapes({ root: folder, split: 'val' })).get(0)).rejects.toThrow(
      'value 34 at x 33, y 0 is none of the 19 classes',
    );
  });

  test('truth for the evaluation: ids and instance ids beyond 255', async () => {
    const dataset = await cityscapes({ root: folder, split: 'val' });
    const { label, instances } = await dataset.truth(0);
    expect([...label.data]).toEqual(all);
    expect([...instances!.data].slice(-2)).toEqual([32003, 33003]);
    fs.rmSync(at(`gtFine/val/ulm/${frame}_gtFine_instanceIds.png`));
    expect((await (await cityscapes({ root: folder, split: 'val' })).truth(0)).instances).toBeUndefined();
    await expect(dataset.truth(1)).rejects.toThrow('cityscapes-val: no image at 1, there are 1');
  });

  test('predictions back to ids', () => {
    const data = Uint8Array.of(0, 13, 18, 255);
    expect([...cityscapesLabelIds({ width: 4, height: 1, data }).data]).toEqual([7, 26, 33, 0]);
    expect(() => cityscapesLabelIds({ width: 1, height: 1, data: Uint8Array.of(19) })).toThrow('19 is no train id; they are 0..18 and 255');
  });

  test('images without labels, empty and missing splits, wrong options', async () => {
    const image = write('leftImg8bit/val/bonn/bonn_000000_000019_leftImg8bit.png', await picture(1, 1));
    await expect(cityscapes({ root: folder, split: 'val' })).rejects.toThrow(`cityscapes: no label image for ${image}`);
    await expect(cityscapes({ root: folder, split: 'train' })).rejects.toThrow(`the folder ${at('gtFine/train')} is missing`);
    for (const part of ['gtFine/test', 'leftImg8bit/test']) fs.mkdirSync(at(part), { recursive: true });
    await expect(cityscapes({ root: folder, split: 'test' })).rejects.toMatchObject({
      name: 'DatasetError',
      message: expect.stringContaining(`${at('leftImg8bit/test')} holds no *_leftImg8bit.png`),
    });
    const wrong = { root: folder, split: 'val', labels: 'ids' as 'all' } as const;
    await expect(cityscapes(wrong)).rejects.toThrow(`labels "ids" must be 'train' or 'all'`);
  });
});

describe('names', () => {
  test('links that make more paths than can be listed', async () => {
    for (let depth = 0; depth < 30; depth++) {
      fs.mkdirSync(at(`bomb/${depth}`), { recursive: true });
      for (const side of ['a', 'b']) fs.symlinkSync(at(`bomb/${depth + 1}`), at(`bomb/${depth}/${side}`));
    }
    fs.mkdirSync(at('bomb/30'));
    await expect(filesIn('op', at('bomb/0'))).rejects.toThrow(/^op: .* is one link to a folder more than the 10000 that are followed$/);
  });

  test('names that are long, with spaces and beyond ASCII, are names', async () => {
    const name = `${'ü'.repeat(120)} 影 #%25`;
    write(`odd/images/${name}.png`, await picture(3, 2));
    write(`odd/labels/${name}.png`, await grey(3, [0, 0, 0, 0, 0, 0]));
    const dataset = await labelFolders({ images: at('odd/images'), labels: at('odd/labels'), classes: { classes: ['a'] } });
    expect(dataset.names).toEqual([name]);
    expect((await dataset.get(0)).width).toBe(3);
  });
});
