// Where the engine's pieces lie on this machine. tools/engine/bind.mjs puts them there and writes tfjs_binding.json beside the binding.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

export const BIND_COMMAND = 'npx nx run engine:bind';
export const PACKAGE = '@tensorflow/tfjs-node-gpu';

/** What bind wrote about the binding it made. */
export interface BindingRecord {
  tensorflow: string;
  device: 'cpu' | 'gpu';
  /** Folder of the extracted libtensorflow. */
  library: string;
}

export interface EngineFiles {
  /** Folder of the npm package; undefined when it is not installed. */
  packageFolder?: string;
  /** The native binding; undefined when it is missing. */
  binding?: string;
  /** Undefined for a binding that bind did not make (the npm package's own install step, for one). */
  record?: BindingRecord;
  /** Whether the library that the record names is there. */
  libraryPresent: boolean;
}

/** Looks for the package, its binding and the library that the binding was made for. `packageFolder` replaces the installed one. */
export function locateEngine(packageFolder: string | undefined = findPackage()): EngineFiles {
  if (!packageFolder) return { libraryPresent: false };
  const file = path.join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node');
  if (!fs.existsSync(file)) return { packageFolder, libraryPresent: false };
  const record = readRecord(file.replace(/\.node$/, '.json'));
  const libraryPresent = record !== undefined && fs.existsSync(path.join(record.library, 'lib', 'libtensorflow_cc.so.2'));
  return { packageFolder, binding: file, record, libraryPresent };
}

/** $STINT_CACHE, else $XDG_CACHE_HOME/stint, else ~/.cache/stint: where bind keeps libtensorflow. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.STINT_CACHE) return path.resolve(env.STINT_CACHE);
  const base = env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : path.join(os.homedir(), '.cache');
  return path.join(base, 'stint');
}

function findPackage(): string | undefined {
  // As ESM this module has no __filename; the program's own folders then say where to look.
  const starts = [typeof __filename === 'string' ? __filename : undefined, process.argv[1], path.join(process.cwd(), 'index.js')];
  for (const start of starts) {
    if (!start) continue;
    try {
      return path.dirname(createRequire(path.resolve(start)).resolve(`${PACKAGE}/package.json`));
    } catch {
      // not reachable from there
    }
  }
  return undefined;
}

function readRecord(file: string): BindingRecord | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
