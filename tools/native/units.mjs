// What is compiled, and with which flags.
import fs from 'node:fs';
import path from 'node:path';

/** Instruction sets of each processor family, and what switches them on in the compiler. */
const ISAS = {
  x64: {
    avx512: ['-mavx512f', '-mavx512vl', '-mavx512bw', '-mavx512dq', '-mfma', '-mprefer-vector-width=512'],
    avx2: ['-mavx2', '-mfma'],
    baseline: [],
  },
  arm64: { neon: [] },
};

const COMMON = ['-std=c++17', '-fPIC', '-fvisibility=hidden', '-Wall', '-Wextra', '-pthread'];
// A thread of JavaScript that is being ended takes no exceptions any more; without the last definition that would end the process.
const DEFINES = [
  '-DNAPI_VERSION=8',
  '-DNODE_ADDON_API_CPP_EXCEPTIONS',
  '-DBUILDING_NODE_EXTENSION',
  '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
];
// No arithmetic may be reordered, but none of it needs errno or traps.
const OPTIMISED = ['-O3', '-fno-math-errno', '-fno-trapping-math', '-DNDEBUG'];
const SANITIZED = ['-O1', '-g', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

// g++ 12 warns of its own AVX-512 header.
const QUIET = ['-Wno-maybe-uninitialized'];

/** Flags of the link step. On macOS the symbols of Node are found when the addon is loaded. */
export const LINK_FLAGS = ({ sanitize }) => [
  '-shared',
  '-pthread',
  ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
  ...(sanitize ? SANITIZED : []),
];

/** @returns {{source: string, object: string, flags: string[]}[]} the slow ones first. */
export function compileUnits({ source, objects, includes, sanitize, arch = process.arch }) {
  const isas = ISAS[arch];
  if (!isas)
    throw Object.assign(new Error(`no kernels for ${arch}: add its instruction sets to tools/native/units.mjs`), { expected: true });
  const shared = [...COMMON, ...(sanitize ? SANITIZED : OPTIMISED)];
  const kernels = Object.entries(isas).map(([isa, flags]) => ({
    source: path.join(source, 'kernels.cc'),
    object: path.join(objects, `kernels-${isa}.o`),
    flags: [...shared, ...flags, ...QUIET, `-DSTINT_ISA=${isa}`],
  }));
  const others = fs.readdirSync(source).filter((name) => name.endsWith('.cc') && name !== 'kernels.cc');
  return [
    ...kernels,
    ...others.map((name) => ({
      source: path.join(source, name),
      object: path.join(objects, `${name}.o`),
      flags: [...shared, ...DEFINES, ...includes.flatMap((folder) => ['-isystem', folder])],
    })),
  ];
}
