// Several images at once: a lane is an engine with its threads and, for each image size met, a program with its memory. A lane computes one
// image at a time; images wait for a free lane in the order they came.
import { type NativeEngine, type NativeProgram, nativeProgram } from '@stint/sparse-conv/native';
import type { ModelPlan } from './plan/model.ts';
import { recent } from './recent.ts';

export interface Lane {
  /** The program for a plan of this lane; made at first use. The least recently used one goes when there are too many sizes. */
  program(plan: ModelPlan): NativeProgram;
}

export interface Lanes {
  /** Runs `work` on the next free lane. Rejects with the signal's reason if it is aborted while waiting. */
  use<T>(work: (lane: Lane) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Bytes of all programs. */
  bytes(): number;
  /** Forgets all programs. Work that waits is rejected, work under way ends. */
  close(): void;
}

interface Waiting {
  start(lane: Lane): void;
  fail(error: unknown): void;
}

export function createLanes(engines: readonly NativeEngine[], maxSizes: number): Lanes {
  const programs = engines.map(() => recent<ModelPlan, NativeProgram>(maxSizes));
  const lanes = engines.map((engine, i): Lane => ({ program: (plan) => programs[i].get(plan, () => nativeProgram(engine, plan.program)) }));
  const free = [...lanes];
  const waiting: Waiting[] = [];
  let closed = false;

  const next = () => {
    while (free.length > 0 && waiting.length > 0) waiting.shift()!.start(free.shift()!);
  };

  const acquire = (signal?: AbortSignal) =>
    new Promise<Lane>((resolve, reject) => {
      if (closed) throw closedError();
      signal?.throwIfAborted();
      const entry: Waiting = {
        start(lane) {
          signal?.removeEventListener('abort', onAbort);
          resolve(lane);
        },
        fail(error) {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      const onAbort = () => {
        waiting.splice(waiting.indexOf(entry), 1);
        entry.fail(signal!.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      waiting.push(entry);
      next();
    });

  return {
    async use(work, signal) {
      const lane = await acquire(signal);
      try {
        return await work(lane);
      } finally {
        free.push(lane);
        next();
      }
    },
    bytes: () => programs.flatMap((each) => each.values()).reduce((sum, { bytes }) => sum + bytes, 0),
    close() {
      closed = true;
      for (const each of programs) each.clear();
      for (const { fail } of waiting.splice(0)) fail(closedError());
    },
  };
}

const closedError = () => new Error('runtime: the model is closed; compile it again');
