// The checks of CI one after another, and their closing line: tests counted from jest's summaries, each other check as one.
// Exits 1 when a test or a check failed.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const totals = { passed: 0, failed: 0 };

/** Runs a command with its output shown; the outcome is counted, and so are the tests of jest's summary lines in it. */
function check(title, command, verify = () => undefined) {
  console.log(`\n== ${title}: ${command}`);
  const start = Date.now();
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: root, shell: true, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      output += chunk;
    });
    child.on('close', (status) => {
      const problem = status === 0 ? verify() : `exit status ${status}`;
      const failedTests = countTests(output);
      if (problem === undefined) totals.passed++;
      else if (failedTests === 0) totals.failed++;
      console.log(`== ${title}: ${problem === undefined ? 'ok' : `FAILED, ${problem}`} after ${Math.round((Date.now() - start) / 1000)} s`);
      resolve();
    });
  });
}

/** Adds up lines such as `Tests:       1 failed, 2 skipped, 25 passed, 28 total`. Returns the number of failed ones. */
function countTests(output) {
  let failed = 0;
  for (const [line] of stripVTControlCharacters(output).matchAll(/^.*Tests: .*\d+ total$/gm)) {
    totals.passed += Number(/(\d+) passed/.exec(line)?.[1] ?? 0);
    failed += Number(/(\d+) failed/.exec(line)?.[1] ?? 0);
  }
  totals.failed += failed;
  return failed;
}

/** What the smoke run must have left behind; a sentence when something is missing. */
function smokeReport() {
  const folder = path.join(root, 'runs/ablation-interp/smoke');
  const { runs, failed } = JSON.parse(fs.readFileSync(path.join(folder, 'result.json'), 'utf8'));
  if (runs.length !== 4 || failed.length !== 0) return `${runs.length} runs finished and ${failed.length} failed, 4 and 0 expected`;
  const missing = ['report.md', 'report.html', 'summary.csv', 'ap-macs.svg', 'masks.png'].filter(
    (name) => !fs.existsSync(path.join(folder, name)),
  );
  return missing.length ? `missing in the report: ${missing.join(', ')}` : undefined;
}

/** What the measurement of the smoke profile must have left behind. */
function latencyReport() {
  const folder = path.join(root, 'runs/cpu-latency/smoke');
  const missing = ['report.md', 'report.html', 'result.json', 'speedup.svg'].filter((name) => !fs.existsSync(path.join(folder, name)));
  return missing.length ? `missing in the report: ${missing.join(', ')}` : undefined;
}

/** Installs a Debian package where a command is not there; the tests that need it say so when it could not be. */
const ensure = (found, debianPackage) =>
  `${found} || { S=; [ "$(id -u)" = 0 ] || S="sudo -n"; $S apt-get update -qq && $S apt-get install -y -qq --no-install-recommends ${debianPackage}; }`;

await check(
  'Chromium, for the pages of the report',
  ensure('command -v chromium || command -v chromium-browser || command -v google-chrome', 'chromium'),
);
// Debian's g++ brings the sanitizers' libraries with it.
const sanitizes = `echo "int main() {}" | \${CXX:-g++} -x c++ -fsanitize=address,undefined -o "$(mktemp)" -`;
await check('a C++ compiler with sanitizers, for the kernels', ensure(sanitizes, 'g++'));
// Their completion scripts are read by the shells themselves where they are there.
await check('zsh and fish, for completion', `${ensure('{ command -v zsh && command -v fish; }', 'zsh fish')} || true`);
await check(
  'Slurm, for the executor of that name',
  ensure(
    '{ PATH=$PATH:/usr/sbin; command -v sbatch && command -v slurmctld && command -v slurmd && command -v munged; }',
    'slurm-wlm munge',
  ),
);
await check('tests, packages, lint, types', 'npm test');
await check('kernels with sanitizers', 'npx nx test-sanitized sparse-conv --outputStyle=static');
await check('runs on a real Slurm', 'npx nx test-slurm experiments --outputStyle=static');
await check('faults, 50 rounds', 'STINT_FAULT_ROUNDS=50 npx nx test-faults experiments --outputStyle=static');
await check('smoke run', 'npx nx run experiments:ablation-interp:smoke', smokeReport);
// Experiments that the last commit (or merge) reaches, held to their committed numbers; without history, one of them.
const base = process.env.STINT_CI_BASE ?? 'HEAD~1';
const history = spawnSync('git', ['rev-parse', '--verify', '--quiet', `${base}^{commit}`], { cwd: root }).status === 0;
const affected = `npx nx affected -t reproduce --configuration=smoke --base=${base} --head=HEAD --parallel=1 --outputStyle=static`;
await check('reproduced', history ? affected : 'npx nx run experiment-ablation-interp:reproduce:smoke');
await check('smoke measurement', 'npx nx run experiments:cpu-latency:smoke', latencyReport);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;
