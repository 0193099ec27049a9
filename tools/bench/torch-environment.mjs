// A Python with PyTorch 2.13 for the benchmark: the given one, or a virtual environment made once in the user's cache.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { cacheRoot } from '../engine/places.mjs';

export const TORCH = '2.13.0';

/** Path of an interpreter that imports torch 2.13. `python`: use it if it has torch, else build the environment with it. */
export function torchPython(python) {
  if (python && hasTorch(python)) return python;
  const folder = path.join(cacheRoot(), 'bench', `torch-${TORCH}`);
  const made = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (hasTorch(made)) return made;
  const base = python ?? process.env.PYTHON ?? 'python3';
  console.error(`bench: installing torch ${TORCH} (about 200 MB to 2 GB, once) into ${folder}`);
  fs.rmSync(folder, { recursive: true, force: true });
  run(base, ['-m', 'venv', folder], 'make a virtual environment (Debian, Ubuntu: apt install python3-venv)');
  run(made, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `torch==${TORCH}`, 'numpy'], `install torch ${TORCH}`);
  if (!hasTorch(made))
    throw new Error(`bench: torch was installed into ${folder} but cannot be imported; delete that folder and try again`);
  return made;
}

function hasTorch(python) {
  const { status, stdout } = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
  return status === 0 && stdout.trim().split('+')[0] === TORCH;
}

function run(command, args, purpose) {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').slice(-3).join('\n  ');
  throw new Error(
    `bench: ${command} could not ${purpose}:\n  ${reason}\nGive an interpreter that has torch ${TORCH} with --python PYTHON; nothing else of this project needs it.`,
  );
}
