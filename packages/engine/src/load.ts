// Loads tfjs-node with the environment that libtensorflow reads once, and turns its failures into sentences with the way out.
import fs from 'node:fs';
import util from 'node:util';
import { BIND_COMMAND, type EngineFiles, PACKAGE } from './locate.ts';

export interface Environment {
  threads: number;
  gpu?: boolean;
  quiet: boolean;
}

/** Sets what libtensorflow reads when it is loaded and when it makes its first context. */
export function setEnvironment({ threads, gpu, quiet }: Environment, env: NodeJS.ProcessEnv = process.env): void {
  env.TF_NUM_INTRAOP_THREADS = String(threads);
  env.TF_NUM_INTEROP_THREADS = '1'; // tfjs runs one operation after the other
  env.TF_CPP_MIN_LOG_LEVEL ??= quiet ? '2' : '1';
  if (gpu === false) env.CUDA_VISIBLE_DEVICES = '-1';
}

/** tfjs-node 4.22 calls two functions that Node 22 warns of and Node 23 removed: these take their place. */
export function addRemovedUtilities(target: Record<string, unknown> = util as unknown as Record<string, unknown>): void {
  target.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  target.isArray = Array.isArray;
}

/** Loads the package, or throws an error whose message names the way out. */
export async function loadTensorFlow(
  files: EngineFiles,
  load: () => Promise<unknown> = () => import('@tensorflow/tfjs-node-gpu'),
): Promise<void> {
  const problem = problemOf(files) ?? processorProblem();
  if (problem) throw new Error(`startEngine: ${problem}`);
  addRemovedUtilities();
  try {
    await load();
  } catch (error) {
    throw new Error(`startEngine: ${explainLoadError(error)}`, { cause: error });
  }
}

/** What keeps the engine from being loaded, seen from its files alone. */
export function problemOf({ packageFolder, binding, record, libraryPresent }: EngineFiles): string | undefined {
  if (!packageFolder) return `${PACKAGE} is not installed; run: npm ci`;
  if (!binding) return `TensorFlow is not bound yet; run: ${BIND_COMMAND}`;
  if (record && !libraryPresent) return `libtensorflow ${record.tensorflow} is gone from ${record.library}; run: ${BIND_COMMAND}`;
  return undefined;
}

/** libtensorflow aborts the whole process on an x86 processor without AVX: better said before. */
export function processorProblem(
  arch: string = process.arch,
  read: () => string = () => fs.readFileSync('/proc/cpuinfo', 'utf8'),
): string | undefined {
  if (arch !== 'x64') return undefined;
  try {
    return /^flags\s*:.*\bavx\b/m.test(read()) ? undefined : 'this processor has no AVX, which libtensorflow needs; use another machine';
  } catch {
    return undefined; // no /proc: let libtensorflow judge
  }
}

/** A sentence for an error of loading the package or its binding. */
export function explainLoadError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n')[0];
  if (/GLIBC/.test(message))
    return `this machine's C or C++ library is older than the binding's (${line}); rebuild it here: ${BIND_COMMAND}`;
  if (/libtensorflow|undefined symbol|invalid ELF|file too short/.test(message))
    return `the binding and libtensorflow do not fit together (${line}); run: ${BIND_COMMAND}`;
  if (/native addon module|tfjs_binding/.test(message)) return `TensorFlow is not bound yet; run: ${BIND_COMMAND}`;
  if (/Cannot find (module|package)/.test(message)) return `a part of ${PACKAGE} is not installed (${line}); run: npm ci`;
  return `TensorFlow could not be loaded: ${line}`;
}
