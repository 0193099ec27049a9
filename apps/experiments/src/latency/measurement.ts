// What was measured of one case: everything that tables, plot and verdicts are made from, and nothing that is not measured.
import type { ProfileRow } from '@stint/runtime';
import type { EngineName } from './engines.ts';
import type { BlockShape, Work } from './work.ts';

export interface Variant {
  /** `dense`, `sampled-trained-0.35`, `onnxruntime`. */
  id: string;
  engine: EngineName;
  /** Asked for; of the sampled engine with made masks. */
  density?: number;
  /** Statistics of the masks; `own`: a trained network's. */
  masks?: 'trained' | 'white' | 'own';
}

export interface MeasuredVariant extends Variant {
  /** Milliseconds an image, a value a round. */
  ms: number[];
  /** Ours: sampled share of each mask, and the median of each step over the rounds. */
  densities?: Record<string, { mask1: number; mask2: number }>;
  work: Work;
  rows?: ProfileRow[];
}

export interface MeasuredEngine {
  engine: EngineName;
  version: string;
  isa?: string;
  /** Bytes: of the process before it loaded the network, at most while loading and warming up, at most while running. */
  memory: { idle: number; loading: number; running: number };
  /** Largest difference of its outputs from our dense ones, over the outputs' root mean square. */
  difference?: number;
}

export interface Measurement {
  /** Name, network, size, threads of the case. */
  name: string;
  network: string;
  size: [number, number];
  padded: [number, number];
  threads: number;
  blocks: BlockShape[];
  images: number;
  engines: MeasuredEngine[];
  variants: MeasuredVariant[];
  /** Engines that failed or were not there, with the reason. */
  failures: { engine: EngineName; reason: string; unavailable?: boolean }[];
  /** Processes that wanted to run, before and after (1 minute mean). */
  load: [number, number];
  started: string;
  seconds: number;
}
