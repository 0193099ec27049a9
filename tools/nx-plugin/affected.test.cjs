// `nx affected -t reproduce` in a clone of this workspace: which experiments a change really reaches.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '../..');
const clone = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'stint-affected-')), 'clone');
const git = (...args) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: clone, stdio: 'pipe' });

beforeAll(() => {
  fs.mkdirSync(clone);
  // What is committed and what is not yet, so that the test is of this work tree.
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  for (const file of files.split('\n').filter((each) => each && !each.startsWith('data/') && !each.startsWith('docs/results/'))) {
    if (!fs.existsSync(path.join(root, file))) continue;
    fs.mkdirSync(path.join(clone, path.dirname(file)), { recursive: true });
    fs.copyFileSync(path.join(root, file), path.join(clone, file));
  }
  // Nx follows workspace packages by where they really are, so the links to them must lead into the clone.
  fs.mkdirSync(path.join(clone, 'node_modules'));
  for (const name of fs.readdirSync(path.join(root, 'node_modules'))) {
    if (name !== '@stint') fs.symlinkSync(path.join(root, 'node_modules', name), path.join(clone, 'node_modules', name));
  }
  fs.cpSync(path.join(root, 'node_modules/@stint'), path.join(clone, 'node_modules/@stint'), { recursive: true, verbatimSymlinks: true });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'as it is');
}, 120_000);

afterAll(() => fs.rmSync(path.dirname(clone), { recursive: true, force: true }));

/** The experiments that a commit touching `file` reaches. */
function affectedBy(file) {
  fs.appendFileSync(path.join(clone, file), file.endsWith('.yaml') ? '\n# changed\n' : '\n');
  git('commit', '-q', '-a', '-m', `change ${file}`);
  const args = ['nx', 'show', 'projects', '--affected', '--withTarget', 'reproduce', '--base', 'HEAD~1', '--head', 'HEAD', '--json'];
  const out = execFileSync('npx', args, {
    cwd: clone,
    encoding: 'utf8',
    env: { ...process.env, NX_DAEMON: 'false', CI: 'true', NX_CACHE_PROJECT_GRAPH: 'false' },
  });
  return JSON.parse(out)
    .map((name) => name.replace(/^experiment-/, ''))
    .sort();
}

const all = fs
  .readdirSync(path.join(root, 'experiments/expected'))
  .filter((name) => fs.existsSync(path.join(root, 'experiments', `${name}.yaml`)))
  .sort();

test.each([
  ['experiments/ablation-grid.yaml', ['ablation-grid']],
  ['experiments/expected/ablation-interp/smoke.json', ['ablation-interp']],
  ['experiments/bases/embedded.yaml', all],
  ['experiments/pruning.yaml', ['pruning']], // and not the library of that name, with all that use it
  ['packages/interpolation/src/index.ts', all],
  ['packages/pruning/src/index.ts', all],
  ['apps/experiments/src/run/train.ts', all],
  ['apps/experiments/src/cli/list.ts', []],
  ['packages/report/src/table.ts', []],
  ['packages/onnx/src/index.ts', []],
  ['docs/architecture.md', []],
])(
  'a change of %s reaches what is made with it, and nothing else',
  (file, expected) => {
    expect(affectedBy(file)).toEqual(expected);
  },
  120_000,
);

test('a base reaches only the experiments that are made of it', () => {
  const users = all.filter((name) => fs.readFileSync(path.join(root, 'experiments', `${name}.yaml`), 'utf8').includes('bases/study.yaml'));
  expect(users.length).toBeGreaterThan(0);
  expect(users.length).toBeLessThan(all.length);
  expect(affectedBy('experiments/bases/study.yaml')).toEqual(users);
}, 120_000);
