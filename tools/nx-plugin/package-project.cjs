// Nx project of a folder below packages/ or apps/. Its name is the folder's, its tag `name:<folder>` serves the boundary rules
// (eslint.config.mjs).
const path = require('node:path');

/** The engine must be bound before anything computes on tensors. */
const BIND = { projects: ['engine'], target: 'bind' };
/** The compiled kernels. */
const NATIVE = { projects: ['sparse-conv'], target: 'build-native' };
/** Whose tests run them. */
const USES_NATIVE = ['packages/sparse-conv', 'packages/runtime', 'apps/experiments'];
/** What was compiled, whatever it was compiled from, and what chooses among it. */
const COMPILED = [{ dependentTasksOutputFiles: '**/*.node' }, { env: 'STINT_ISA' }, { env: 'STINT_NATIVE' }];
/** Whose readers are fuzzed: files *fuzz.test.ts, 500 cases a property in `test`, 10,000 in `test-fuzz`. */
const FUZZED = ['packages/safetensors', 'packages/metrics', 'packages/datasets', 'packages/runtime', 'apps/experiments'];
/** Lines of packages/ that tests must reach, in percent. */
const COVERED_LINES = 90;

function packageProject(root, { manifest, jestConfig }) {
  const name = path.basename(root);
  const isPackage = root.startsWith('packages/');
  const targets = {};
  if (jestConfig !== undefined) targets.test = testTarget(root, { isPackage, usesTensorFlow: jestConfig.includes('tensorflow.cjs') });
  if (FUZZED.includes(root)) targets['test-fuzz'] = fuzzTarget(root, targets.test);
  if (isPackage && !manifest.private) Object.assign(targets, { build: buildTarget(root), 'check-package': checkTarget(root) });
  if (root === 'packages/engine') targets.bind = bindTarget();
  if (root === 'packages/sparse-conv') addNativeTargets(targets);
  if (root === 'apps/experiments') addRealTargets(targets);
  return { name, projectType: isPackage ? 'library' : 'application', tags: [`name:${name}`], targets };
}

function testTarget(root, { isPackage, usesTensorFlow }) {
  // In one process: Nx runs two projects side by side.
  const coverage = isPackage
    ? ` --coverage --coverageReporters=text-summary --coverageThreshold='{"global":{"lines":${COVERED_LINES}}}'`
    : '';
  return {
    executor: 'nx:run-commands',
    options: { command: `jest -c ${root}/jest.config.cjs --runInBand${coverage}`, cwd: '.' },
    dependsOn: [...(usesTensorFlow || !isPackage ? [BIND] : []), ...(USES_NATIVE.includes(root) ? [NATIVE] : [])],
    cache: true,
    inputs: [
      'default',
      '^production',
      '{workspaceRoot}/tools/jest/**/*',
      '{workspaceRoot}/tsconfig.base.json',
      ...(USES_NATIVE.includes(root) ? COMPILED : []),
    ],
    outputs: [],
    metadata: { description: 'Runs the tests with jest' },
  };
}

/** Never from the cache: the cases are others each time. */
function fuzzTarget(root, { dependsOn, inputs }) {
  return {
    executor: 'nx:run-commands',
    options: {
      command: `STINT_FUZZ_RUNS=\${STINT_FUZZ_RUNS:-10000} jest -c ${root}/jest.config.cjs --runInBand --verbose 'fuzz\\.test\\.ts$'`,
      cwd: '.',
    },
    dependsOn,
    cache: false,
    inputs,
    outputs: [],
    metadata: { description: 'Fuzzes the readers: 10,000 cases a property, or STINT_FUZZ_RUNS' },
  };
}

/** Tests of the whole command that are too long, or need too much, for `test`: see their jest configurations. */
function addRealTargets(targets) {
  const target = (name, description, env = []) => ({
    ...targets.test,
    options: { command: `jest -c apps/experiments/jest.${name}.config.cjs --runInBand`, cwd: '.' },
    inputs: [...targets.test.inputs, { env: 'CI' }, ...env],
    metadata: { description },
  });
  targets['test-slurm'] = target('slurm', 'Tests the executor slurm with a real Slurm (Debian: slurm-wlm, munge)', [
    { runtime: 'command -v sbatch slurmctld munged || true' },
  ]);
  targets['test-faults'] = target('faults', 'Kills, fills disks and stops for real: runs must come out as if nothing had been', [
    { env: 'STINT_FAULT_ROUNDS' },
  ]);
}

function buildTarget(root) {
  return {
    executor: 'nx:run-commands',
    options: { command: 'node ../../tools/build/package.mjs', cwd: root },
    dependsOn: ['^build'],
    cache: true,
    inputs: [
      'production',
      '^production',
      '{workspaceRoot}/tools/build/**/*',
      '{workspaceRoot}/tsconfig.base.json',
      { externalDependencies: ['typescript', '@tensorflow/tfjs-core'] },
    ],
    outputs: ['{projectRoot}/dist'],
    metadata: { description: 'Builds ESM, CommonJS and types into dist/' },
  };
}

function checkTarget(root) {
  return {
    executor: 'nx:run-commands',
    options: { commands: ['publint --strict', 'attw --pack . --profile node16'], parallel: false, cwd: root },
    dependsOn: ['build'],
    cache: true,
    inputs: [
      'production',
      '{projectRoot}/README.md',
      '^production',
      '{workspaceRoot}/tools/build/**/*',
      { externalDependencies: ['publint', '@arethetypeswrong/cli', 'typescript'] },
    ],
    outputs: [],
    metadata: { description: 'Checks what would be published: exports, types, ESM and CommonJS' },
  };
}

function bindTarget() {
  return {
    executor: 'nx:run-commands',
    options: { command: 'node tools/engine/bind.mjs', cwd: '.' },
    cache: true,
    // Once bound, the line that fingerprint.mjs prints stays the same, and the target has nothing to do.
    inputs: ['{workspaceRoot}/tools/engine/**/*', { runtime: 'node tools/engine/fingerprint.mjs' }, { env: 'STINT_DEVICE' }],
    outputs: [],
    metadata: { description: 'Binds TensorFlow: gets libtensorflow once, compiles the binding' },
  };
}

/** The compiled kernels: a release build, which the tests need, and one with sanitizers, which runs the native tests once more. */
function addNativeTargets(targets) {
  const inputs = [
    '{projectRoot}/native/src/**/*',
    '{workspaceRoot}/tools/native/**/*',
    ...['cleanup', 'command', 'failure', 'toolchain'].map((name) => `{workspaceRoot}/tools/engine/${name}.mjs`),
    { externalDependencies: ['node-addon-api', 'node-api-headers'] },
  ];
  const compiler = [{ env: 'CXX' }, { runtime: 'node tools/native/fingerprint.mjs' }];
  targets['build-native'] = {
    executor: 'nx:run-commands',
    options: { command: 'node tools/native/build.mjs', cwd: '.' },
    cache: true,
    inputs: [...inputs, ...compiler],
    outputs: ['{projectRoot}/native/build/release'],
    metadata: { description: 'Compiles the kernels, once for each instruction set' },
  };
  targets['test-sanitized'] = {
    executor: 'nx:run-commands',
    options: { command: 'node tools/native/test-sanitized.mjs', cwd: '.' },
    dependsOn: [BIND],
    cache: true,
    inputs: [...targets.test.inputs, ...inputs, ...compiler],
    outputs: [],
    metadata: { description: 'Runs the native tests with AddressSanitizer and UndefinedBehaviorSanitizer' },
  };
  targets.build.dependsOn.push('build-native');
}

module.exports = { packageProject, BIND, NATIVE };
