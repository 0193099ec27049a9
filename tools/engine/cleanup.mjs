// Nothing half-made stays behind: what is registered here is undone when the process is interrupted or ends early.
import fs from 'node:fs';

const pending = new Set();
let listening = false;

/** Registers `undo` (synchronous) for an early end of the process; returns a function that takes it back. */
export function onAbort(undo) {
  listen();
  pending.add(undo);
  return () => pending.delete(undo);
}

/** Runs `work`, and removes `path` if it fails or the process is interrupted meanwhile. */
export async function removingOnFailure(path, work) {
  const remove = () => fs.rmSync(path, { recursive: true, force: true });
  const keep = onAbort(remove);
  try {
    return await work();
  } catch (error) {
    remove();
    throw error;
  } finally {
    keep();
  }
}

function listen() {
  if (listening) return;
  listening = true;
  process.on('exit', undoAll);
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
    process.on(signal, () => {
      console.error(`interrupted (${signal}): partial files are removed`);
      process.exit(code);
    });
  }
}

function undoAll() {
  for (const undo of pending) {
    try {
      undo();
    } catch {
      // one failing clean-up must not keep the others from running
    }
  }
  pending.clear();
}
