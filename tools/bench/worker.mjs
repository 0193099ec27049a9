// A long-lived child that answers each JSON line with one JSON line.
import { spawn } from 'node:child_process';
import readline from 'node:readline';

/** Starts `command`; `ask(value)` sends a line and resolves to the answer, `close()` ends the child. Its stderr is shown if it fails. */
export function startWorker(name, command, args, env) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const waiting = [];
  let closing = false;
  const fail = (reason) => {
    const error = new Error(`${name}: ${reason}\n${errors.trim()}`);
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  child.on('error', (error) => fail(`cannot start ${command} (${error.message})`));
  child.on('exit', (code, signal) => closing || fail(`ended with ${signal ?? code}`));
  child.stdin.on('error', () => {}); // the exit above says why
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    // Libraries may print to stdout, too: answers are JSON.
    if (/^[[{]/.test(line)) waiting.shift()?.resolve(JSON.parse(line));
  });
  return {
    ask: (value) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(value)}\n`);
      }),
    close() {
      closing = true;
      child.stdin.end();
    },
  };
}
