#!/usr/bin/env node
// Binds @tensorflow/tfjs-node-gpu to a current libtensorflow, taken from the Python wheel of TensorFlow.
//   node tools/engine/bind.mjs [--cpu | --gpu] [--wheel FILE [--sha256 HEX]] [--package DIR]
// Only the modules needed to see that everything is in place are loaded at first: that run takes less than 0.1 s.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { failure, sentence } from './failure.mjs';
import { cacheRoot, packageFolder } from './places.mjs';
import { readState } from './state.mjs';

const USAGE = `Usage: node tools/engine/bind.mjs [options]
  --cpu, --gpu    which libtensorflow (default: the one bound before, else STINT_DEVICE, else cpu)
  --wheel FILE    take this wheel instead of asking the Python index
  --sha256 HEX    the hash that the wheel must have
  --package DIR   folder of @tensorflow/tfjs-node-gpu (default: the installed one)
Environment: STINT_CACHE (folder for the library), CXX (C++ compiler), PYTHON (Python with pip), STINT_DEVICE (cpu or gpu)`;

function readOptions(argv) {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  try {
    const options = { cpu: flag, gpu: flag, wheel: text, sha256: text, package: text, help: flag };
    return parseArgs({ args: argv, options, strict: true }).values;
  } catch (error) {
    throw failure(`${error.message.split('\n')[0]}\n${USAGE}`);
  }
}

function chosenDevice({ cpu, gpu }) {
  if (cpu && gpu) throw failure('--cpu and --gpu exclude each other: pass one');
  const named = process.env.STINT_DEVICE;
  if (named && named !== 'cpu' && named !== 'gpu') throw failure(`STINT_DEVICE is "${named}": it must be cpu or gpu`);
  return gpu ? 'gpu' : cpu ? 'cpu' : undefined;
}

export async function main(argv, { verify } = {}) {
  const began = performance.now();
  const log = (text) => console.log(`[${((performance.now() - began) / 1e3).toFixed(1).padStart(5)} s] ${text}`);
  const options = readOptions(argv);
  if (options.help) return console.log(USAGE);
  const packageDir = packageFolder(options.package);
  const state = readState({ packageDir, root: cacheRoot(), device: chosenDevice(options) });
  if (!state.bound) await make(state, packageDir, options, { log, verify });
  console.log(`bound: libtensorflow ${state.tensorflow} (${state.device}) in ${state.library.folder}`);
}

async function make(state, packageDir, { wheel, sha256 }, { log, verify }) {
  const { releaseFor } = await import('./release.mjs');
  const { ensureLibrary } = await import('./library.mjs');
  const { ensureBinding } = await import('./compile.mjs');
  const { folder } = state.library;
  const release = releaseFor(state.device);
  if (!release.tested) log(`note: libtensorflow for ${release.platform} (${release.device}) has not been tested by us`);
  const library = await ensureLibrary(release, folder, { wheel: wheel && path.resolve(wheel), sha256, log });
  await ensureBinding(packageDir, folder, library, { log, verify });
  if (library.cuda?.length) {
    const packages = library.cuda.map((name) => `'${name}'`).join(' ');
    log(`a GPU also needs CUDA and cuDNN; unless the system has them: python3 -m pip install --no-deps --target ${folder} ${packages}`);
  }
}

if (process.argv[1] && path.basename(process.argv[1]) === 'bind.mjs') {
  main(process.argv.slice(2)).catch((error) => {
    console.error(`bind: ${sentence(error)}`);
    if (process.env.STINT_DEBUG) console.error(error);
    process.exitCode = 1;
  });
}
