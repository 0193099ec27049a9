// The cache of pretrained networks: `.cache/pretrained/<key>/best.safetensors`, one maker at a time.
import fs from 'node:fs';
import path from 'node:path';
import { pretrainKey } from '../config/hash.ts';
import type { RunConfig } from '../config/schema.ts';

const POLL_MS = 500;

/** Folder of a configuration's pretrained network below the project's cache. */
export function pretrainedFolder(config: RunConfig, root: string): string {
  return path.join(root, '.cache/pretrained', String(pretrainKey(config)));
}

/**
 * Path of the pretrained weights; `make(directory)` trains them when the cache lacks them. A lock file with the maker's process
 * id keeps a second process waiting; the lock of a dead process is taken over, and training goes on from its last checkpoint.
 */
export async function pretrainedFile(config: RunConfig, root: string, make: (directory: string) => Promise<void>): Promise<string> {
  const directory = pretrainedFolder(config, root);
  const file = path.join(directory, 'best.safetensors');
  const lock = path.join(directory, 'lock');
  fs.mkdirSync(directory, { recursive: true });
  while (!fs.existsSync(file)) {
    if (!takeLock(lock)) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      continue;
    }
    try {
      if (!fs.existsSync(file)) await make(directory);
    } finally {
      fs.rmSync(lock, { force: true });
    }
  }
  return file;
}

function takeLock(lock: string): boolean {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const owner = Number(readOr(lock, '0'));
  if (owner === 0 || isAlive(owner)) return false;
  fs.rmSync(lock, { force: true });
  return takeLock(lock);
}

function readOr(file: string, otherwise: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return otherwise; // released in the meantime
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
