const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { createNodesV2 } = require('./plugin.cjs');
const { profilesOf } = require('./experiment-targets.cjs');

const root = path.join(__dirname, '../..');
const [, createNodes] = createNodesV2;

function project(file) {
  const [[, { projects }]] = createNodes([file], undefined, { workspaceRoot: root });
  return Object.values(projects)[0];
}

test('a package gets build, test and check-package, named and tagged by its folder', () => {
  const { name, tags, targets } = project('packages/metrics/package.json');
  expect([name, tags, Object.keys(targets).sort()]).toEqual(['metrics', ['name:metrics'], ['build', 'check-package', 'test', 'test-fuzz']]);
  expect(targets.test.dependsOn).toEqual([]);
  expect(targets.build).toMatchObject({ cache: true, dependsOn: ['^build'], outputs: ['{projectRoot}/dist'] });
  expect(targets['check-package'].dependsOn).toEqual(['build']);
});

test('what computes on tensors is tested only once TensorFlow is bound', () => {
  const bind = { projects: ['engine'], target: 'bind' };
  expect(project('packages/interpolation/package.json').targets.test.dependsOn).toEqual([bind]);
  const native = { projects: ['sparse-conv'], target: 'build-native' };
  expect(project('apps/experiments/package.json').targets.test.dependsOn).toEqual([bind, native]);
  expect(project('packages/runtime/package.json').targets.test.dependsOn).toEqual([bind, native]);
  expect(project('packages/engine/package.json').targets.bind).toMatchObject({
    cache: true,
    options: { command: 'node tools/engine/bind.mjs' },
  });
});

test('the kernels are compiled before they are tested or packed, and tested once more with sanitizers', () => {
  const { targets } = project('packages/sparse-conv/package.json');
  expect(targets.test.dependsOn).toContainEqual({ projects: ['sparse-conv'], target: 'build-native' });
  expect(targets.build.dependsOn).toContain('build-native');
  expect(targets['build-native']).toMatchObject({ cache: true, outputs: ['{projectRoot}/native/build/release'] });
  expect(targets['build-native'].inputs).toContainEqual({ externalDependencies: ['node-addon-api', 'node-api-headers'] });
  // Tests run again when another addon comes out of the compiler, whatever made it another one.
  for (const root of ['packages/sparse-conv', 'packages/runtime', 'apps/experiments']) {
    expect(project(`${root}/package.json`).targets.test.inputs).toContainEqual({ dependentTasksOutputFiles: '**/*.node' });
  }
  expect(targets['test-sanitized'].inputs).toEqual(expect.arrayContaining(['default', '{projectRoot}/native/src/**/*']));
});

test('readers of files are fuzzed at length by a target of their own, never from the cache', () => {
  const { targets } = project('packages/safetensors/package.json');
  expect(targets['test-fuzz']).toMatchObject({ cache: false, dependsOn: targets.test.dependsOn });
  expect(targets['test-fuzz'].options.command).toMatch(/STINT_FUZZ_RUNS:-10000} jest -c packages.safetensors/);
});

test('the app is not built', () => {
  const { targets } = project('apps/experiments/package.json');
  expect(Object.keys(targets)).toEqual(['test', 'test-fuzz', 'test-slurm', 'test-faults']);
  expect(targets['test-faults']).toMatchObject({
    dependsOn: targets.test.dependsOn,
    options: { command: expect.stringMatching('jest.faults.config') },
  });
});

test('an experiment becomes a target with its profiles as configurations, after its pretraining', () => {
  const { targets } = project('experiments/ablation-interp.yaml');
  const run = targets['ablation-interp'];
  expect(Object.keys(run.configurations)).toEqual(expect.arrayContaining(['quick', 'standard', 'bccd', 'paper', 'smoke']));
  expect(run).toMatchObject({
    defaultConfiguration: 'quick',
    cache: true,
    outputs: ['{workspaceRoot}/runs/ablation-interp/{options.profile}'],
  });
  expect(run.dependsOn).toContainEqual({ target: 'pretrain-ablation-interp', params: 'forward' });
  expect(targets['pretrain-ablation-interp'].configurations).toEqual(run.configurations);
});

test('a latency experiment becomes a target that is never cached and needs the kernels only', () => {
  const { targets } = project('experiments/cpu-latency.yaml');
  expect(Object.keys(targets)).toEqual(['cpu-latency']);
  expect(targets['cpu-latency']).toMatchObject({
    cache: false,
    defaultConfiguration: 'quick',
    dependsOn: [{ projects: ['sparse-conv'], target: 'build-native' }],
    options: { command: 'run', experiment: 'cpu-latency' },
  });
});

test('an experiment of which results are expected becomes a project that runs it again, whatever its other profiles', () => {
  const found = project('experiments/expected/ablation-grid/smoke.json');
  expect([found.name, found.tags]).toEqual(['experiment-ablation-grid', ['name:experiment-ablation-grid', 'experiment']]);
  expect(found.implicitDependencies).toEqual(expect.arrayContaining(['@stint/backbones', '@stint/training', '@stint/pruning']));
  for (const other of ['experiments', 'report', 'runtime', 'onnx']) expect(found.implicitDependencies).not.toContain(`@stint/${other}`);
  const { reproduce } = found.targets;
  expect(reproduce).toMatchObject({ cache: true, options: { command: 'reproduce', experiment: 'ablation-grid' } });
  expect(Object.keys(reproduce.configurations)).toContain('smoke');
  expect(reproduce.inputs).toEqual(
    expect.arrayContaining([
      '{workspaceRoot}/experiments/ablation-grid.yaml',
      '{workspaceRoot}/experiments/bases/embedded.yaml',
      '{workspaceRoot}/apps/experiments/src/run/**/*',
    ]),
  );
  expect(reproduce.inputs).not.toContain('{workspaceRoot}/apps/experiments/src/cli/**/*');
});

test('profiles come from the bases too; a broken or circular file does not break the workspace', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-plugin-'));
  const write = (name, text) => fs.writeFileSync(path.join(folder, name), text);
  write('a.yaml', '_base_: [b.yaml, c.yaml]\nprofiles: { mine: , quick: }\n');
  write('b.yaml', 'profiles: { quick: , standard: }\n_base_: a.yaml\n');
  write('c.yaml', 'profiles: [broken\n');
  expect(profilesOf(path.join(folder, 'a.yaml'), root)).toEqual(['quick', 'standard', 'mine']);
  expect(profilesOf(path.join(folder, 'c.yaml'), root)).toEqual([]);
});

test('the executor hands arguments on as they are, and tells Nx of success and failure', () => {
  const run = (words) => {
    const options = { command: 'show', experiment: 'ablation-interp', profile: 'smoke', __unparsed__: words };
    const script = `require('./tools/nx-plugin/stint-executor.cjs').default(${JSON.stringify(options)}, { root: process.cwd() })
      .then(({ success }) => process.stdout.write('success ' + success + '\\n'));`;
    return spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
  };
  const good = run(['train.schedule={kind: cosine, final: 0.25}', '--arms', 'rbf']);
  expect(good.stdout).toMatch(/kind: cosine\n[\s\S]*final: 0\.25\n[\s\S]*success true\n$/);
  const bad = run(['train.stesp=1']);
  expect([bad.stdout.endsWith('success false\n'), bad.stderr]).toEqual([true, expect.stringContaining('nearest: "steps"')]);
  // Nx would keep a submission as if it were the result.
  const detached = run(['--executor', 'slurm', '--detach']);
  expect([detached.stdout, detached.stderr]).toEqual([
    'success false\n',
    expect.stringMatching(/--detach: .* npx stint show ablation-interp:smoke --executor slurm --detach/),
  ]);
}, 30_000);
