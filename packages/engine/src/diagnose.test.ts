import { type Diagnosis, diagnose, formatDiagnosis, problemsOf } from './diagnose.ts';
import type { EngineFiles } from './locate.ts';

const healthy: EngineFiles = {
  packageFolder: '/p',
  binding: '/p/lib/napi-v8/tfjs_binding.node',
  record: { tensorflow: '2.21.0', device: 'cpu', library: '/c/libtensorflow/2.21.0-cpu-x64' },
  libraryPresent: true,
};
const facts: Omit<Diagnosis, 'problems'> = {
  node: 'v22.1.0',
  platform: 'linux-x64',
  processor: 'a',
  cores: 2,
  memoryGiB: 8,
  tensorflow: '2.21.0',
  tfjs: '4.22.0',
  threads: 2,
  oneDnn: true,
  gpu: false,
  binding: 'bound',
  library: '/c/libtensorflow/2.21.0-cpu-x64',
  cacheFolder: '/c',
  cacheFreeGB: 50,
  compiler: 'g++ 12',
  pip: 'pip 23 (python 3.11)',
};

test('a working engine: versions, and no problem', async () => {
  const diagnosis = await diagnose();
  expect(diagnosis.problems).toEqual([]);
  expect(diagnosis.tensorflow).toMatch(/^2\./);
  expect(diagnosis.cores).toBeGreaterThan(0);
  expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
  expect(formatDiagnosis(diagnosis)).toMatch(/tensorflow +2\.[\s\S]*All is well\.$/);
});

test('a missing binding is a problem, not an error', async () => {
  const start = jest.fn();
  const diagnosis = await diagnose({ packageFolder: '/p', libraryPresent: false }, start);
  expect(start).not.toHaveBeenCalled();
  expect(diagnosis).toMatchObject({ tensorflow: null, binding: 'missing' });
  expect(diagnosis.problems).toContain('TensorFlow is not bound yet; run: npx nx run engine:bind');
  expect(formatDiagnosis(diagnosis)).toMatch(/PROBLEM: TensorFlow is not bound yet/);
});

test('a start that fails is a problem, not an error', async () => {
  const diagnosis = await diagnose(healthy, () => Promise.reject(new Error('startEngine: broken; run: this')));
  expect(diagnosis.problems).toEqual(['broken; run: this']);
});

test('without compiler and pip: only a problem where binding is still to do', () => {
  const bare = { ...facts, compiler: null, pip: null, cacheFreeGB: 0.3 };
  expect(problemsOf(bare, healthy, undefined)).toEqual([]);
  const problems = problemsOf(bare, { ...healthy, libraryPresent: false }, 'gone');
  expect(problems.map((text) => text.split(/[,:]/)[0])).toEqual(['gone', 'no C++ compiler', 'no Python with pip', '/c has 0.3 GB free']);
});

test.each([
  ['an old Node', { node: 'v18.20.0' }, /install Node 20\.19/],
  ['Node 20 before 20.19', { node: 'v20.9.0' }, /install Node 20\.19/],
  ['another platform', { platform: 'win32-x64' }, /WSL 2/],
])('%s', (_name, change, want) => expect(problemsOf({ ...facts, ...change }, healthy, undefined)).toEqual([expect.stringMatching(want)]));

test('a GPU binding without a GPU', () => {
  const files: EngineFiles = { ...healthy, record: { ...healthy.record!, device: 'gpu' } };
  expect(problemsOf(facts, files, undefined)).toEqual([expect.stringMatching(/nvidia-smi/)]);
  expect(problemsOf({ ...facts, gpu: true }, files, undefined)).toEqual([]);
});
