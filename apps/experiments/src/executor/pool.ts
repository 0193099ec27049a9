// A pool of child processes: so many at once, each line of output prefixed by the task's name, one failure stops no other.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';
import type { StopSignal } from './stop.ts';

export interface PoolTask {
  name: string;
  /** Program and arguments. */
  command: readonly string[];
  env?: Record<string, string>;
  /** Everything the task prints is also appended here. */
  logFile?: string;
}

export interface TaskOutcome {
  name: string;
  /** `stopped`: ended by the stop signal, or never started because of it. */
  status: 'done' | 'failed' | 'stopped';
  code: number | null;
  /** The last lines printed. */
  lastLines: string[];
  seconds: number;
}

export interface PoolOptions {
  jobs: number;
  cwd: string;
  /** Aborted with a StopSignal as reason: forwarded to the running tasks, no other is started. */
  stop: AbortSignal;
  /** Aborted: the running tasks are killed. */
  kill: AbortSignal;
  onLine(task: PoolTask, line: string): void;
  onEnd?(outcome: TaskOutcome, done: number): void;
}

const KEPT_LINES = 15;

/** Runs all tasks, in order, at most `jobs` at once. Outcomes are in the order of the tasks; never rejects for a task's failure. */
export async function runPool(tasks: readonly PoolTask[], options: PoolOptions): Promise<TaskOutcome[]> {
  const outcomes: TaskOutcome[] = [];
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < tasks.length) {
      const index = next++;
      outcomes[index] = await runTask(tasks[index], options);
      options.onEnd?.(outcomes[index], ++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, tasks.length) }, worker));
  return outcomes;
}

function runTask(task: PoolTask, options: PoolOptions): Promise<TaskOutcome> {
  const { stop, kill, cwd, onLine } = options;
  const unstarted: TaskOutcome = { name: task.name, status: 'stopped', code: null, lastLines: [], seconds: 0 };
  if (stop.aborted) return Promise.resolve(unstarted);
  const began = performance.now();
  const lastLines: string[] = [];
  const take = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    appendLog(line);
    onLine(task, line);
  };
  // A log that cannot be written (disk full) is told once; it is no reason to end the task, let alone the others.
  let logging = task.logFile !== undefined;
  const appendLog = (line: string): void => {
    if (!logging) return;
    try {
      fs.appendFileSync(task.logFile!, `${line}\n`);
    } catch (error) {
      logging = false;
      onLine(task, `its log is not written any more: ${(error as Error).message}`);
    }
  };
  const [program, ...args] = task.command;
  // A group of its own: Ctrl-C in a terminal reaches only us, and we forward it once. The IPC channel tells the child when we die.
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...task.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const forward = (): void => void child.kill(stop.reason as StopSignal);
  const end = (): void => killGroup(child);
  stop.addEventListener('abort', forward);
  kill.addEventListener('abort', end);
  const readers = [child.stdout, child.stderr].map((stream) =>
    readline.createInterface({ input: stream as NodeJS.ReadableStream }).on('line', take),
  );
  return new Promise((resolve) => {
    const finish = (code: number | null): void => {
      stop.removeEventListener('abort', forward);
      kill.removeEventListener('abort', end);
      for (const reader of readers) reader.close();
      const status = code === 0 ? 'done' : stop.aborted ? 'stopped' : 'failed';
      resolve({ name: task.name, status, code, lastLines, seconds: (performance.now() - began) / 1000 });
    };
    child.once('error', (error) => {
      take(`cannot start ${program}: ${error.message}`);
      finish(null);
    });
    child.once('close', (code, signal) => {
      if (signal && !stop.aborted) take(`ended by ${signal}${signal === 'SIGKILL' ? ' (out of memory?)' : ''}`);
      finish(code);
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // no process groups on this platform
  }
}
