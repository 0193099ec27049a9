// Test helper: engines that answer at once with times of a simple rule, and can fail when told to.
import { resnetLayout } from '@stint/backbones/plain';
import { loadCheckpoint, type ProfileRow } from '@stint/runtime';
import type { EngineProcess } from './engine-process.ts';
import { EngineError } from './engine-process.ts';
import type { EngineName, StartEngine } from './engines.ts';
import type { LoadRequest, MasksRequest, Request } from './requests.ts';
import { workOf } from './work.ts';

export interface FakeOptions {
  /** Called before an answer; throws for a failure. */
  before?(engine: EngineName, request: Request, asked: number): void;
  /** Of every output value. */
  outputs?: Partial<Record<EngineName, number>>;
  /** Time of a sampled convolution over what its multiply-adds promise; default 1.1. */
  overhead?: number;
}

/** Dense engines take 10 ns a MAC of a convolution (OpenVINO 9), the sampled one as many with an overhead. */
export function fakeEngines(options: FakeOptions = {}): { start: StartEngine; asked: string[]; closed: EngineName[] } {
  const asked: string[] = [];
  const closed: EngineName[] = [];
  const start: StartEngine = (engine): EngineProcess => {
    let load: LoadRequest;
    let requests = 0;
    const masks = new Map<string, MasksRequest['options']>();
    const answer = (request: Request): object => {
      options.before?.(engine, request, ++requests);
      asked.push(`${engine} ${request.do}`);
      switch (request.do) {
        case 'load':
          load = request;
          return { version: '1.0', isa: engine === 'dense' || engine === 'sampled' ? 'fake' : undefined };
        case 'masks':
          masks.set(request.id, request.options);
          return {};
        case 'memory':
          return { resident: 100, peak: 200 };
        case 'digest':
          return { outputs: [request.points.map((point) => (options.outputs?.[engine] ?? 1) * (point - 0.5))] };
        case 'run':
          return run(engine, load, masks.get(request.masks ?? '')?.density ?? 0.4, options);
      }
    };
    return {
      ask: async <Answer>(request: object) => answer(request as Request) as Answer,
      close: async () => void closed.push(engine),
    };
  };
  return { start, asked, closed };
}

function run(engine: EngineName, { model, size, threads }: LoadRequest, density: number, { overhead = 1.1 }: FakeOptions): object {
  if (engine === 'onnxruntime' || engine === 'openvino') return { ms: (engine === 'openvino' ? 9 : 10) / threads, runs: 1 };
  const { description } = loadCheckpoint(model);
  const { blocks } = resnetLayout(description.backbone);
  const masks = Object.fromEntries(blocks.map(({ name }) => [name, { mask1: density, mask2: density }]));
  const dense = workOf(description, size).kinds;
  const rows: ProfileRow[] = ['conv1', ...blocks.flatMap(({ name }) => ['conv1', 'conv2', 'conv3'].map((part) => `${name}.${part}`))].map(
    (name) => {
      const own = engine === 'sampled' && name !== 'conv1';
      const macs = 1e6 * (own ? density : 1);
      const ms = (macs * 1e-6 * (own && density < 1 ? overhead : 1)) / threads;
      return { name, ms, density: own ? density : 1, macs, gflops: 0 };
    },
  );
  if (engine === 'sampled') {
    rows.push(...blocks.map(({ name }) => ({ name: `${name}.masks`, ms: 0.05, density: 1, macs: dense.stem / 100, gflops: 0 })));
  }
  const ms = rows.reduce((sum, row) => sum + row.ms, 0);
  return { ms, runs: 1, rows, densities: engine === 'sampled' ? masks : {} };
}

/** Throws what a process that died throws. */
export function die(engine: string): never {
  throw new EngineError(`${engine}: ended by SIGKILL (out of memory?); its last lines:\n    last words`);
}
