#!/usr/bin/env node
// Compiles the kernels of @stint/sparse-conv into one Node addon: kernels.cc once for each instruction set, everything else once.
//   node tools/native/build.mjs [--sanitize]
// The compiler is called directly: there are a dozen files, and node-gyp would want to download Node's headers.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { removingOnFailure } from '../engine/cleanup.mjs';
import { lastLines, runCommand } from '../engine/command.mjs';
import { failure, sentence } from '../engine/failure.mjs';
import { findCompiler, nodeHeaders } from '../engine/toolchain.mjs';
import { compileUnits, LINK_FLAGS } from './units.mjs';

const PROJECT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../packages/sparse-conv');
const USAGE = `Usage: node tools/native/build.mjs [--sanitize]
  --sanitize    with AddressSanitizer and UndefinedBehaviorSanitizer, into native/build/sanitized (for tests; load with libasan preloaded)
Environment: CXX (C++ compiler)`;

/** Folder of the addon, relative to the package: what the loader (src/native/load.ts) looks for. */
const folderOf = (sanitize) => path.join('native/build', sanitize ? 'sanitized' : 'release', `${process.platform}-${process.arch}`);

function readOptions(argv) {
  try {
    return parseArgs({ args: argv, options: { sanitize: { type: 'boolean', default: false }, help: { type: 'boolean' } } }).values;
  } catch (error) {
    throw failure(`${error.message.split('\n')[0]}\n${USAGE}`);
  }
}

async function main(argv) {
  const began = performance.now();
  const { help, sanitize } = readOptions(argv);
  if (help) return console.log(USAGE);
  if (process.platform === 'win32') throw failure('Windows is not supported: build in WSL');
  const [cxx, ...extra] = await findCompiler();
  const folder = path.join(PROJECT, folderOf(sanitize));
  const objects = path.join(folder, `objects-${process.pid}`);
  fs.mkdirSync(objects, { recursive: true });
  try {
    const units = compileUnits({ source: path.join(PROJECT, 'native/src'), objects, includes: includeFolders(), sanitize });
    await inParallel(units, ({ source, object, flags }) => compile([cxx, ...extra, ...flags, '-c', source, '-o', object]));
    const partial = path.join(objects, 'stint.node');
    await removingOnFailure(partial, async () => {
      const link = LINK_FLAGS({ sanitize });
      await compile([cxx, ...extra, ...link, ...units.map(({ object }) => object), '-o', partial]);
      const isas = sanitize ? 'with sanitizers' : `for ${await loadedIsas(partial)}`;
      fs.renameSync(partial, path.join(folder, 'stint.node'));
      console.log(`compiled ${path.join(folderOf(sanitize), 'stint.node')} ${isas} in ${((performance.now() - began) / 1e3).toFixed(1)} s`);
    });
  } finally {
    fs.rmSync(objects, { recursive: true, force: true });
  }
}

function includeFolders() {
  const require = createRequire(path.join(PROJECT, 'package.json'));
  let addonApi;
  try {
    addonApi = path.dirname(require.resolve('node-addon-api/package.json'));
  } catch {
    throw failure('node-addon-api is not installed: run "npm ci"');
  }
  return [nodeHeaders(), addonApi];
}

async function compile([command, ...args]) {
  const { status, output } = await runCommand(command, args);
  if (status === 0) {
    if (output.trim()) console.log(output.trim());
    return;
  }
  const errors = output.split('\n').filter((line) => /error|cannot find|undefined reference|unrecognized/i.test(line));
  const shown = lastLines(errors.slice(0, 6).join('\n') || output);
  throw failure(
    `${command} could not compile the kernels: it must know C++17 and AVX-512 (g++ 9, clang 9 or newer); name another one in CXX${shown}`,
  );
}

/** Instruction sets that the addon offers on this machine, asked in another process. */
async function loadedIsas(file) {
  const { status, output } = await runCommand(process.execPath, ['-p', 'require(process.argv[1]).available.join(", ")', file]);
  if (status !== 0) throw failure(`the addon was compiled but does not load${lastLines(output)}`);
  return output.trim();
}

async function inParallel(items, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`build-native: ${sentence(error)}`);
  process.exitCode = 1;
});
