import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { FUZZ_TIMEOUT, fuzz, readOrRefused } from '../../../../tools/jest/fuzz.ts';
import { UsageError } from '../config/catalog.ts';
import { expandPattern } from './glob.ts';
import { patternMatcher } from './glob-match.ts';
import { listImages } from './images.ts';

jest.setTimeout(FUZZ_TIMEOUT);

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
  const matches = (pattern: string, text: string) => patternMatcher(pattern)(text);
  expect([matches('*.jpg', 'a/b.jpg'), matches('**/*.jpg', 'a/b.jpg'), matches('**/*.jpg', 'b.jpg')]).toEqual([false, true, true]);
  expect([matches('*', '.git'), matches('**', 'a/.git/b'), matches('a**b', 'axb'), matches('a.b', 'axb')]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect([matches('{a', '{a'), matches('[a', '[a'), matches('(x|y)', '(x|y)')]).toEqual([true, true, true]);
});

test('patterns that shells know and regular expressions do not: brackets, braces, many stars', () => {
  const matches = (pattern: string, text: string) => patternMatcher(pattern)(text);
  for (const [pattern, text] of [
    ['[]a]', ']'],
    ['[!]]', 'a'],
    ['[!]', '[!]'],
    ['[a-]', '-'],
    ['[\\d]', 'd'],
    ['{a,{b,c}d}e', 'cde'],
    ['{a,{b}', '{a,b'],
    ['}a{', '}a{'],
    ['{a,}b', 'b'],
    ['ü[😀-😂]', 'ü😁'],
    ['**', 'a/b/c'],
    ['a/**/b', 'a/x/y/b'],
    ['a/**/b', 'a/b'],
  ])
    expect([pattern, matches(pattern, text)]).toEqual([pattern, true]);
  for (const [pattern, text] of [
    ['[!]]', ']'],
    ['a[!b]c', 'a/c'],
    ['{*,x}', '.git'],
    ['a/**/b', 'a/.x/b'],
    ['**', ''],
    ['?', 'ab'],
  ])
    expect([pattern, matches(pattern, text)]).toEqual([pattern, false]);
  const start = performance.now();
  expect(matches(`${'*a'.repeat(40)}b`, 'a'.repeat(250))).toBe(false);
  expect(performance.now() - start).toBeLessThan(2000);
});

test('a pattern that cannot be meant is a usage error with the way out', () => {
  expect(() => listImages([at('[z-a].jpg')])).toThrow(new UsageError(`the pattern [z-a].jpg: the range z-a runs backwards; write [a-z]`));
  expect(() => patternMatcher('{a,b,c,d,e,f,g,h,i,j}'.repeat(12))).toThrow(/stand for more than 1000 patterns; give several simpler ones/);
  expect(() => patternMatcher('{'.repeat(500))).not.toThrow();
});

test('any pattern and any name: a usage error, or an answer', async () => {
  const piece = fc.constantFrom(
    '*',
    '**',
    '?',
    '[',
    ']',
    '{',
    '}',
    ',',
    '!',
    '^',
    '-',
    '/',
    '.',
    '\\',
    'a',
    'b',
    'z',
    '😀',
    '(',
    '+',
    '\ud800',
  );
  const texts = (maxLength: number) => fc.array(piece, { maxLength }).map((parts) => parts.join(''));
  await fuzz(fc.tuple(texts(30), texts(40)), async ([pattern, name]) => {
    const matches = await readOrRefused(
      () => patternMatcher(pattern),
      (error) => error instanceof UsageError,
    );
    if (matches) expect([true, false]).toContain(matches(name));
    if (matches && !/[*?[\]{}]/.test(pattern)) expect(matches(pattern)).toBe(true);
  });
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
