// Runs another program, collecting what it prints; it is stopped when this process is.
import { spawn } from 'node:child_process';
import { onAbort } from './cleanup.mjs';

/** @returns {Promise<{status: number | null, output: string, missing: boolean}>} `missing`: there is no such program. */
export function runCommand(command, args, { env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const release = onAbort(() => child.kill('SIGTERM'));
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      release();
      if (error.code === 'ENOENT' || error.code === 'EACCES') resolve({ status: null, output: error.message, missing: true });
      else reject(error);
    });
    child.on('close', (status) => {
      release();
      resolve({ status, output, missing: false });
    });
  });
}

/** The last `count` lines that say something, indented, to show under a sentence. */
export function lastLines(text, count = 6) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines
    .slice(-count)
    .map((line) => `\n    ${line.length > 200 ? `${line.slice(0, 200)}...` : line}`)
    .join('');
}
