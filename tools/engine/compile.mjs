// The binding: tfjs-node's own C++ sources compiled against the library, kept beside it, and copied into the npm package.
import fs from 'node:fs';
import path from 'node:path';
import { removingOnFailure } from './cleanup.mjs';
import { lastLines, runCommand } from './command.mjs';
import { failure } from './failure.mjs';
import { bindingFile, readJson, stampFile, writeAtomically } from './places.mjs';
import { LIBRARIES } from './release.mjs';
import { sha256Of } from './state.mjs';
import { findCompiler, nodeHeaders } from './toolchain.mjs';

const NAPI_VERSION = 8;
const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'];
const FLAGS = ['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${NAPI_VERSION}`, '-DBUILDING_NODE_EXTENSION'];

/**
 * Compiles (unless this library already has such a binding) and copies the binding into the package.
 * `verify(file)` must return the TensorFlow version that the loaded binding reports.
 */
export async function ensureBinding(packageDir, folder, library, { log, verify = loadedVersion }) {
  const kept = path.join(folder, 'bindings', `${bindingKey(packageDir, folder)}.node`);
  if (fs.existsSync(kept)) log('the binding was compiled before');
  else await compile(packageDir, folder, kept, { log, verify });
  install(packageDir, folder, library, kept);
}

/** Same sources, same flags, same library folder: same binding. */
function bindingKey(packageDir, folder) {
  const directory = path.join(packageDir, 'binding');
  if (!fs.existsSync(directory)) throw failure(`${packageDir} has no C++ sources (binding/): run "npm ci" again`);
  const files = fs.readdirSync(directory).sort();
  const sources = files.map((name) => `${name}\n${fs.readFileSync(path.join(directory, name), 'utf8')}`);
  return sha256Of([process.arch, folder, ...FLAGS, ...sources].join('\n')).slice(0, 16);
}

async function compile(packageDir, folder, target, { log, verify }) {
  const include = nodeHeaders();
  const lib = path.join(folder, 'lib');
  const [cxx, ...extra] = await findCompiler();
  log(`compiling the binding with ${cxx} (about 15 s)`);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const partial = `${target}.partial-${process.pid}.node`;
  await removingOnFailure(partial, async () => {
    const { status, output } = await runCommand(cxx, [
      ...extra,
      ...FLAGS,
      `-I${include}`,
      `-I${path.join(folder, 'include')}`,
      ...SOURCES.map((name) => path.join(packageDir, 'binding', name)),
      `-L${lib}`,
      ...LIBRARIES.map((name) => `-l:${name}`),
      `-Wl,-rpath,${lib}`,
      '-o',
      partial,
    ]);
    if (status !== 0) throw compilerFailure(cxx, output);
    const version = await verify(partial);
    log(`the binding loads TensorFlow ${version}`);
    fs.renameSync(partial, target);
  });
}

function compilerFailure(cxx, output) {
  if (/No space left on device/i.test(output)) return Object.assign(new Error('No space left'), { code: 'ENOSPC' });
  const errors = output.split('\n').filter((line) => /error|cannot find|undefined reference/i.test(line));
  const shown = lastLines(errors.slice(0, 6).join('\n') || output);
  return failure(`${cxx} could not compile the binding: it must know C++17 (g++ 8, clang 7 or newer); name another one in CXX${shown}`);
}

/** Loads the binding in another process and asks for TensorFlow's version. */
async function loadedVersion(file) {
  const script = 'try { console.log("version " + require(process.argv[1]).TF_Version) } catch (error) { console.log(error.message) }';
  const { output } = await runCommand(process.execPath, ['-e', script, file], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  const version = /^version (\S+)$/m.exec(output)?.[1];
  if (version) return version;
  const why = /GLIBC\S*|GLIBCXX\S*/.test(output) ? " (this machine's C or C++ library is too old: glibc 2.27 or newer is needed)" : '';
  throw failure(`the binding was compiled but does not load${why}${lastLines(output)}`);
}

function install(packageDir, folder, library, kept) {
  const file = bindingFile(packageDir);
  const content = fs.readFileSync(kept);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  writeAtomically(file, content);
  const stamp = {
    tensorflow: library.version,
    device: library.device,
    library: folder,
    libraryId: library.id,
    package: readJson(path.join(packageDir, 'package.json'))?.version,
    sha256: sha256Of(content),
  };
  writeAtomically(stampFile(packageDir), `${JSON.stringify(stamp, null, 2)}\n`);
}
