// The measured process of our engine and of onnxruntime: `worker.ts stint` or `worker.ts onnxruntime`, requests as in requests.ts.
import readline from 'node:readline';
import { memory } from './memory.ts';
import type { DigestAnswer, DigestRequest, LoadAnswer, LoadRequest, MasksRequest, Request, RunAnswer, RunRequest } from './requests.ts';

/** An engine with its network loaded. */
export interface Worker {
  load(request: LoadRequest): Promise<LoadAnswer>;
  masks?(request: MasksRequest): object;
  run(request: RunRequest): Promise<RunAnswer>;
  digest(request: DigestRequest): Promise<DigestAnswer>;
}

async function answer(worker: Worker, request: Request): Promise<object> {
  switch (request.do) {
    case 'load':
      return worker.load(request);
    case 'masks':
      return worker.masks!(request);
    case 'run':
      return worker.run(request);
    case 'digest':
      return worker.digest(request);
    case 'memory':
      return memory(request.reset);
  }
}

/** Runs `one` on every image until `turn` milliseconds are over; mean time in milliseconds. */
export async function takeTurn(images: number, turn: number, one: (image: number) => Promise<void>): Promise<{ ms: number; runs: number }> {
  const began = performance.now();
  let runs = 0;
  do {
    for (let image = 0; image < images; image++) await one(image);
    runs += images;
  } while (performance.now() - began < turn);
  return { ms: (performance.now() - began) / runs, runs };
}

async function main(kind: string): Promise<void> {
  const worker: Worker =
    kind === 'stint' ? (await import('./stint-worker.ts')).stintWorker() : (await import('./onnx-worker.ts')).onnxWorker();
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const reply = await answer(worker, JSON.parse(line)).catch((error: Error) => ({ error: error.stack ?? String(error) }));
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

if (require.main === module) void main(process.argv[2]);
