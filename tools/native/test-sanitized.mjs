#!/usr/bin/env node
// Runs the native tests of @stint/sparse-conv with a build that AddressSanitizer and UndefinedBehaviorSanitizer watch: any access outside an
// array, and any undefined operation, ends the process.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../engine/command.mjs';
import { failure, sentence } from '../engine/failure.mjs';
import { findCompiler } from '../engine/toolchain.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const addon = path.join(root, `packages/sparse-conv/native/build/sanitized/${process.platform}-${process.arch}/stint.node`);

function run(args, env) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) throw failure(`${path.basename(args[0])} failed`);
}

/** Node itself is not instrumented, so the sanitizer's library must be loaded before it. */
async function runtimeLibrary() {
  if (process.platform !== 'linux') throw failure('the sanitizers are preloaded on Linux only');
  const [cxx, ...extra] = await findCompiler();
  for (const name of ['libasan.so', `libclang_rt.asan-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so`]) {
    const { output } = await runCommand(cxx, [...extra, `-print-file-name=${name}`]);
    if (path.isAbsolute(output.trim())) return output.trim();
  }
  throw failure(
    `${cxx} has no AddressSanitizer library: install it (Debian, Ubuntu: apt install libasan8) or name another compiler in CXX`,
  );
}

async function main() {
  run(['tools/native/build.mjs', '--sanitize']);
  run(['node_modules/jest/bin/jest.js', '-c', 'packages/sparse-conv/jest.config.cjs', '--runInBand', 'src/native'], {
    STINT_NATIVE: addon,
    LD_PRELOAD: await runtimeLibrary(),
    // Node and TensorFlow keep memory to the end, and allocate and free it in ways of their own. More memory than there is is an error
    // that the addon reports.
    ASAN_OPTIONS: 'detect_leaks=0:alloc_dealloc_mismatch=0:allocator_may_return_null=1',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  });
}

main().catch((error) => {
  console.error(`test-sanitized: ${sentence(error)}`);
  process.exitCode = 1;
});
