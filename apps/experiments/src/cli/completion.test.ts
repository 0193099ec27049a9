import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { TINY, workspaceWith } from '../config/fixture.ts';
import { main } from './index.ts';

const workspace = workspaceWith({
  'tiny.yaml': `${TINY}profiles: { quick: , long: { train: { steps: 9 } } }\n`,
  'broken.yaml': 'arms: [\n',
});

async function script(shell: string): Promise<string> {
  const out: string[] = [];
  expect(await main(['completion', shell], { io: { out: (text) => out.push(text), err: () => {} }, workspace })).toBe(0);
  const file = path.join(workspace.root, `stint.${shell}`);
  fs.writeFileSync(file, `${out.join('\n')}\n`);
  return file;
}

test.each([
  ['stint re', ['report', 'reproduce']],
  ['stint run t', ['tiny', 'tiny:quick', 'tiny:long']],
  ['stint run tiny:l', ['long']],
  ['stint show b', ['broken']],
  ['npx stint predict --sh', ['--shift', '--short-side']],
  ['stint evaluate ', ['coco', 'cityscapes']],
  ['stint evaluate coco --g', ['--ground-truth']],
  ['stint predict x.jpg --checkpoint ', []],
  ['stint completion f', ['fish']],
])('bash completes "%s"', async (line, expected) => {
  const file = await script('bash');
  const program = `source "$1"; COMP_LINE="$2"; COMP_POINT=\${#2}; _stint; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', program, 'bash', file, line], { encoding: 'utf8' });
  expect([stdout.split('\n').filter(Boolean), stderr]).toEqual([expected, '']);
});

test('zsh and fish: every command and option is in the script, hidden ones are not, quotes are closed', async () => {
  for (const shell of ['zsh', 'fish']) {
    const text = fs.readFileSync(await script(shell), 'utf8');
    for (const word of ['predict', 'reproduce', 'evaluate', 'tiny:long', 'short-side']) expect(text).toContain(word);
    expect(text).not.toContain('train-run');
  }
});

// Where the shells are there (CI installs them), they read their scripts themselves.
const has = (shell: string) => spawnSync(shell, ['--version']).status === 0;
test.each(['zsh', 'fish'].filter(has).concat('bash'))('%s finds no fault in its script', async (shell) => {
  const { status, stderr } = spawnSync(shell, ['-n', await script(shell)], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

(has('fish') ? test : test.skip)('fish completes commands, experiments and options', async () => {
  const file = await script('fish');
  const { stdout } = spawnSync('fish', ['-c', `source ${file}; complete -C "stint run t"; complete -C "stint evaluate c"`], {
    encoding: 'utf8',
  });
  expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['tiny', 'tiny:long', 'tiny:quick', 'cityscapes', 'coco', '']);
});

test('another shell is wrong usage', async () => {
  const err: string[] = [];
  expect(await main(['completion', 'fsh'], { io: { out: () => {}, err: (text) => err.push(text) }, workspace })).toBe(2);
  expect(err[0]).toBe('stint: no completion for fsh (nearest: "zsh")');
});
