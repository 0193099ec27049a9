// What is there now: the library in the cache, the binding in the npm package, and whether they belong together.
// Read on every run (also as an Nx input), so it only looks at sizes and hashes 100 kB.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { bindingFile, libraryFolder, readJson, stampFile } from './places.mjs';
import { LIBRARIES, VERSION } from './release.mjs';

export function sha256Of(data) {
  return crypto.createHash('sha256').update(data).digest('hex');
}

/** The record of a complete library, or undefined when the folder is missing, of another version, or its files changed size. */
export function readLibrary(folder) {
  const record = readJson(path.join(folder, 'library.json'));
  if (record?.version !== VERSION) return undefined;
  for (const name of LIBRARIES) {
    const file = `lib/${name}`;
    const size = fs.statSync(path.join(folder, file), { throwIfNoEntry: false })?.size;
    if (size === undefined || size !== record.files?.[file]) return undefined;
  }
  return record;
}

/**
 * @returns {{device: string, library: {folder: string, present: boolean}, binding: 'bound' | 'missing' | 'foreign' | 'stale', bound: boolean, made: number, tensorflow: string}}
 * binding 'foreign': not made by bind; 'stale': made for a library that is gone, another version or another package.
 */
export function readState({ packageDir, root, device }) {
  const stamp = readJson(stampFile(packageDir));
  device ??= process.env.STINT_DEVICE || stamp?.device || 'cpu';
  const folder = libraryFolder(device, { root });
  const library = readLibrary(folder);
  const binding = readBinding(packageDir, stamp, { folder, library, device });
  const made = Math.round(fs.statSync(stampFile(packageDir), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return { device, library: { folder, present: library !== undefined }, binding, bound: binding === 'bound', made, tensorflow: VERSION };
}

function readBinding(packageDir, stamp, { folder, library, device }) {
  const file = bindingFile(packageDir);
  if (!fs.existsSync(file)) return 'missing';
  if (!stamp || stamp.sha256 !== sha256Of(fs.readFileSync(file))) return 'foreign';
  const sameLibrary = library !== undefined && stamp.library === folder && stamp.libraryId === library.id && stamp.device === device;
  const samePackage = stamp.package === readJson(path.join(packageDir, 'package.json'))?.version;
  return sameLibrary && samePackage ? 'bound' : 'stale';
}

/**
 * A line for an Nx `runtime` input. Complete: the same line until something is bound anew (`made`). Anything missing: a line never seen
 * before. A line that came back would let Nx replay the result of an earlier run instead of binding again.
 */
export function fingerprint(state, nonce = `${Date.now()}-${process.pid}`) {
  const library = state.library.present ? 'present' : 'missing';
  const line = `engine abi${process.versions.modules} ${process.platform}-${process.arch} libtensorflow-${state.tensorflow}-${state.device} library:${library} binding:${state.binding}`;
  return `${line} ${state.bound ? `made:${state.made.toString(36)}` : nonce}`;
}
