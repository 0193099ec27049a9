import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expandPattern, patternToRegExp } from './glob.ts';
import { listImages } from './images.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-images-'));
const at = (name: string) => path.join(folder, name);
beforeAll(() => {
  for (const name of [
    'a.jpg',
    'b.PNG',
    'notes.txt',
    'sub dir/a.png',
    'sub dir/ü😀.webp',
    'sub dir/deep/c.tiff',
    '.hidden/d.jpg',
    '[x].jpg',
  ]) {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true });
    fs.writeFileSync(at(name), '');
  }
  fs.symlinkSync(at('a.jpg'), at('sub dir/linked.jpg'));
  fs.symlinkSync(folder, at('sub dir/loop'));
  fs.mkdirSync(at('empty'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const found = (...args: string[]) => listImages(args.map(at)).map(({ file }) => path.relative(folder, file));

test('a folder means all images below it, links to files among them, loops not followed', () => {
  expect(found('sub dir')).toEqual(['sub dir/a.png', 'sub dir/deep/c.tiff', 'sub dir/linked.jpg', 'sub dir/ü😀.webp']);
});

test.each([
  ['*.jpg', ['[x].jpg', 'a.jpg']],
  ['*.{jpg,PNG}', ['[x].jpg', 'a.jpg', 'b.PNG']],
  ['**/*.{png,webp}', ['sub dir/a.png', 'sub dir/ü😀.webp']],
  ['sub dir/?.png', ['sub dir/a.png']],
  ['[a-b].*', ['a.jpg', 'b.PNG']],
  ['[!a].*', ['b.PNG']],
  ['.hidden/*', ['.hidden/d.jpg']],
])('the pattern %s', (pattern, files) => {
  expect(expandPattern(at(pattern)).map((file) => path.relative(folder, file))).toEqual(files);
});

test('a star stays within a name, two stars go over folders, and neither takes hidden ones', () => {
  const matches = (pattern: string, text: string) => patternToRegExp(pattern).test(text);
  expect([matches('*.jpg', 'a/b.jpg'), matches('**/*.jpg', 'a/b.jpg'), matches('**/*.jpg', 'b.jpg')]).toEqual([false, true, true]);
  expect([matches('*', '.git'), matches('**', 'a/.git/b'), matches('a**b', 'axb'), matches('a.b', 'axb')]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect([matches('{a', '{a'), matches('[a', '[a'), matches('(x|y)', '(x|y)')]).toEqual([true, true, true]);
});

test('what is not there is told at its place; a file that is named like a pattern is that file; nothing comes twice', () => {
  const list = listImages([at('[x].jpg'), at('nowhere.jpg'), at('empty'), at('*.bmp'), at('[x].jpg')]);
  expect(list.map(({ file, problem }) => [path.relative(folder, file), problem])).toEqual([
    ['[x].jpg', undefined],
    ['nowhere.jpg', undefined], // reading it says why not
    ['empty', expect.stringContaining('holds no images')],
    ['*.bmp', 'no file matches this pattern'],
  ]);
});

test('every image has outputs of its own name', () => {
  const names = listImages([at('a.jpg'), at('sub dir'), at('sub dir/deep/c.tiff')]).map(({ name }) => name);
  expect(names).toEqual(['a', 'a-2', 'deep/c', 'linked', 'ü😀']);
});

test('an image that is named like the output of another gets another name', () => {
  const names = (...files: string[]) => listImages(files).map(({ name }) => name);
  expect(names('a.png', 'a.labels.png', 'a.masks.jpg')).toEqual(['a', 'a.labels-2', 'a.masks-2']);
  expect(names('a.labels.png', 'a.png')).toEqual(['a.labels', 'a-2']);
});

test('pictures of a run before are no images, unless they are asked for', () => {
  const out = at('sub dir/deep');
  const files = (arg: string) => listImages([at(arg)], out).map(({ file }) => path.relative(folder, file));
  expect(files('sub dir')).toEqual(['sub dir/a.png', 'sub dir/linked.jpg', 'sub dir/ü😀.webp']);
  expect(files('sub dir/**/*.tiff')).toEqual(['sub dir/**/*.tiff']); // which says that it found nothing
  expect(files('sub dir/deep')).toEqual(['sub dir/deep/c.tiff']);
  expect(files('sub dir/deep/c.tiff')).toEqual(['sub dir/deep/c.tiff']);
});
