import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { addRemovedUtilities, explainLoadError, loadTensorFlow, problemOf, processorProblem, setEnvironment } from './load.ts';
import { cacheFolder, locateEngine } from './locate.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-engine-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** A package folder with a binding file, made for a library in `library`. */
function fakePackage(name: string, { library }: { library?: string } = {}): string {
  const packageFolder = path.join(folder, name);
  const napi = path.join(packageFolder, 'lib', 'napi-v8');
  fs.mkdirSync(napi, { recursive: true });
  fs.writeFileSync(path.join(napi, 'tfjs_binding.node'), '');
  if (library) fs.writeFileSync(path.join(napi, 'tfjs_binding.json'), JSON.stringify({ tensorflow: '2.21.0', device: 'cpu', library }));
  return packageFolder;
}

describe('locateEngine', () => {
  test('finds the installed package and its binding', () => {
    const files = locateEngine();
    expect(files.packageFolder).toMatch(/tfjs-node-gpu$/);
    expect(fs.existsSync(files.binding!)).toBe(true);
  });

  test('a package without a binding', () => {
    fs.mkdirSync(path.join(folder, 'empty'));
    const files = locateEngine(path.join(folder, 'empty'));
    expect(files.binding).toBeUndefined();
    expect(problemOf(files)).toBe('TensorFlow is not bound yet; run: npx nx run engine:bind');
  });

  test('a binding whose library was deleted', () => {
    const files = locateEngine(fakePackage('orphan', { library: path.join(folder, 'gone') }));
    expect(problemOf(files)).toMatch(/libtensorflow 2\.21\.0 is gone from .*gone; run: npx nx run engine:bind/);
  });

  test('a binding that somebody else made is let pass', () => {
    const files = locateEngine(fakePackage('foreign'));
    expect(files.record).toBeUndefined();
    expect(problemOf(files)).toBeUndefined();
  });

  test('no package', () => {
    expect(problemOf({ libraryPresent: false })).toMatch(/not installed; run: npm ci/);
  });
});

test.each([
  [{ STINT_CACHE: '/a' }, '/a'],
  [{ XDG_CACHE_HOME: '/b' }, '/b/stint'],
  [{ XDG_CACHE_HOME: 'relative' }, path.join(os.homedir(), '.cache/stint')],
  [{}, path.join(os.homedir(), '.cache/stint')],
])('cacheFolder of %j', (env, want) => expect(cacheFolder(env)).toBe(want));

test.each([
  ['/x/tfjs_binding.node: libtensorflow_cc.so.2: cannot open shared object file', /do not fit together .*engine:bind/],
  ["/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by tfjs_binding.node)", /older than the binding's/],
  ['The Node.js native addon module (tfjs_binding.node) can not be found at path: x\nmore', /not bound yet; run: npx nx run engine:bind/],
  ["Cannot find module 'google-protobuf'", /not installed .*npm ci/],
  ['something else\n  at line', /could not be loaded: something else$/],
])('explains: %s', (message, want) => expect(explainLoadError(new Error(message))).toMatch(want));

test('a failing load keeps its cause', async () => {
  const cause = new Error('x: invalid ELF header');
  const files = locateEngine(fakePackage('broken'));
  await expect(loadTensorFlow(files, () => Promise.reject(cause))).rejects.toMatchObject({
    message: expect.stringMatching(/^startEngine: the binding and libtensorflow do not fit/),
    cause,
  });
});

test('a missing binding is not even tried', async () => {
  const load = jest.fn();
  await expect(loadTensorFlow({ packageFolder: '/x', libraryPresent: false }, load)).rejects.toThrow(/engine:bind/);
  expect(load).not.toHaveBeenCalled();
});

test('a processor without AVX is told before it aborts', () => {
  expect(processorProblem('x64', () => 'flags\t\t: fpu sse4_2 avx avx2\n')).toBeUndefined();
  expect(processorProblem('x64', () => 'flags\t\t: fpu sse4_2\n')).toMatch(/no AVX/);
  expect(processorProblem('arm64', () => '')).toBeUndefined();
});

test('environment: threads are set, a log level of the user stays', () => {
  const env: NodeJS.ProcessEnv = { TF_CPP_MIN_LOG_LEVEL: '0' };
  setEnvironment({ threads: 3, gpu: false, quiet: true }, env);
  expect(env).toEqual({ TF_NUM_INTRAOP_THREADS: '3', TF_NUM_INTEROP_THREADS: '1', TF_CPP_MIN_LOG_LEVEL: '0', CUDA_VISIBLE_DEVICES: '-1' });
});

test('the functions that Node 23 removed are there', () => {
  const target: Record<string, (value: unknown) => boolean> = {};
  addRemovedUtilities(target);
  expect([target.isNullOrUndefined(undefined), target.isNullOrUndefined(null), target.isNullOrUndefined(0)]).toEqual([true, true, false]);
  expect([target.isArray([]), target.isArray({ length: 0 })]).toEqual([true, false]);
});
