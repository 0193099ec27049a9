// Ctrl-C and friends: the first signal asks to save and stop, the second ends everything at once.
import type { EventEmitter } from 'node:events';

/** Signals that stop a command, and the exit codes that tell so. */
export const STOP_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
export type StopSignal = keyof typeof STOP_CODES;

export interface StopControl {
  /** Aborted with the signal's name as reason. */
  stop: AbortSignal;
  /** Aborted by a second signal. */
  kill: AbortSignal;
  /** Gives the signals back to the process. */
  release(): void;
}

/** Listens for stop signals of `source` (default: this process) and, in a child, for the parent's death. */
export function listenForStop(source: EventEmitter = process): StopControl {
  const stop = new AbortController();
  const kill = new AbortController();
  const listeners: [string, () => void][] = Object.keys(STOP_CODES).map((name) => [
    name,
    () => (stop.signal.aborted ? kill : stop).abort(name),
  ]);
  listeners.push(['disconnect', () => stop.abort('SIGTERM')]);
  for (const [name, listener] of listeners) source.on(name, listener);
  return {
    stop: stop.signal,
    kill: kill.signal,
    release() {
      for (const [name, listener] of listeners) source.off(name, listener);
    },
  };
}

/** The exit code of a command that `signal` stopped. */
export function exitCodeOf(signal: AbortSignal): number {
  return STOP_CODES[signal.reason as StopSignal] ?? 1;
}
