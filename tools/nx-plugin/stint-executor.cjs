// Nx executor: runs the stint command. (nx:run-commands would pass the arguments through a shell, which splits overrides such as
// `train.schedule={kind: cosine}`.)
const { spawn } = require('node:child_process');
const path = require('node:path');

const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @type {import('@nx/devkit').PromiseExecutor<{command: string, experiment: string, profile: string, __unparsed__?: string[]}>} */
async function stintExecutor({ command, experiment, profile, __unparsed__: words = [] }, { root }) {
  const args = [command, `${experiment}:${profile}`, ...words];
  if (words.includes('--detach')) {
    console.error(`--detach: Nx would keep the submission as if it were the result; submit without it: npx stint ${args.join(' ')}`);
    return { success: false };
  }
  console.log(`> stint ${args.join(' ')}\n`);
  const bin = path.join(root, 'apps/experiments/bin/stint.cjs');
  const child = spawn(process.execPath, ['--conditions=@stint/source', bin, ...args], { cwd: root, stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  for (const signal of STOPS) process.on(signal, forward);
  try {
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    return { success: code === 0 };
  } finally {
    for (const signal of STOPS) process.off(signal, forward);
  }
}

module.exports = { default: stintExecutor };
