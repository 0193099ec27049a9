#!/usr/bin/env node
// Builds the package in the current folder: src -> dist/esm, dist/cjs, both with types. Called by each package's Nx target `build`.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const formats = {
  esm: { type: 'module', module: 'ESNext', moduleResolution: 'bundler' },
  // The package itself has no "type", so NodeNext emits CommonJS and reads the exports maps of dependencies.
  cjs: { type: 'commonjs', module: 'NodeNext', moduleResolution: 'NodeNext' },
};

fs.rmSync('dist', { recursive: true, force: true });
for (const [format, { type, module, moduleResolution }] of Object.entries(formats)) {
  const outDir = path.join('dist', format);
  const options = [
    '--module',
    module,
    '--moduleResolution',
    moduleResolution,
    '--outDir',
    outDir,
    '--declaration',
    '--sourceMap',
    '--customConditions',
    'null',
  ];
  const run = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json', ...options], { stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
  rewriteTypeImports(outDir);
  fs.writeFileSync(path.join(outDir, 'package.json'), `${JSON.stringify({ type })}\n`);
}

/** tsc rewrites './x.ts' to './x.js' in code but not in declarations. */
function rewriteTypeImports(folder) {
  for (const name of fs.readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = path.join(folder, name);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/((?:from|import\()\s*['"]\.{1,2}\/[^'"]*)\.ts(['"])/g, '$1.js$2'));
  }
}
