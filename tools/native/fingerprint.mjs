// One line that changes when the kernels must be compiled again though no source has: platform and compiler.
// An Nx input of build-native.

import { runCommand } from '../engine/command.mjs';
import { findCompiler } from '../engine/toolchain.mjs';

const parts = [process.platform, process.arch];
try {
  const [cxx, ...extra] = await findCompiler();
  parts.push((await runCommand(cxx, [...extra, '--version'])).output.split('\n')[0]);
} catch {
  parts.push('no compiler');
}
console.log(parts.join(' '));
