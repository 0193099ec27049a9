// What a measured process is asked and what it answers; openvino_worker.py speaks the same.
import type { ProfileRow } from '@stint/runtime';
import type { MaskOptions } from './masks.ts';

/** How our engine draws its masks: nowhere, from masks that are given, or its own. */
export type OwnSampler = 'dense' | 'given' | 'stochastic';

export interface LoadRequest {
  do: 'load';
  /** Checkpoint (ours), or ONNX file. */
  model: string;
  images: string;
  /** [H,W], padded. */
  size: [number, number];
  threads: number;
  sampler?: OwnSampler;
  isa?: string;
}
export interface LoadAnswer {
  version: string;
  isa?: string;
}

/** Makes masks and keeps them under a name. */
export interface MasksRequest {
  do: 'masks';
  id: string;
  options: MaskOptions;
}

/** Runs all images, again and again until `turn` milliseconds are over. */
export interface RunRequest {
  do: 'run';
  masks?: string;
  turn: number;
}
export interface RunAnswer {
  /** Mean of the runs, in milliseconds. */
  ms: number;
  runs: number;
  /** Ours: means over the images. */
  densities?: Record<string, { mask1: number; mask2: number }>;
  rows?: ProfileRow[];
}

/** Asks for the outputs at some points, to compare engines: `points` are shares of [0,1) of an output's cells in the order C, H, W. */
export interface DigestRequest {
  do: 'digest';
  masks?: string;
  points: number[];
}
export interface DigestAnswer {
  outputs: number[][];
}

/** Memory in bytes so far; `reset` starts the peak anew where the system can do that. */
export interface MemoryRequest {
  do: 'memory';
  reset?: boolean;
}
export interface MemoryAnswer {
  /** Resident now, and at most since the start or the last reset. */
  resident: number;
  peak: number;
}

export type Request = LoadRequest | MasksRequest | RunRequest | DigestRequest | MemoryRequest;
