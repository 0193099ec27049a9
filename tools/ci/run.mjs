// The checks of CI one after another, and their closing line. Exits 1 when a test or a check failed.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'stint-ci-')), 'jest.json');

function run(title, command, args, options = {}) {
  console.log(`\n== ${title}: ${command} ${args.join(' ')}`);
  const start = Date.now();
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  console.log(`== ${title}: ${status === 0 ? 'ok' : `FAILED (${signal ?? status})`} after ${Math.round((Date.now() - start) / 1000)} s`);
  return status === 0;
}

const projects = ['packages', 'apps'].flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder))
    .map((name) => path.join(folder, name, 'jest.config.cjs'))
    .filter((file) => fs.existsSync(path.join(root, file))),
);
if (fs.existsSync(path.join(root, 'tools/jest.config.cjs'))) projects.push('tools/jest.config.cjs');

const checks = [
  run('types', 'npx', ['tsc', '-p', 'tsconfig.json', '--noEmit']),
  run('lint', 'npx', ['biome', 'check', '.']),
  run('tests', 'npx', ['jest', '--projects', ...projects, '--passWithNoTests', '--json', '--outputFile', report, '--maxWorkers=2']),
];

const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = fs.existsSync(report)
  ? JSON.parse(fs.readFileSync(report, 'utf8'))
  : {};
const failedChecks = checks.filter((ok) => !ok).length;
const failed = Math.max(numFailedTests + numRuntimeErrorTestSuites, failedChecks);
console.log(`\n${numPassedTests + checks.length - failedChecks} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
