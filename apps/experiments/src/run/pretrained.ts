// The cache of pretrained networks: `.cache/pretrained/<key>/best.safetensors`, one maker at a time.
import fs from 'node:fs';
import path from 'node:path';
import { pretrainKey } from '../config/hash.ts';
import type { RunConfig } from '../config/schema.ts';
import { LockHeldError, takeLock } from './lock.ts';

const POLL_MS = 500;

/** Folder of a configuration's pretrained network below the project's cache. */
export function pretrainedFolder(config: RunConfig, root: string): string {
  return path.join(root, '.cache/pretrained', String(pretrainKey(config)));
}

/**
 * Path of the pretrained weights; `make(directory)` trains them when the cache lacks them. While another process makes them (a lock
 * in the folder), this one waits, and says once for whom; the lock of a dead process is taken over, and training goes on from its
 * last checkpoint.
 */
export async function pretrainedFile(
  config: RunConfig,
  root: string,
  make: (directory: string) => Promise<void>,
  { signal, notify }: { signal?: AbortSignal; notify?(text: string): void } = {},
): Promise<string> {
  const directory = pretrainedFolder(config, root);
  const file = path.join(directory, 'best.safetensors');
  fs.mkdirSync(directory, { recursive: true });
  let told = '';
  while (!fs.existsSync(file)) {
    if (signal?.aborted) throw new Error(`stopped before the pretrained network ${path.basename(directory)} was there`);
    const release = tryLock(path.join(directory, 'lock'), (error) => {
      if (told !== error.message) notify?.(`waiting: ${error.message}`);
      told = error.message;
    });
    if (!release) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      continue;
    }
    try {
      if (!fs.existsSync(file)) await make(directory);
    } finally {
      release();
    }
  }
  return file;
}

function tryLock(lock: string, onHeld: (error: LockHeldError) => void): (() => void) | undefined {
  try {
    return takeLock(lock, `the pretrained network ${path.basename(path.dirname(lock))}`);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    onHeld(error);
    return undefined;
  }
}
