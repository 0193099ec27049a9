// An engine in a process of its own: each request is a JSON line on its stdin, each answer a JSON line on its stdout. Everything else that
// it prints is kept for the message when it fails.
import { spawn } from 'node:child_process';
import readline from 'node:readline';

export interface EngineProcess {
  /** Sends a request; rejects with an EngineError when the engine reports one, or ends. One request at a time. */
  ask<Answer>(request: object): Promise<Answer>;
  /** Ends the process and waits for it. */
  close(): Promise<void>;
}

/** An engine failed: its name, how it ended, its last lines. */
export class EngineError extends Error {}

export interface EngineCommand {
  /** For messages, e.g. `openvino, 2 threads`. */
  name: string;
  command: readonly string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Aborted: the process is killed. */
  kill?: AbortSignal;
}

const KEPT_LINES = 12;

export function startEngineProcess({ name, command, env, cwd, kill }: EngineCommand): EngineProcess {
  const [program, ...args] = command;
  const child = spawn(program, args, { env: { ...process.env, ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let waiting: { resolve(value: unknown): void; reject(error: Error): void } | undefined;
  let ended: EngineError | undefined;

  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
  };
  const fail = (how: string): EngineError => {
    const said = lines.length > 0 ? `; its last lines:\n${lines.map((line) => `    ${line}`).join('\n')}` : '';
    return new EngineError(`${name}: ${how}${said}`);
  };
  const settle = (act: (pending: NonNullable<typeof waiting>) => void) => {
    const pending = waiting;
    waiting = undefined;
    if (pending) act(pending);
  };

  const onKill = () => child.kill('SIGKILL');
  kill?.addEventListener('abort', onKill);
  const closed = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended = fail(`cannot start ${program} (${error.message})`);
      settle(({ reject }) => reject(ended!));
      resolve();
    });
    child.once('close', (code, signal) => {
      kill?.removeEventListener('abort', onKill);
      ended ??= fail(signal ? `ended by ${signal}${signal === 'SIGKILL' ? ' (out of memory?)' : ''}` : `ended with exit code ${code}`);
      settle(({ reject }) => reject(ended!));
      resolve();
    });
  });
  child.stdin.on('error', () => {}); // its end says why
  readline.createInterface({ input: child.stderr }).on('line', keep);
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = parse(line);
    if (!answer || !waiting) return keep(line);
    if (typeof answer.error === 'string') {
      for (const part of answer.error.split('\n')) keep(part);
      settle(({ reject }) => reject(fail('reports an error')));
    } else settle(({ resolve }) => resolve(answer));
  });

  return {
    ask: <Answer>(request: object) =>
      new Promise<Answer>((resolve, reject) => {
        if (ended) return reject(ended);
        if (waiting) return reject(new Error(`${name}: one request at a time`));
        waiting = { resolve: resolve as (value: unknown) => void, reject };
        child.stdin.write(`${JSON.stringify(request)}\n`);
      }),
    async close() {
      child.stdin.end();
      await closed;
    },
  };
}

/** An answer, which is a JSON object on one line; undefined for anything else. */
function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
