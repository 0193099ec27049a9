import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { readExperimentFile } from './files.ts';
import { problemLines, workspaceWith } from './fixture.ts';
import { plain } from './node.ts';

function read(files: Record<string, string>, name = 'a.yaml') {
  const { root, experiments } = workspaceWith(files);
  return readExperimentFile(path.join(experiments, name), { root, folder: experiments });
}

test('a circle of bases names the whole circle', () => {
  const files = { 'a.yaml': '_base_: b.yaml\n', 'b.yaml': 'x: 1\n_base_: [c.yaml]\n', 'c.yaml': '_base_: a.yaml\n' };
  expect(problemLines(() => read(files))).toEqual([
    'experiments/c.yaml:1:9: _base_ goes in a circle: experiments/a.yaml -> experiments/b.yaml -> experiments/c.yaml -> experiments/a.yaml',
  ]);
});

test('the same base by two ways is no circle', () => {
  const files = {
    'a.yaml': '_base_: [b.yaml, c.yaml]\n',
    'b.yaml': '_base_: d.yaml\n',
    'c.yaml': '_base_: d.yaml\nx: 2\n',
    'd.yaml': 'x: 1\n',
  };
  expect(plain(read(files))).toEqual({ x: 2 });
});

test('a base must exist, be a path, and lie inside the experiments folder', () => {
  expect(problemLines(() => read({ 'a.yaml': 'x: 1\n_base_: nope.yaml\n' }))).toEqual([
    'experiments/a.yaml:2:9: _base_ file experiments/nope.yaml does not exist',
  ]);
  expect(problemLines(() => read({ 'a.yaml': '_base_: ../package.yaml\n' }))).toEqual([
    'experiments/a.yaml:1:9: _base_ ../package.yaml is outside experiments: bases live inside that folder',
  ]);
  expect(problemLines(() => read({ 'a.yaml': '_base_: [3]\n' }))[0]).toMatch(/^experiments\/a\.yaml:1:10: _base_ must be a path/);
});

test('files that are not a mapping, or not there', () => {
  expect(problemLines(() => read({ 'a.yaml': '- 1\n' }))).toEqual(['experiments/a.yaml:1:1: the file must hold a mapping of keys']);
  expect(() => read({ 'a.yaml': 'x: 1\n' }, 'b.yaml')).toThrow('cannot read experiments/b.yaml: ENOENT');
});

test('syntax errors and keys written twice, each at its place', () => {
  const lines = problemLines(() => read({ 'a.yaml': 'x: 1\ny: [1, 2\nx: 2\n' }));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatch(/^experiments\/a\.yaml:\d+:\d+: /);
  expect(problemLines(() => read({ 'a.yaml': 'x: 1\nx: 2\n' }))).toEqual([
    'experiments/a.yaml:2:1: the key "x" stands twice in one mapping',
  ]);
});

test('anchors and aliases', () => {
  expect(plain(read({ 'a.yaml': 'x: &one { y: [1, null] }\nz: *one\n' }))).toEqual({ x: { y: [1, null] }, z: { y: [1, null] } });
});

test('what YAML can say and a configuration cannot, each at its place', () => {
  const cases: Record<string, string> = {
    'x: *none': '1:4: unknown alias *none: its anchor &none must stand before it',
    'x: &a [1, *a]': '1:11: alias *a stands inside its own anchor',
    'x: &a { b: 1 }\ny: { <<: *a }': '2:6: merge keys (<<) are not read: share settings through _base_',
    '__proto__: { x: 1 }': '1:1: unknown key "__proto__"',
    '1: a\n"1": b': '2:1: the key "1" stands twice in one mapping',
    '? [1, 2]\n: 3': '1:3: a key must be a text',
    'x: !!binary aGVsbG8=': '1:13: a value must be a text, a number, true, false or null: leave its tag (!!) out',
    'x: !!js/function f': '1:4: Unresolved tag: tag:yaml.org,2002:js/function',
    'x: !mine 3': '1:4: Unresolved tag: !mine',
    'x: !!omap [a: 1]': '1:11: a list of pairs (!!omap, !!pairs) is not read',
    'x: 12345678901234567890': '1:4: 12345678901234567890 has more digits than a number holds',
    'x:\n\t- 1': '2:1: Tabs are not allowed as indentation',
    'x: 1\n--- {}': '2:1: Source contains multiple documents; please use YAML.parseAllDocuments()',
    [`x: ${'['.repeat(65)}`]: '1:68: nested deeper than 64 levels',
    [`x:\n  ${'- '.repeat(5000)}1`]: '2:131: nested deeper than 64 levels',
    [`${' '.repeat(257)}x: 1`]: '1:257: nested deeper than 64 levels',
  };
  for (const [text, message] of Object.entries(cases))
    expect(problemLines(() => read({ 'a.yaml': text }))).toEqual([`experiments/a.yaml:${message}`]);
});

test('bombs: aliases of aliases, bases of bases, millions of keys', () => {
  const levels = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
  expect(problemLines(() => read({ 'a.yaml': ['a0: &a0 [1]', ...levels].join('\n') }))[0]).toMatch(
    /more than 100000 values, with what aliases repeat$/,
  );
  const bases = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`b${i}.yaml`, `_base_: [b${i + 1}.yaml, b${i + 1}.yaml]\n`]));
  expect(problemLines(() => read({ 'a.yaml': '_base_: b0.yaml', ...bases, 'b20.yaml': 'x: 1' }))[0]).toMatch(/or 1000 in all$/);
  const chain = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`c${i}.yaml`, `_base_: c${i + 1}.yaml\n`]));
  expect(problemLines(() => read({ 'a.yaml': '_base_: c0.yaml', ...chain, 'c40.yaml': 'x: 1' }))[0]).toMatch(
    /more than 32 bases below one another/,
  );
  const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n');
  expect(problemLines(() => read({ 'a.yaml': keys, 'b.yaml': '' }, 'b.yaml'))[0]).toMatch(/must hold a mapping/);
  expect(read({ 'a.yaml': keys }).entries.size).toBe(20_000);
});

test('files that are too long, not in UTF-8, or pipes', () => {
  expect(() => read({ 'a.yaml': '#'.repeat(2 ** 18 + 1) })).toThrow(
    'cannot read experiments/a.yaml: it has 262145 bytes, more than the 262144',
  );
  const { root, experiments } = workspaceWith({ 'a.yaml': '_base_: b.yaml\n', 'b.yaml': '' });
  const readHere = () => readExperimentFile(path.join(experiments, 'a.yaml'), { root, folder: experiments });
  fs.writeFileSync(path.join(experiments, 'b.yaml'), Buffer.from('x: \xff', 'latin1'));
  expect(problemLines(readHere)).toEqual(['experiments/a.yaml:1:9: _base_ file experiments/b.yaml cannot be read: it is not in UTF-8']);
  fs.rmSync(path.join(experiments, 'b.yaml'));
  execFileSync('mkfifo', [path.join(experiments, 'b.yaml')]);
  expect(problemLines(readHere)[0]).toMatch(/cannot be read: it is a pipe or a device, no file$/);
  // A link to a folder above: a path that grows for ever.
  fs.rmSync(path.join(experiments, 'b.yaml'));
  fs.symlinkSync('.', path.join(experiments, 'here'));
  fs.writeFileSync(path.join(experiments, 'a.yaml'), '_base_: here/a.yaml\n');
  expect(problemLines(readHere)[0]).toMatch(/more than 32 bases below one another/);
});
