#!/usr/bin/env node
// Prints one line that describes the engine's present state; the Nx target "bind" has it as a `runtime` input.
//   node tools/engine/fingerprint.mjs [--package DIR]
import { cacheRoot, packageFolder } from './places.mjs';
import { fingerprint, readState } from './state.mjs';

const at = process.argv.indexOf('--package');
try {
  const packageDir = packageFolder(at < 0 ? undefined : process.argv[at + 1]);
  console.log(fingerprint(readState({ packageDir, root: cacheRoot() })));
} catch {
  // Before "npm ci" there is no package: the target itself says so.
  console.log(`engine not-installed ${Date.now()}-${process.pid}`);
}
