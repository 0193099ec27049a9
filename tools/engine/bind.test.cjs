// The whole command against small wheels made here; the compiler and pip are scripts.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { makeZip } = require('./testing/make-zip.cjs');
const { main } = require('./bind.mjs');
const { ensureLibrary, requireSpace } = require('./library.mjs');
const { sentence } = require('./failure.mjs');
const { LIBRARIES, MEMBERS, VERSION, releaseFor } = require('./release.mjs');
const { fingerprint, readState, sha256Of } = require('./state.mjs');
const { downloadWheel } = require('./wheel.mjs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-bind-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const X64 = releaseFor('cpu', { platform: 'linux', arch: 'x64' });
const HERE = releaseFor('cpu');
const infoOf = ({ wheel }) => `${wheel}-${VERSION}.dist-info/WHEEL`;
const INFO = infoOf(X64);
const log = () => {};

/** A wheel for another Python than the pinned one, so that no hash is expected; `change` edits its members. */
function makeWheel(name, { change = (members) => members, release = X64, tag = `cp312-cp312-manylinux_2_27_${release.machine}` } = {}) {
  const members = Object.fromEntries(MEMBERS.map(({ member }) => [member, { data: `content of ${member}` }]));
  members[infoOf(release)] = { data: `Wheel-Version: 1.0\nTag: ${tag}\n` };
  const file = path.join(folder, name);
  fs.writeFileSync(file, makeZip(change(members)));
  return file;
}

function makePackage(name) {
  const directory = path.join(folder, name);
  fs.mkdirSync(path.join(directory, 'binding'), { recursive: true });
  fs.writeFileSync(path.join(directory, 'package.json'), '{"version":"4.22.0"}');
  fs.writeFileSync(path.join(directory, 'binding/tfjs_binding.cc'), 'int main;');
  return directory;
}

function script(name, body) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}

/** A compiler that writes its last argument's file. */
const compiler = () => script('cxx', 'for last; do :; done\n[ "$1" = --version ] && exit 0\necho compiled > "$last"');

/** Runs the real command in a process of its own. */
function runBind(args, env = {}) {
  const run = spawnSync(process.execPath, [path.join(__dirname, 'bind.mjs'), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, STINT_CACHE: path.join(folder, 'cache-run'), ...env },
  });
  expect(run.stderr).not.toMatch(/^\s+at /m); // no stack trace
  return run;
}

describe('bind', () => {
  const root = path.join(folder, 'cache');
  const target = path.join(root, 'libtensorflow', `${VERSION}-cpu-${process.arch}`);

  test('makes library and binding once, and knows when they belong together', async () => {
    const saved = { ...process.env };
    const lines = jest.spyOn(console, 'log').mockImplementation(() => {});
    Object.assign(process.env, { STINT_CACHE: root, CXX: compiler() });
    try {
      const packageDir = makePackage('package');
      const options = { verify: async () => VERSION };
      const state = () => readState({ packageDir, root, device: 'cpu' });
      expect(state()).toMatchObject({ bound: false, binding: 'missing' });
      expect(fingerprint(state(), 'x')).not.toBe(fingerprint(state(), 'y'));

      await main(['--package', packageDir, '--wheel', makeWheel('good.whl', { release: HERE })], options);
      expect(lines.mock.calls.at(-1)[0]).toBe(`bound: libtensorflow ${VERSION} (cpu) in ${target}`);
      for (const { member, file } of MEMBERS) expect(fs.readFileSync(path.join(target, file), 'utf8')).toBe(`content of ${member}`);
      expect(fs.readdirSync(path.dirname(target))).toEqual([path.basename(target)]); // neither lock nor partial folder
      expect(state().bound).toBe(true);
      expect(fingerprint(state(), 'x')).toBe(fingerprint(state(), 'y'));

      lines.mockClear();
      await main(['--package', packageDir], options); // nothing to do: one line
      expect(lines).toHaveBeenCalledTimes(1);

      fs.rmSync(path.join(packageDir, 'lib'), { recursive: true }); // as "npm ci" does
      process.env.CXX = '/nowhere/cxx'; // not needed: the compiled binding is kept
      await main(['--package', packageDir], options);
      expect(state().bound).toBe(true);

      fs.appendFileSync(path.join(packageDir, 'lib/napi-v8/tfjs_binding.node'), 'x');
      expect(state().binding).toBe('foreign');
      fs.truncateSync(path.join(target, 'lib', LIBRARIES[0]), 3);
      expect(state().library.present).toBe(false);
    } finally {
      process.env = saved;
      lines.mockRestore();
    }
  });

  test.each([
    ['lacks a library', (all) => ({ ...all, 'tensorflow/libtensorflow_cc.so.2': undefined }), /lacks tensorflow\/libtensorflow_cc\.so\.2/],
    ['has a damaged member', (all) => ({ ...all, 'tensorflow/libtensorflow_cc.so.2': { data: 'x', crc: 5 } }), /is damaged: tensorflow/],
    [
      'is another package',
      ({ [INFO]: info, ...all }) => ({ ...all, 'numpy-1.0.dist-info/WHEEL': info }),
      /is numpy 1\.0; needed is tensorflow_cpu/,
    ],
    [
      'is another version',
      ({ [INFO]: info, ...all }) => ({ ...all, 'tensorflow_cpu-2.9.1.dist-info/WHEEL': info }),
      /is tensorflow_cpu 2\.9\.1/,
    ],
    ['is no wheel', ({ [INFO]: _, ...all }) => all, /not a Python wheel/],
    ['is the CUDA one', ({ [INFO]: info, ...all }) => ({ ...all, [`tensorflow-${VERSION}.dist-info/WHEEL`]: info }), /add --gpu/],
  ])('a wheel that %s', async (name, change, message) => {
    const clean = (members) => Object.fromEntries(Object.entries(change(members)).filter(([, member]) => member));
    const wheel = makeWheel(`${name}.whl`, { change: clean });
    const away = path.join(folder, 'away', 'library');
    await expect(ensureLibrary(X64, away, { wheel, log })).rejects.toMatchObject({
      expected: true,
      message: expect.stringMatching(message),
    });
    expect(fs.readdirSync(path.dirname(away))).toEqual([]);
  });

  test('a wheel for another machine', async () => {
    const wheel = makeWheel('arm.whl', { tag: 'cp311-cp311-manylinux_2_27_aarch64' });
    await expect(ensureLibrary(X64, path.join(folder, 'away', 'b'), { wheel, log })).rejects.toThrow(
      /is for cp311.*aarch64; needed .* x86_64/,
    );
  });

  test('the pinned wheel must have the pinned hash, any wheel the one that is passed', async () => {
    const away = path.join(folder, 'away', 'c');
    const wheel = makeWheel('pinned.whl', { tag: 'cp311-cp311-manylinux_2_27_x86_64' });
    await expect(ensureLibrary(X64, away, { wheel, log })).rejects.toThrow(/has sha256 \w{64}, expected 2b847d217b02ee77/);
    const sha256 = sha256Of(fs.readFileSync(wheel));
    await expect(ensureLibrary(X64, away, { wheel, sha256: '00', log })).rejects.toThrow(/expected 00:/);
    expect(await ensureLibrary(X64, away, { wheel, sha256: sha256.toUpperCase(), log })).toMatchObject({ id: sha256 });
  });

  test('the downloaded CUDA wheel: no wheel stays, and the CUDA packages that it asks for are known', async () => {
    const release = releaseFor('gpu', { platform: 'linux', arch: 'x64' });
    const metadata = 'Requires-Dist: numpy>=1.26\nRequires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"\n';
    const change = (members) => ({ ...members, [`tensorflow-${VERSION}.dist-info/METADATA`]: { data: metadata } });
    const wheel = makeWheel('cuda.whl', { release, change, tag: 'cp311-cp311-manylinux_2_27_x86_64' });
    const saved = process.env.PYTHON;
    process.env.PYTHON = script('pip-copies', `for a; do [ "$p" = --dest ] && d="$a"; p="$a"; done; [ -z "$d" ] || cp ${wheel} "$d"`);
    try {
      const away = path.join(folder, 'away', 'gpu');
      const record = await ensureLibrary(release, away, { sha256: sha256Of(fs.readFileSync(wheel)), log });
      expect(record).toMatchObject({ device: 'gpu', cuda: ['nvidia-cublas-cu12<13.0,>=12.5.3.2'] });
      expect(fs.readdirSync(away).sort()).toEqual(['include', 'lib', 'library.json']);
    } finally {
      if (saved === undefined) delete process.env.PYTHON;
      else process.env.PYTHON = saved;
    }
  });

  test('without a pinned hash the hash is printed', async () => {
    const said = [];
    const wheel = makeWheel('other.whl');
    await ensureLibrary(X64, path.join(folder, 'away', 'd'), { wheel, log: (line) => said.push(line) });
    expect(said[0]).toMatch(new RegExp(`no pinned hash for cp312.*${sha256Of(fs.readFileSync(wheel))}`));
  });

  test('what killed processes left is removed', async () => {
    const away = path.join(folder, 'left', 'library');
    fs.mkdirSync(`${away}.partial-host-1`, { recursive: true });
    fs.mkdirSync(away); // incomplete
    await ensureLibrary(X64, away, { wheel: makeWheel('again.whl'), log });
    expect(fs.readdirSync(path.dirname(away))).toEqual(['library']);
  });

  describe('the command ends with code 1 and one sentence', () => {
    const packageDir = () => makePackage('package-run');

    test.each([
      ['an unknown option', ['--fast'], {}, /Unknown option '--fast'[\s\S]*Usage:/],
      ['both devices', ['--cpu', '--gpu'], {}, /exclude each other/],
      ['a wrong STINT_DEVICE', [], { STINT_DEVICE: 'tpu' }, /STINT_DEVICE is "tpu": it must be cpu or gpu/],
      ['a wheel that is not there', ['--wheel', '/nowhere.whl'], {}, /--wheel \/nowhere\.whl: there is no such file/],
      ['no Python', [], { PYTHON: '/nowhere/python' }, /no Python found \(tried \/nowhere\/python\).*--wheel FILE/],
      [
        'a cache that cannot be written',
        [],
        { STINT_CACHE: '/dev/null/stint' },
        /^bind: cannot make the folder \/dev\/null\/stint.* \(ENOTDIR\): set STINT_CACHE/,
      ],
    ])('%s', (_name, args, env, message) => {
      const { status, stderr } = runBind(['--package', packageDir(), ...args], env);
      expect(status).toBe(1);
      expect(stderr).toMatch(message);
    });

    test('no C++ compiler, and one that fails', () => {
      const args = ['--package', packageDir(), '--wheel', makeWheel('compile.whl', { release: HERE })];
      expect(runBind(args, { CXX: '/nowhere/g++ -m64' })).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/CXX is "\/nowhere\/g\+\+ -m64", which does not run/),
      });
      expect(runBind(args, { PATH: '/nowhere' })).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/no C\+\+ compiler .*apt install g\+\+/),
      });
      const failing = script('failing', '[ "$1" = --version ] && exit 0\necho "x.cc:1: error: bad" >&2; exit 1');
      expect(runBind(args, { CXX: failing })).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/could not compile .*C\+\+17[\s\S]*x\.cc:1: error: bad/),
      });
      const loads = runBind(args, { CXX: compiler() });
      expect(loads).toMatchObject({ status: 1, stderr: expect.stringMatching(/was compiled but does not load/) });
      expect(fs.readdirSync(path.join(folder, 'cache-run/libtensorflow', `${VERSION}-cpu-${process.arch}`, 'bindings'))).toEqual([]);
    });
  });
});

describe('pip', () => {
  const download = (body) => downloadWheel(X64, path.join(folder, 'download'), script('python', body));

  test.each([
    [
      'unreachable',
      'echo "WARNING: Retrying after NewConnectionError" >&2; echo "ERROR: No matching distribution found" >&2; exit 1',
      /cannot be reached .*--wheel FILE/,
    ],
    [
      'without the wheel',
      'echo "ERROR: No matching distribution found for x" >&2; exit 1',
      /has no tensorflow_cpu==.* for cp311 on x86_64/,
    ],
    ['failing otherwise', 'echo "ERROR: strange" >&2; exit 2', /could not download[\s\S]*ERROR: strange/],
    ['that brings nothing', 'exit 0', /downloaded no wheel/],
  ])('an index %s', async (_name, body, message) => {
    await expect(download(body)).rejects.toMatchObject({ expected: true, message: expect.stringMatching(message) });
  });

  test('a full disk', async () => {
    const error = await download('echo "OSError: [Errno 28] No space left on device" >&2; exit 1').catch((failure) => failure);
    expect(sentence(error)).toMatch(/^the disk is full: make room or set STINT_CACHE/);
  });

  test('is asked for one fixed wheel, whatever the own Python', async () => {
    const file = await download(`shift 2; for a; do [ "$p" = --dest ] && d="$a"; p="$a"; done; echo "$@" "$TMPDIR" > "$d/x.whl"`);
    const asked = fs.readFileSync(file, 'utf8');
    expect(asked).toMatch(
      /^download --no-deps --only-binary=:all:.*--python-version 3\.11 --implementation cp .*--platform manylinux_2_27_x86_64/,
    );
    expect(asked).toContain(`tensorflow_cpu==${VERSION}`);
    expect(asked).not.toMatch(/index-url/);
  });
});

test('too little space is told beforehand', () => {
  expect(() => requireSpace(folder, 1e18)).toThrow(/free, 1000000000\.05 GB are needed: make room or set STINT_CACHE/);
  expect(() => requireSpace(folder, 0)).not.toThrow();
});

test.each([
  ['darwin', 'arm64', 'cpu'],
  ['linux', 'arm64', 'gpu'],
  ['linux', 'ppc64', 'cpu'],
])('no library for %s-%s (%s)', (platform, arch, device) => {
  expect(() => releaseFor(device, { platform, arch })).toThrow(
    `no libtensorflow for ${platform}-${arch} (${device}): supported are linux-x64-cpu`,
  );
});
