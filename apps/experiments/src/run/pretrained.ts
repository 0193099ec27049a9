// The cache of pretrained networks: `.cache/pretrained/<key>/best.safetensors`, one maker at a time. Some come with the project.
import fs from 'node:fs';
import path from 'node:path';
import { pretrainKey } from '../config/hash.ts';
import type { RunConfig } from '../config/schema.ts';
import { writeFileAtomic } from './files.ts';
import { LockHeldError, takeLock } from './lock.ts';

const POLL_MS = 500;

/** Folder of a configuration's pretrained network below the project's cache. */
export function pretrainedFolder(config: RunConfig, root: string): string {
  return path.join(root, '.cache/pretrained', String(pretrainKey(config)));
}

/** What a pretraining leaves in its folder. */
export const WEIGHTS = 'best.safetensors';
/** What it left where it was made once for all, so that everybody's runs start from the same bits; see the README there. */
const SHIPPED = 'experiments/pretrained';

/** Fills the cache from the networks that come with the project. False: none of this configuration, or a training of it is under way. */
export function takeShipped(config: RunConfig, root: string): boolean {
  const directory = pretrainedFolder(config, root);
  const shipped = path.join(root, SHIPPED, path.basename(directory));
  if (!fs.existsSync(path.join(shipped, WEIGHTS)) || fs.existsSync(path.join(directory, 'last.safetensors'))) return false;
  // The weights last: with them the network is there.
  for (const name of ['config.yaml', 'dense.json', WEIGHTS])
    writeFileAtomic(path.join(directory, name), fs.readFileSync(path.join(shipped, name)));
  return true;
}

/** Takes a network out of the cache. @throws LockHeldError while a process trains it */
export function forgetPretrained(config: RunConfig, root: string): void {
  const directory = pretrainedFolder(config, root);
  if (!fs.existsSync(directory)) return;
  const release = takeLock(path.join(directory, 'lock'), `the pretrained network ${path.basename(directory)}`);
  for (const name of fs.readdirSync(directory)) if (name !== 'lock') fs.rmSync(path.join(directory, name), { recursive: true });
  release();
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
  const file = path.join(directory, WEIGHTS);
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
