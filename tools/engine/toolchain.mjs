// What compiling a Node addon takes: a C++ compiler and node_api.h. Also used by tools/native.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runCommand } from './command.mjs';
import { failure } from './failure.mjs';

/** $CXX (which may carry arguments), else the first of g++, c++, clang++ that runs. */
export async function findCompiler(env = process.env) {
  const named = env.CXX?.trim();
  const candidates = named ? [named.split(/\s+/)] : [['g++'], ['c++'], ['clang++']];
  for (const candidate of candidates) {
    const { status } = await runCommand(candidate[0], [...candidate.slice(1), '--version']);
    if (status === 0) return candidate;
  }
  throw failure(
    named
      ? `no C++ compiler: CXX is "${named}", which does not run; correct or unset it`
      : 'no C++ compiler (tried g++, c++, clang++): install one (Debian, Ubuntu: apt install g++; Fedora: dnf install gcc-c++) or name it in CXX',
  );
}

/** Folder of node_api.h. */
export function nodeHeaders() {
  const candidates = [path.join(path.dirname(process.execPath), '..', 'include', 'node'), '/usr/include/node'];
  try {
    candidates.unshift(createRequire(import.meta.url)('node-api-headers').include_dir);
  } catch {
    // not installed: the machine's own headers do as well
  }
  const found = candidates.find((folder) => fs.existsSync(path.join(folder, 'node_api.h')));
  if (!found) throw failure('node_api.h not found: run "npm ci" (it brings node-api-headers)');
  return found;
}
