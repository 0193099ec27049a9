// A Python with OpenVINO: a virtual environment made once in the user's cache. $PYTHON names the interpreter to make it with.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const OPENVINO = '2026.4.1';

/** Why an engine is left out; no failure. */
export class Unavailable extends Error {}

let known: string | undefined;

/** Path of an interpreter that imports this OpenVINO; the first call may install it. Throws Unavailable with the reason. */
export function openvinoPython(log: (line: string) => void, env: NodeJS.ProcessEnv = process.env): string {
  known ??= find(log, env);
  return known;
}

export function find(log: (line: string) => void, env: NodeJS.ProcessEnv): string {
  return pythonWith(
    {
      folder: path.join('bench', `openvino-${OPENVINO}`),
      title: `OpenVINO ${OPENVINO} (about 100 MB, once)`,
      packages: [`openvino==${OPENVINO}`, 'numpy'],
      isThere: hasOpenvino,
    },
    log,
    env,
  );
}

export interface PythonNeeds {
  /** Of the virtual environment, in the user's cache. */
  folder: string;
  /** For people. */
  title: string;
  packages: readonly string[];
  /** Whether an interpreter has them. */
  isThere(python: string): boolean;
}

/** An interpreter that has what is needed: the environment made before, the machine's own, or a new environment. Throws Unavailable. */
export function pythonWith(
  { folder: name, title, packages, isThere }: PythonNeeds,
  log: (line: string) => void,
  env: NodeJS.ProcessEnv,
): string {
  const folder = path.join(cacheRoot(env), name);
  const made = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (isThere(made)) return made;
  const base = env.PYTHON ?? 'python3';
  if (isThere(base)) return base;
  log(`installing ${title} into ${folder}`);
  fs.rmSync(folder, { recursive: true, force: true });
  run(base, ['-m', 'venv', folder], 'make a virtual environment');
  run(made, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], 'install it');
  if (!isThere(made)) throw new Unavailable(`installed into ${folder}, but cannot be imported; delete that folder and try again`);
  return made;
}

/** As the engine tools have it: $STINT_CACHE, else $XDG_CACHE_HOME/stint, else ~/.cache/stint. */
function cacheRoot(env: NodeJS.ProcessEnv): string {
  if (env.STINT_CACHE) return path.resolve(env.STINT_CACHE);
  const base = env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : path.join(os.homedir(), '.cache');
  return path.join(base, 'stint');
}

function hasOpenvino(python: string): boolean {
  const script = 'import openvino, numpy; print(openvino.get_version())';
  const { status, stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  return status === 0 && stdout.trim().startsWith(OPENVINO);
}

function run(command: string, args: readonly string[], purpose: string): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').slice(-3).join(' ');
  throw new Unavailable(`${command} could not ${purpose}: ${reason}`);
}
