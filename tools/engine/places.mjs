// Where things lie: the user's cache (shared by all checkouts) and the npm package that receives the binding.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { failure } from './failure.mjs';
import { VERSION } from './release.mjs';

export const PACKAGE = '@tensorflow/tfjs-node-gpu';

/** $STINT_CACHE, else $XDG_CACHE_HOME/stint, else ~/.cache/stint. */
export function cacheRoot(env = process.env) {
  if (env.STINT_CACHE) return path.resolve(env.STINT_CACHE);
  // The XDG specification asks to ignore a relative path.
  const base = env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : path.join(os.homedir(), '.cache');
  return path.join(base, 'stint');
}

/** Folder of one extracted libtensorflow, e.g. ~/.cache/stint/libtensorflow/2.21.0-cpu-x64. */
export function libraryFolder(device, { root = cacheRoot(), arch = process.arch } = {}) {
  return path.join(root, 'libtensorflow', `${VERSION}-${device}-${arch}`);
}

/** Folder of the installed npm package; `given` replaces the one that Node would find. */
export function packageFolder(given) {
  if (given) return path.resolve(given);
  try {
    return path.dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  } catch (error) {
    throw failure(`${PACKAGE} is not installed: run "npm ci" first`, error);
  }
}

export function bindingFile(packageDir) {
  return path.join(packageDir, 'lib', 'napi-v8', 'tfjs_binding.node');
}

/** What the binding was made of is written beside it. */
export function stampFile(packageDir) {
  return path.join(packageDir, 'lib', 'napi-v8', 'tfjs_binding.json');
}

/** Parsed JSON, or undefined when the file is missing or not JSON. */
export function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes `content` under `file` in one step: readers see the old file or the new one. */
export function writeAtomically(file, content) {
  const partial = `${file}.partial-${process.pid}`;
  try {
    fs.writeFileSync(partial, content);
    fs.renameSync(partial, file);
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw error;
  }
}
