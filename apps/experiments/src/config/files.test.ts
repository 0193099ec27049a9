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
  expect(problemLines(() => read({ 'a.yaml': 'x: 1\nx: 2\n' }))).toEqual(['experiments/a.yaml:2:1: Map keys must be unique']);
});

test('anchors and aliases', () => {
  expect(plain(read({ 'a.yaml': 'x: &one { y: [1, null] }\nz: *one\n' }))).toEqual({ x: { y: [1, null] }, z: { y: [1, null] } });
});
